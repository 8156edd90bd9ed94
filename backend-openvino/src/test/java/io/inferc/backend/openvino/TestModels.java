package io.inferc.backend.openvino;

import io.inferc.Compiler;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Models that the tests of this package share. */
final class TestModels {
  static final int OPSET = 17;

  private TestModels() {}

  /** Two outputs that are the same tensor under two names, and one that is the input. */
  static OnnxModel twinOutputs() {
    return OnnxModel.of(
        Graph.builder("twins")
            .input(TensorSpec.of("a", DataType.FLOAT32, "n"))
            .input(TensorSpec.of("b", DataType.FLOAT32, "n"))
            .node(Node.of("Add", List.of("a", "b"), List.of("sum")))
            .node(Node.of("Identity", List.of("sum"), List.of("z-first")))
            .node(Node.of("Identity", List.of("sum"), List.of("a-second")))
            .node(Node.of("Identity", List.of("b"), List.of("copy")))
            .output(TensorSpec.of("z-first", DataType.FLOAT32, "n"))
            .output(TensorSpec.of("a-second", DataType.FLOAT32, "n"))
            .output(TensorSpec.of("copy", DataType.FLOAT32, "n"))
            .build(),
        OPSET);
  }

  /** A model that declares n for what is as long as there are elements other than zero. */
  static OnnxModel brokenPromise() {
    return OnnxModel.of(
        Graph.builder("broken-promise")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
            .node(Node.of("NonZero", List.of("x"), List.of("where")))
            .output(TensorSpec.of("where", DataType.INT64, "1, n"))
            .build(),
        OPSET);
  }

  /** Matrix products of constant weights with a bias and a Relu, over [rows, width]. */
  static OnnxModel layers(int count, int width) {
    Random random = new Random(3);
    GraphBuilder graph =
        Graph.builder("layers").input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + width));
    String last = "x";
    for (int i = 0; i < count; i++) {
      graph.initializer(Initializer.floats("w" + i, values(random, width * width), width, width));
      graph.initializer(Initializer.floats("b" + i, values(random, width), width));
      graph.node(node("MatMul", "product" + i, last, "w" + i));
      graph.node(node("Add", "sum" + i, "product" + i, "b" + i));
      last = i == count - 1 ? "y" : "relu" + i;
      graph.node(node("Relu", last, "sum" + i));
    }
    return OnnxModel.of(
        graph.output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + width)).build(), OPSET);
  }

  private static Node node(String operator, String output, String... inputs) {
    return Node.builder(operator).name(output + "-node").inputs(inputs).outputs(output).build();
  }

  private static float[] values(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() / 8;
    }
    return values;
  }

  /** Samples for {@link #layers}. */
  static List<Map<String, Tensor>> samples(int count, int rows, int width) {
    Random random = new Random(5);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] x = values(random, rows * width);
      samples.add(Map.of("x", Tensor.of(x, rows, width)));
    }
    return samples;
  }

  /** Made-up sentences for all-MiniLM-L6-v2. */
  static Map<String, Tensor> tokens(int batch, int length, long seed) {
    Random random = new Random(seed);
    long[] ids = random.longs((long) batch * length, 1_000, 29_000).toArray();
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", Tensor.of(ids, batch, length));
    inputs.put("attention_mask", Tensor.of(ones, batch, length));
    inputs.put("token_type_ids", Tensor.of(new long[ids.length], batch, length));
    return inputs;
  }

  static CompiledModel compile(OnnxModel model, ShapeProfile... profiles) {
    return compile(Target.openVino(), model, profiles);
  }

  static CompiledModel compile(Target target, OnnxModel model, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target);
    for (ShapeProfile profile : profiles) {
      builder.profile(profile);
    }
    return builder.build().compile(model);
  }

  /** One shape of one input. */
  static ShapeProfile input(String name, long... sizes) {
    Range[] ranges = Arrays.stream(sizes).mapToObj(Range::exactly).toArray(Range[]::new);
    return ShapeProfile.named("fixed").input(name, ranges);
  }

  static ShapeProfile rows(String name, long min, long opt, long max) {
    return ShapeProfile.named(name).range("rows", min, opt, max);
  }
}
