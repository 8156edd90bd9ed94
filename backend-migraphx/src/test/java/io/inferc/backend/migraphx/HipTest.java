package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The real HIP, which MIGraphX's GPU target brings along, on a machine with or without a GPU. */
class HipTest {
  @TempDir Path folder;

  @Test
  void withoutADriverNothingIsLoaded() {
    Path driver = folder.resolve("kfd");
    var none = (Hip.Found.None) Hip.find(folder.resolve("nothing.so"), driver);
    assertTrue(none.reason().contains(driver + " is missing"), none.reason());
  }

  @Test
  void aLibraryThatIsNoneIsNamed() throws IOException {
    Path driver = Files.writeString(folder.resolve("kfd"), "");
    Path library = Files.writeString(folder.resolve("libmigraphx_gpu.so"), "not a library");
    var none = (Hip.Found.None) Hip.find(library, driver);
    assertTrue(none.reason().contains(library.toString()), none.reason());
  }

  /** The file of the GPU target, or the test is skipped. */
  private static Path gpuLibrary() {
    MigraphxLibrary library = RealLibrary.orSkip();
    Optional<Path> gpu = Targets.TargetFiles.beside(library.file()).of(Targets.GPU);
    Assumptions.assumeTrue(gpu.isPresent(), "this MIGraphX has no GPU target");
    return gpu.orElseThrow();
  }

  private Hip.Found findPastTheDriver() throws IOException {
    return Hip.find(gpuLibrary(), Files.writeString(folder.resolve("kfd"), ""));
  }

  @Test
  void everyFunctionIsThereAndTheAbsenceOfDevicesIsTold() throws IOException {
    Hip.Found found = findPastTheDriver();
    if (found instanceof Hip.Found.Gpus gpus) {
      assertEquals("gpu:0", gpus.hip().devices().get(0).id());
    } else {
      var none = assertInstanceOf(Hip.Found.None.class, found);
      assertTrue(none.reason().contains("hipErrorNoDevice"), none.reason());
    }
  }

  @Test
  void callsWithoutADeviceFailWithTheNameOfTheError() throws IOException {
    Assumptions.assumeTrue(findPastTheDriver() instanceof Hip.Found.None, "there is a GPU");
    HipStreams streams = new HipStreams(0);
    for (Executable call :
        new Executable[] {
          () -> streams.createStream(), () -> streams.allocate(8), () -> streams.allocateHost(8)
        }) {
      MigraphxCallException e = assertThrows(MigraphxCallException.class, call);
      assertTrue(String.valueOf(e.getMessage()).contains("hipErrorNoDevice"), e.getMessage());
    }
  }
}
