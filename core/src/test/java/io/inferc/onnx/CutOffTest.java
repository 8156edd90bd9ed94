package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.rewrite.PassPipeline;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.ConstantSharing;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of models that somebody cuts off while they are read: an exception that names them. */
class CutOffTest {
  private static final int ROUNDS = 6;

  @TempDir Path folder;

  private static OnnxModel model() {
    return SmallModels.perceptron(512, 2048, 8, 1);
  }

  private Path withData() {
    Path file = folder.resolve("m.onnx");
    model().save(file, SaveOptions.externalData());
    return file;
  }

  private static void cut(Path file, long size) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileThatIsCutOffBetweenTheCheckAndTheReadIsNamed() {
    OnnxModel model = OnnxModel.load(withData());
    Initializer weights = model.graph().initializer("w1").orElseThrow();
    Path data = folder.resolve("m.onnx.data");
    InfercException e =
        assertThrows(
            ModelFormatException.class,
            () ->
                weights.read(
                    chunks -> {
                      cut(data, 0);
                      ByteBuffer bytes = chunks.get(0);
                      int sum = 0;
                      while (bytes.hasRemaining()) {
                        sum += bytes.get();
                      }
                      return sum;
                    }));
    assertTrue(e.getMessage().contains("m.onnx.data"), e.getMessage());
    assertTrue(e.getMessage().contains("was changed"), e.getMessage());
    assertThrows(ModelFormatException.class, model::requireUnchangedFiles);
  }

  @Test
  void otherBytesThatAreWrittenDuringTheReadAreNoticed() {
    OnnxModel model = OnnxModel.load(withData());
    Initializer weights = model.graph().initializer("w1").orElseThrow();
    assertThrows(
        ModelFormatException.class,
        () ->
            weights.read(
                chunks -> {
                  write(folder.resolve("m.onnx.data"));
                  return chunks.get(0).get(0);
                }));
  }

  private static void write(Path file) {
    try {
      Files.write(file, new byte[] {1, 2, 3, 4}, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In a process that may end. */
  @Test
  void cutsAtAnyMomentOfAnyUseEndInOurExceptions() throws IOException {
    ChildJvm.Result child = ChildJvm.run(List.of(), Cutting.class, folder.toString());
    assertEquals(0, child.exitCode(), child.output());
    assertTrue(child.output().contains("refused"), child.output());
  }

  /** Uses models while a second thread cuts their files off. */
  static final class Cutting {
    private Cutting() {}

    /** What reads a model's file. */
    private interface Use {
      void of(OnnxModel model);
    }

    public static void main(String[] args) throws InterruptedException {
      long seed = System.nanoTime();
      System.out.println("seed " + seed);
      Random random = new Random(seed);
      Path folder = Path.of(args[0]);
      List<Use> uses =
          List.of(
              m -> m.graph().initializers().forEach(Initializer::floats),
              OnnxModel::digest,
              OnnxModel::toBytes,
              m -> m.save(folder.resolve("copy.onnx")),
              m -> m.save(folder.resolve("copy.onnx"), SaveOptions.externalData()),
              m -> PassPipeline.of(new ConstantSharing()).apply(m, new RewriteLog()));
      int refused = 0;
      for (int i = 0; i < ROUNDS; i++) {
        for (Use use : uses) {
          refused += isRefused(folder, i % 2 == 0, random, use) ? 1 : 0;
        }
      }
      System.out.println(refused + " were refused");
      System.exit(refused > 0 ? 0 : 1);
    }

    private static boolean isRefused(Path folder, boolean external, Random random, Use use)
        throws InterruptedException {
      Path file = folder.resolve("cut.onnx");
      model().save(file, external ? SaveOptions.externalData() : SaveOptions.defaults());
      Path cut = external ? folder.resolve(dataOf(file)) : file;
      OnnxModel model = external ? OnnxModel.load(file) : null;
      long micros = random.nextInt(4000);
      Thread cutter =
          new Thread(
              () -> {
                long end = System.nanoTime() + micros * 1000;
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
                cut(cut, 0);
              });
      cutter.start();
      try {
        use.of(model == null ? OnnxModel.load(file) : model);
        return false;
      } catch (InfercException e) {
        if (!e.getMessage().contains(cut.getFileName().toString())) {
          throw e;
        }
        return true;
      } finally {
        cutter.join();
      }
    }

    private static String dataOf(Path file) {
      return OnnxModel.load(file).graph().initializers().stream()
          .flatMap(i -> i.externalData().stream())
          .map(ExternalData::location)
          .findFirst()
          .orElseThrow();
    }
  }
}
