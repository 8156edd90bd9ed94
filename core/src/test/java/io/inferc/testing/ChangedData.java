package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.inferc.Compiler;
import io.inferc.onnx.SaveOptions;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Compiles a model whose weights lie beside it, and then changes and cuts off the file. */
public final class ChangedData {
  private static final int WIDTH = 256;

  private ChangedData() {}

  /**
   * Fails, or dies, unless the answers stay.
   *
   * @param arguments the name of the back end, and an empty folder
   * @throws IOException if files cannot be written
   */
  public static void main(String... arguments) throws IOException {
    Path file = Path.of(arguments[1]).resolve("model.onnx");
    SmallModels.perceptron(WIDTH, WIDTH, 2, 1).save(file, SaveOptions.externalData());
    Path data = file.resolveSibling("model.onnx.data");
    try (CompiledModel model =
        Compiler.forTarget(Target.backend(arguments[0])).build().compile(file)) {
      float[] before = answers(model);
      byte[] other = new byte[(int) Files.size(data)];
      Arrays.fill(other, (byte) 0x3f);
      try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(other));
      }
      assertArrayEquals(before, answers(model), "after other bytes were written");
      try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      assertArrayEquals(before, answers(model), "after the file was cut off");
    }
    System.out.println("the answers stayed");
  }

  private static float[] answers(CompiledModel model) {
    float[] values = new float[WIDTH];
    Arrays.fill(values, 0.25f);
    try (Tensor x = Tensor.of(values, 1, WIDTH);
        InferenceSession session = model.newSession()) {
      session.bindInput(model.inputs().get(0).name(), x);
      session.run();
      return session.output(model.outputs().get(0).name()).toFloatArray();
    }
  }
}
