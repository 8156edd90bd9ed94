package io.inferc;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.CleanUp;
import io.inferc.rewrite.RewriteLog;
import io.inferc.testing.RandomNetworks;
import io.inferc.testing.SmallModels;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * Altered models are loaded, looked at, upgraded and cleaned up, or refused with an exception of
 * ours, and none takes long. {@code -Dinferc.mutants=20000} tries more of them, {@code
 * -Dinferc.mutants.seed=…} the same ones again.
 */
class MutatedModelsTest {
  private static final int COUNT = Integer.getInteger("inferc.mutants", 1500);
  private static final long SEED = Long.getLong("inferc.mutants.seed", System.nanoTime());
  private static final int MOST_SECONDS = 10;
  private static final int NEWEST_UPGRADE = 21;

  private static List<byte[]> originals() {
    List<byte[]> models = new ArrayList<>();
    models.add(SmallModels.perceptron(4, 4, 2, 1).toBytes());
    models.add(SmallModels.branches().toBytes());
    models.add(SmallModels.addConstant(3).toBytes());
    for (int seed = 0; seed < 6; seed++) {
      models.add(RandomNetworks.of(seed).toBytes());
    }
    return models;
  }

  /**
   * Changes a few bytes: flips, other numbers where lengths and kinds are, pieces moved or lost.
   */
  private static byte[] mutant(byte[] original, byte[] other, Random random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      // Most of a file is weights, and most of what can go wrong is in front of them or behind.
      int at =
          random.nextInt(3) == 0
              ? random.nextInt(bytes.length)
              : random.nextInt(Math.min(bytes.length, 1500));
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0x7f);
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> {
          int length = Math.min(random.nextInt(16), bytes.length - at);
          System.arraycopy(other, Math.min(at, other.length - 16), bytes, at, Math.min(length, 16));
        }
        default -> bytes[at] += (byte) (random.nextInt(5) - 2);
      }
    }
    return bytes;
  }

  private static boolean use(byte[] bytes) {
    try {
      OnnxModel model = OnnxModel.read(bytes);
      model.check();
      model.summary();
      model.digest();
      CleanUp.passes(model.opset()).apply(model, new RewriteLog());
      if (model.opset() < NEWEST_UPGRADE) {
        model.upgradeOpset(NEWEST_UPGRADE);
      }
      return true;
    } catch (InfercException e) {
      return false;
    }
  }

  @Test
  void noMutantCausesAnyExceptionButOursOrTakesLong() throws InterruptedException {
    System.out.println("MutatedModelsTest: " + COUNT + " mutants of seed " + SEED);
    Random random = new Random(SEED);
    List<byte[]> originals = originals();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    int accepted = 0;
    try {
      for (int i = 0; i < COUNT; i++) {
        byte[] original = originals.get(random.nextInt(originals.size()));
        byte[] other = originals.get(random.nextInt(originals.size()));
        byte[] mutant = mutant(original, other, random);
        String which = "mutant " + i + " of seed " + SEED;
        try {
          accepted += worker.submit(() -> use(mutant)).get(MOST_SECONDS, TimeUnit.SECONDS) ? 1 : 0;
        } catch (ExecutionException e) {
          fail(which + ": " + Base64.getEncoder().encodeToString(mutant), e.getCause());
        } catch (TimeoutException e) {
          fail(which + " took more than " + MOST_SECONDS + " s", e);
        }
      }
    } finally {
      worker.shutdownNow();
    }
    // Else nothing was tried but the parser.
    assertTrue(accepted > COUNT / 20, accepted + " of " + COUNT + " were accepted");
  }
}
