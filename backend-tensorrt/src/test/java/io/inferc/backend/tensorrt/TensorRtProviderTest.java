package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class TensorRtProviderTest {
  @Test
  void theProviderIsFoundByItsName() {
    var provider = BackendRegistry.discover().provider(Target.TENSORRT);
    assertInstanceOf(TensorRtProvider.class, provider);
    assertEquals("NVIDIA TensorRT", provider.displayName());
  }

  @Test
  void theProbeAnswersHereWhateverIsInstalledAndTheSameEachTime() {
    Availability first = new TensorRtProvider().probe();
    assertEquals(first, new TensorRtProvider().probe());
    if (first instanceof Availability.Unavailable u) {
      assertFalse(u.remedy().isBlank());
    }
  }

  @Test
  void openingWhereItCannotWorkSaysWhy() {
    TensorRtProvider provider = new TensorRtProvider();
    Assumptions.assumeFalse(provider.probe().isAvailable(), "TensorRT works here");
    BackendUnavailableException e = assertThrows(BackendUnavailableException.class, provider::open);
    Availability.Unavailable u = (Availability.Unavailable) provider.probe();
    assertTrue(e.getMessage().contains(u.reason()), e.getMessage());
    assertEquals(u.remedy(), e.remedy());
  }

  @Test
  void findingTheProviderLoadsNoNativeCode() throws IOException {
    ChildJvm.Result child = ChildJvm.run(List.of(), Discovery.class);
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("found tensorrt"), child.output());
    assertFalse(child.output().contains("jnicudart"), child.output());
  }

  @Test
  void aProbeLeavesTheJvmAlive() throws IOException {
    ChildJvm.Result child = ChildJvm.run(List.of(), Probing.class);
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("probed twice"), child.output());
  }

  /** Lists the back ends, and which native libraries that took. */
  public static final class Discovery {
    private Discovery() {}

    public static void main(String[] args) throws IOException {
      System.out.println("found " + BackendRegistry.discover().provider(Target.TENSORRT).name());
      if (Files.exists(Path.of("/proc/self/maps"))) {
        System.out.println(Files.readString(Path.of("/proc/self/maps")));
      }
    }
  }

  /** Probes as an application does. */
  public static final class Probing {
    private Probing() {}

    public static void main(String[] args) {
      new TensorRtProvider().probe();
      new TensorRtProvider().probe();
      System.out.println("probed twice");
    }
  }
}
