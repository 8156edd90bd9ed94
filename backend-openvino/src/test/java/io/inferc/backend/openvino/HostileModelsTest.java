package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.HostilePlaces;
import io.inferc.testing.HostileStructures;
import io.inferc.testing.HostileWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * What passes the checks is compiled and run without isolation, in a JVM that may end, and must not
 * end it: sizes that no memory holds, odd structures, and a share of the models with odd arguments.
 * {@code -Dinferc.hostile=400} tries more of those, {@code -Dinferc.mutants.seed=…} the same ones
 * again.
 */
@EnabledOnOs(OS.LINUX)
@Tag("share")
class HostileModelsTest {
  private static final int ODD = Integer.getInteger("inferc.hostile", 40);
  private static final long SEED = Long.getLong("inferc.mutants.seed", System.nanoTime());
  private static final int MOST_SECONDS = 10;

  @TempDir Path folder;

  @Test
  void constantsThatNoMemoryHoldsNeitherHangNorEndTheProcess() throws IOException {
    Map<String, Supplier<byte[]>> huge = HostilePlaces.all();
    huge.keySet()
        .retainAll(
            List.of(
                "Tile 2^62 times",
                "ConstantOfShape of 2^40",
                "ConstantOfShape beyond 2^64",
                "Expand to 2^40",
                "Expand beyond 2^64",
                "Range of 2^62"));
    assertEquals(6, huge.size());
    assertHarmless(HostileWorker.accepted(huge, folder));
  }

  @Test
  void noModelOfOddArgumentsEndsTheProcess() throws IOException {
    List<String> files = new ArrayList<>(HostileWorker.accepted(HostilePlaces.all(), folder));
    Collections.shuffle(files, new Random(SEED));
    int count = Math.min(ODD, files.size());
    System.out.println("HostileModelsTest: " + count + " of " + files.size() + " of seed " + SEED);
    assertHarmless(files.subList(0, count));
  }

  @Test
  void noOddStructureEndsTheProcess() throws IOException {
    List<String> files = HostileWorker.accepted(HostileStructures.all(), folder);
    // Else nothing was tried but the checks.
    assertTrue(files.size() > 100, files.size() + " were accepted");
    assertHarmless(files);
  }

  private void assertHarmless(List<String> files) throws IOException {
    TestLibrary.require();
    List<String> options = new ArrayList<>();
    String library = System.getProperty(LibrarySearch.PROPERTY, "");
    if (!library.isBlank()) {
      options.add("-D" + LibrarySearch.PROPERTY + "=" + library);
    }
    Map<String, String> outcomes =
        HostileWorker.outcomes("openvino", folder, files, MOST_SECONDS, options);
    assertEquals(files.size(), outcomes.size());
    outcomes.values().removeIf(o -> o.equals("ran") || o.equals("failed") || o.equals("refused"));
    assertEquals(Map.of(), outcomes, "seed " + SEED);
  }
}
