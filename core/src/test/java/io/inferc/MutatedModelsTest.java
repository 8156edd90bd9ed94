package io.inferc;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.testing.MutatedModels;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Altered models are loaded, looked at, upgraded and cleaned up, or refused with an exception of
 * ours, and none takes long. {@code -Dinferc.mutants=20000} tries more of them, {@code
 * -Dinferc.mutants.seed=…} the same ones again.
 */
@Tag("share")
class MutatedModelsTest {
  private static final int COUNT = Integer.getInteger("inferc.mutants", 1500);
  private static final long SEED = Long.getLong("inferc.mutants.seed", System.nanoTime());
  private static final int MOST_SECONDS = 10;
  private static final int NEWEST_UPGRADE = 21;

  private static boolean use(byte[] bytes) {
    try {
      OnnxModel model = OnnxModel.read(bytes);
      model.check();
      model.summary();
      model.digest();
      CleanUp.pipeline().apply(model, new RewriteLog());
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
    List<byte[]> originals = MutatedModels.originals();
    ExecutorService worker = Executors.newSingleThreadExecutor();
    int accepted = 0;
    try {
      for (int i = 0; i < COUNT; i++) {
        byte[] original = originals.get(random.nextInt(originals.size()));
        byte[] other = originals.get(random.nextInt(originals.size()));
        byte[] mutant = MutatedModels.mutant(original, other, random);
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
