package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.testing.GreedyModels;
import io.inferc.testing.HostileModels;
import io.inferc.testing.HostilePlaces;
import io.inferc.testing.HostileStructures;
import io.inferc.testing.HostileWorker;
import io.inferc.testing.MutatedModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
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
 * end it. {@code -Dinferc.hostile=400} tries more of the models with odd arguments, {@code
 * -Dinferc.mutants.run=5000} more altered ones, {@code -Dinferc.mutants.seed=…} the same ones
 * again.
 */
@EnabledOnOs(OS.LINUX)
@Tag("share")
class HostileModelsTest {
  private static final int ODD = Integer.getInteger("inferc.hostile", 40);
  private static final int MUTANTS = Integer.getInteger("inferc.mutants.run", 40);
  private static final long SEED = Long.getLong("inferc.mutants.seed", System.nanoTime());
  private static final int MOST_SECONDS = 10;

  @TempDir Path folder;

  /** These ended the process where no rule refused them. */
  @Test
  void whatIsKnownToEndTheRuntimeIsRefused() {
    Map<String, OnnxModel> all = HostileModels.all();
    for (String name :
        List.of(
            "Div of the smallest INT32 by -1",
            "Div of the smallest INT64 by -1",
            "Mod of the smallest INT32 by -1",
            "Mod of the smallest INT64 by -1",
            "DepthToSpace of 2^33",
            "DFT of nothing",
            "STFT of length 0",
            "GatherND of batches -9",
            "GatherND of -9223372036854775808",
            "Gather of -9",
            "ScatterElements of 9",
            "Pad by 2^62",
            "Pad by -1099511627776, edge",
            "GatherND of batches 1099511627776",
            "ArgMax of nothing",
            "Slice of step -2^63")) {
      OnnxModel model = all.get(name);
      assertTrue(model != null && refused(model), name);
    }
  }

  @Test
  void noModelOfOddArgumentsEndsTheProcess() throws IOException {
    List<String> files = HostileWorker.accepted(HostilePlaces.all(), folder);
    Collections.shuffle(files, new Random(SEED));
    System.out.println(
        "HostileModelsTest: "
            + Math.min(ODD, files.size())
            + " of "
            + files.size()
            + " of seed "
            + SEED);
    assertHarmless(files.subList(0, Math.min(ODD, files.size())));
  }

  @Test
  void modelsWhoseSizesGrowAreCompiledOrRefused() throws IOException {
    List<String> files = new ArrayList<>();
    Map<String, Supplier<byte[]>> all = new LinkedHashMap<>(GreedyModels.growing());
    for (Map.Entry<String, Supplier<byte[]>> model : all.entrySet()) {
      String file = model.getKey().replaceAll("[^A-Za-z0-9^.,-]+", "_") + ".onnx";
      Files.write(folder.resolve(file), model.getValue().get());
      files.add(file);
    }
    assertHarmless(files);
  }

  @Test
  void noOddStructureEndsTheProcess() throws IOException {
    List<String> files = HostileWorker.accepted(HostileStructures.all(), folder);
    // Else nothing was tried but the checks.
    assertTrue(files.size() > 100, files.size() + " were accepted");
    assertHarmless(files);
  }

  @Test
  void noMutantEndsTheProcess() throws IOException {
    System.out.println("HostileModelsTest: " + MUTANTS + " mutants of seed " + SEED);
    Random random = new Random(SEED);
    List<byte[]> originals = MutatedModels.originals();
    List<String> files = new ArrayList<>();
    while (files.size() < MUTANTS) {
      byte[] original = originals.get(random.nextInt(originals.size()));
      byte[] other = originals.get(random.nextInt(originals.size()));
      byte[] mutant = MutatedModels.mutant(original, other, random);
      if (isAccepted(mutant)) {
        String file = files.size() + ".onnx";
        Files.write(folder.resolve(file), mutant);
        files.add(file);
      }
    }
    assertHarmless(files);
  }

  private void assertHarmless(List<String> files) throws IOException {
    Map<String, String> outcomes =
        HostileWorker.outcomes("onnxruntime", folder, files, MOST_SECONDS, List.of());
    assertEquals(files.size(), outcomes.size());
    outcomes.values().removeIf(o -> o.equals("ran") || o.equals("failed") || o.equals("refused"));
    assertEquals(Map.of(), outcomes, "seed " + SEED);
  }

  private static boolean refused(OnnxModel model) {
    return !isAccepted(model.toBytes());
  }

  private static boolean isAccepted(byte[] model) {
    try {
      OnnxModel.read(model);
      return true;
    } catch (InfercException e) {
      return false;
    }
  }
}
