package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Objects that calibration rarely saw are found in integers as they are in floating point. */
class DetectorTest {
  private static final int SIZE = 32;
  private static final int CHANNELS = 16;
  private static final int CLASSES = 4;

  private static Node node(String operator, String output, List<String> inputs, Attribute... a) {
    Node.Builder node =
        Node.builder(operator).name(output).inputs(inputs.toArray(String[]::new)).outputs(output);
    Arrays.stream(a).forEach(node::attribute);
    return node.build();
  }

  private static void conv(
      GraphBuilder graph, String name, String input, int in, int out, int side, float bias) {
    float[] biases = new float[out];
    Arrays.fill(biases, bias);
    float[] weights =
        PrecisionTest.random(name.hashCode(), out * in * side * side, 1.2 / Math.sqrt(in * side));
    graph
        .initializer(Initializer.floats(name + "_w", weights, out, in, side, side))
        .initializer(Initializer.floats(name + "_b", biases, out))
        .node(
            node(
                "Conv",
                name,
                List.of(input, name + "_w", name + "_b"),
                Attribute.ofInts("pads", side / 2, side / 2, side / 2, side / 2),
                Attribute.ofInts("strides", side == 3 ? 2 : 1, side == 3 ? 2 : 1)));
  }

  /** Three scales, each with a head of classes whose scores are hardly ever over a half. */
  private static OnnxModel detector() {
    GraphBuilder graph =
        Graph.builder("detector")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 3, SIZE, SIZE))
            .initializer(Initializer.longs("shape", new long[] {1, CLASSES, -1}, 3));
    String feature = "x";
    for (int i = 0; i < 3; i++) {
      conv(graph, "stage" + i, feature, i == 0 ? 3 : CHANNELS, CHANNELS, 3, 0);
      graph.node(node("Relu", "feature" + i, List.of("stage" + i)));
      feature = "feature" + i;
      conv(graph, "head" + i, feature, CHANNELS, CLASSES, 1, -8);
      graph.node(node("Reshape", "flat" + i, List.of("head" + i, "shape")));
    }
    return OnnxModel.of(
        graph
            .node(
                node(
                    "Concat",
                    "logits",
                    List.of("flat0", "flat1", "flat2"),
                    Attribute.of("axis", 2)))
            .node(node("Sigmoid", "scores", List.of("logits")))
            .output(TensorSpec.of("scores", DataType.FLOAT32, "1, " + CLASSES + ", n"))
            .build(),
        17);
  }

  /** Background, and now and then something bright in it. */
  private static Map<String, Tensor> image(long seed, boolean object) {
    float[] pixels = PrecisionTest.random(seed, 3 * SIZE * SIZE, 0.3);
    if (object) {
      Random random = new Random(seed);
      int at = random.nextInt(SIZE - 8) * SIZE + random.nextInt(SIZE - 8);
      for (int i = 0; i < 3 * 64; i++) {
        pixels[i / 64 * SIZE * SIZE + at + i % 64 / 8 * SIZE + i % 8] += 4;
      }
    }
    return Map.of("x", Tensor.of(pixels, 1, 3, SIZE, SIZE));
  }

  private static final Dataset SAMPLES = Dataset.generated(100, i -> image(i, i % 50 == 49));

  private static List<Integer> found(CompiledModel model, long image) {
    float[] scores = model.run(image(image, true)).get("scores").toFloatArray();
    return IntStream.range(0, scores.length).filter(i -> scores[i] > 0.5).boxed().toList();
  }

  @Test
  void rareObjectsAreFoundByDefault() {
    OnnxModel detector = detector();
    Compiler integers =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8(SAMPLES)).build();
    int right = 0;
    int all = 0;
    try (CompiledModel original =
            Compiler.forTarget(Target.onnxRuntime()).build().compile(detector);
        CompiledModel compiled = integers.compile(detector)) {
      for (int i = 0; i < 30; i++) {
        List<Integer> expected = found(original, 5000 + i);
        List<Integer> actual = found(compiled, 5000 + i);
        right += 2 * (int) actual.stream().filter(expected::contains).count();
        all += expected.size() + actual.size();
      }
    }
    assertTrue(all > 60, all + " objects");
    assertTrue(right >= 0.95 * all, "F1 " + right / (double) all);
  }

  private static Map<String, NumericPrecision> precisions(OnnxModel model, Precision precision) {
    ModelRewriter rewriter =
        Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().rewriter(model);
    return rewriter.plan().decisions().entrySet().stream()
        .filter(e -> e.getKey().matches("(stage|head)."))
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().precision()));
  }

  @Test
  void headsStayInFloatingPointUnlessARuleSaysOtherwise() {
    Map<String, NumericPrecision> byDefault = precisions(detector(), Precision.int8(SAMPLES));
    Map<String, NumericPrecision> ruled =
        precisions(detector(), Precision.int8(SAMPLES).quantize(Layers.named("head1")));
    for (int i = 0; i < 3; i++) {
      assertEquals(NumericPrecision.INT8, byDefault.get("stage" + i));
      assertEquals(NumericPrecision.FP32, byDefault.get("head" + i));
      assertEquals(i == 1 ? NumericPrecision.INT8 : NumericPrecision.FP32, ruled.get("head" + i));
    }
  }

  /** One scale, whose boxes are chosen inside the model. */
  private static OnnxModel suppressing() {
    GraphBuilder graph =
        Graph.builder("suppressing")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 3, SIZE, SIZE))
            .initializer(Initializer.longs("shape", new long[] {1, 5, -1}, 3))
            .initializer(Initializer.longs("parts", new long[] {4, 1}, 2))
            .initializer(Initializer.longs("most", new long[] {10}, 1));
    conv(graph, "stage0", "x", 3, CHANNELS, 3, 0);
    graph.node(node("Relu", "feature0", List.of("stage0")));
    conv(graph, "head0", "feature0", CHANNELS, 5, 3, 0);
    return OnnxModel.of(
        graph
            .node(node("Reshape", "flat", List.of("head0", "shape")))
            .node(
                Node.builder("Split")
                    .name("split")
                    .inputs("flat", "parts")
                    .outputs("corners", "scores")
                    .attribute(Attribute.of("axis", 1))
                    .build())
            .node(node("Transpose", "boxes", List.of("corners"), Attribute.ofInts("perm", 0, 2, 1)))
            .node(node("NonMaxSuppression", "chosen", List.of("boxes", "scores", "most")))
            .output(TensorSpec.of("chosen", DataType.INT64, "n, 3"))
            .build(),
        17);
  }

  @Test
  void headsWhoseBoxesAreSuppressedStayInFloatingPointHoweverFewTheyAre() {
    assertEquals(
        Map.of("stage0", NumericPrecision.INT8, "head0", NumericPrecision.FP32),
        precisions(suppressing(), Precision.int8(SAMPLES)));
  }

  /** A classifier that returns its scores in a shape worked out from the sizes of its features. */
  private static OnnxModel sized() {
    GraphBuilder graph =
        Graph.builder("sized")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 3, " + SIZE + ", " + SIZE))
            .initializer(Initializer.longs("first", new long[] {0}, 1))
            .initializer(Initializer.longs("rest", new long[] {-1}, 1));
    String feature = "x";
    for (int i = 0; i < 3; i++) {
      conv(graph, "stage" + i, feature, i == 0 ? 3 : CHANNELS, CHANNELS, 3, 0);
      feature = "stage" + i;
      graph
          .node(node("Shape", "sizes" + i, List.of(feature)))
          .node(node("Gather", "size" + i, List.of("sizes" + i, "first")));
    }
    graph
        .node(node("GlobalMaxPool", "pooled", List.of(feature)))
        .node(node("Flatten", "flat", List.of("pooled")))
        .initializer(
            Initializer.floats(
                "classes_w", PrecisionTest.random(9, CHANNELS * CLASSES, 0.5), CHANNELS, CLASSES))
        .node(node("MatMul", "classes", List.of("flat", "classes_w")))
        .node(node("Max", "size", List.of("size0", "size1", "size2")))
        .node(node("Concat", "shape", List.of("size", "rest", "first"), Attribute.of("axis", 0)))
        .node(node("Slice", "most", List.of("shape", "first", "two")))
        .initializer(Initializer.longs("two", new long[] {2}, 1))
        .node(node("Reshape", "scores", List.of("classes", "most")))
        .output(TensorSpec.of("scores", DataType.FLOAT32, "n, " + CLASSES));
    return OnnxModel.of(graph.build(), 17);
  }

  @Test
  void layersWhoseSizesAloneAreReadAreNoHeads() {
    assertEquals(
        Map.of(
            "stage0", NumericPrecision.INT8,
            "stage1", NumericPrecision.INT8,
            "stage2", NumericPrecision.INT8),
        precisions(sized(), Precision.int8(SAMPLES)));
  }
}
