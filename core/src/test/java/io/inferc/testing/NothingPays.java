package io.inferc.testing;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Models of several kinds that no other precision makes faster and keeps right. */
public final class NothingPays {
  private static final Map<String, Supplier<OnnxModel>> KINDS =
      Map.of(
          "tiny", NothingPays::tiny,
          "sorting", NothingPays::sorting,
          "chaos", NothingPays::chaos);

  private NothingPays() {}

  /**
   * Writes the models to a folder, for benchmarks that take files.
   *
   * @param words the folder
   */
  public static void main(String... words) {
    KINDS.forEach((name, model) -> model.get().save(Path.of(words[0]).resolve(name + ".onnx")));
  }

  /**
   * Two layers of a few numbers: calling it is all that it takes.
   *
   * @return a model with input x of [1, 16] and output y of [1, 4]
   */
  public static OnnxModel tiny() {
    Builder b = new Builder("tiny", "1, 16", "1, 4");
    String hidden = b.node("Relu", b.node("Gemm", "x", b.weights(16, 32), b.weights(32)));
    b.graph.node(
        Node.builder("Gemm")
            .inputs(hidden, b.weights(32, 4), b.weights(4))
            .outputs("y")
            .name("last")
            .build());
    return b.model();
  }

  /**
   * The largest of many numbers and where they were: nothing in it multiplies.
   *
   * @return a model with input x of [64, 4096] and output y of [64, 4096]
   */
  public static OnnxModel sorting() {
    Builder b = new Builder("sorting", "64, 4096", "64, 4096");
    b.graph.initializer(Initializer.longs("k", new long[] {4096}, 1));
    b.graph.node(
        Node.builder("TopK").name("sorted").inputs("x", "k").outputs("values", "places").build());
    b.graph.node(
        Node.builder("CumSum").name("sums").inputs("values", b.axis()).outputs("y").build());
    return b.model();
  }

  /**
   * A product, and a map that doubles a difference at each of its 24 steps, so that whatever is
   * rounded differently comes out differently.
   *
   * @return a model with input x of [8, 512] and output y of [8, 512]
   */
  public static OnnxModel chaos() {
    Builder b = new Builder("chaos", "8, 512", "8, 512");
    b.graph.initializer(Initializer.floats("one", new float[] {1}, 1));
    b.graph.initializer(Initializer.floats("four", new float[] {4}, 1));
    String t = b.node("Sigmoid", b.node("MatMul", "x", b.weights(512, 512)));
    for (int step = 0; step < 24; step++) {
      t = b.node("Mul", b.node("Mul", t, "four"), b.node("Sub", "one", t));
    }
    b.graph.node(Node.builder("Identity").name("last").inputs(t).outputs("y").build());
    return b.model();
  }

  private static final class Builder {
    private final GraphBuilder graph;
    private final Random random = new Random(7);
    private int count;

    Builder(String name, String input, String output) {
      graph =
          Graph.builder(name)
              .input(TensorSpec.of("x", DataType.FLOAT32, input))
              .output(TensorSpec.of("y", DataType.FLOAT32, output));
    }

    OnnxModel model() {
      return OnnxModel.of(graph.build(), 17);
    }

    String weights(int... dims) {
      int size = 1;
      long[] sizes = new long[dims.length];
      for (int i = 0; i < dims.length; i++) {
        size *= dims[i];
        sizes[i] = dims[i];
      }
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (random.nextGaussian() / Math.sqrt(dims[0]));
      }
      String name = "w" + count++;
      graph.initializer(Initializer.floats(name, values, sizes));
      return name;
    }

    String axis() {
      graph.initializer(Initializer.longs("axis", new long[] {1}, 1));
      return "axis";
    }

    String node(String type, String... inputs) {
      String name = type.toLowerCase(Locale.ROOT) + count++;
      graph.node(Node.builder(type).name(name).inputs(inputs).outputs(name + "_y").build());
      return name + "_y";
    }
  }
}
