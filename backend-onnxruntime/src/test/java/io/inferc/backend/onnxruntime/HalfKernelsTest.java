package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
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
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the CPU provider cannot compute in FP16 runs all the same, with the right answers. */
class HalfKernelsTest {
  private static final float[] VALUES = {0.5f, -1, 2, 3, -0.25f, 1.5f, 0.125f, -2};

  private static Node node(String type, String output, String... inputs) {
    return Node.builder(type).name(type + "-" + output).inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder graph() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4))
        .node(node("Relu", "a", "x"));
  }

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  private static float[] run(OnnxModel model, Precision precision) {
    try (CompiledModel compiled = compiler(precision).compile(model);
        Tensor x = Tensor.of(VALUES, 2, 4);
        Tensor y = compiled.run(Map.of("x", x)).get("y")) {
      return y.toFloatArray();
    }
  }

  private static void requireRight(OnnxModel model) {
    float[] expected = run(model, Precision.fp32());
    assertArrayEquals(expected, run(model, Precision.fp16()), 0.01f);
    Dataset samples = Dataset.generated(3, i -> Map.of("x", Tensor.of(VALUES, 2, 4)));
    assertArrayEquals(expected, run(model, Precision.fp16(samples)), 0.01f);
  }

  private static Set<String> leftAlone(OnnxModel model) {
    ModelRewriter rewriter = compiler(Precision.fp16()).rewriter(model);
    rewriter.rewrite(rewriter.plan());
    return rewriter.notes().stream()
        .filter(n -> n.text().contains("On the target"))
        .map(n -> n.node())
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @CsvSource({
    "ScatterElements, add, 16",
    "ScatterElements, mul, 18",
    "ScatterElements, max, 18",
    "ScatterND, add, 16",
    "ScatterND, mul, 18",
    "ScatterND, min, 18"
  })
  void scatterWithAReductionStaysInSinglePrecision(String type, String reduction, int opset) {
    boolean each = type.equals("ScatterElements");
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.longs("i", new long[] {1, 1}, each ? 1 : 2, each ? 2 : 1))
                .initializer(
                    each
                        ? Initializer.floats("u", new float[] {0.5f, 3}, 1, 2)
                        : Initializer.floats("u", new float[] {2, 3, 4, 5, 1, 1, 1, 1}, 2, 4))
                .node(
                    node(type, "y", "a", "i", "u").toBuilder()
                        .attribute(Attribute.of("reduction", reduction))
                        .build())
                .build(),
            opset);
    requireRight(model);
    assertTrue(leftAlone(model).contains(type + "-y"));
  }

  @Test
  void plainScatterIsNoExceptionToAnything() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.longs("i", new long[] {1}, 1, 1))
                .initializer(Initializer.floats("u", new float[] {0.5f, 3, 1, 2}, 1, 4))
                .node(node("ScatterND", "y", "a", "i", "u"))
                .build(),
            18);
    requireRight(model);
    assertTrue(leftAlone(model).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({"EyeLike, 9", "EyeLike, 17", "EyeLike, 22"})
  void operatorsWithoutAKernelStayInSinglePrecision(String type, int opset) {
    requireRight(
        OnnxModel.of(
            graph().node(node(type, "e", "a")).node(node("Add", "y", "e", "a")).build(), opset));
  }

  @ParameterizedTest
  @CsvSource({"9", "13", "17"})
  void meanVarianceNormalizationStaysInSinglePrecision(int opset) {
    Node normalize =
        node("MeanVarianceNormalization", "y", "a").toBuilder()
            .attribute(Attribute.ofInts("axes", 1))
            .build();
    requireRight(OnnxModel.of(graph().node(normalize).build(), opset));
  }

  /** Constants cast like an input, before a power that stays in FP32, once ended the process. */
  @Test
  void aGeluSpelledOutWithConstantsCastLikeItsInputCompiles() {
    GraphBuilder graph = graph();
    float[] constants = {0.5f, 1, 0.797885f, 0.044715f, 3};
    for (int i = 0; i < constants.length; i++) {
      graph
          .initializer(Initializer.floats("k" + i, new float[] {constants[i]}))
          .node(node("CastLike", "c" + i, "k" + i, "a"));
    }
    OnnxModel model =
        OnnxModel.of(
            graph
                .node(node("Pow", "cube", "a", "c4"))
                .node(node("Mul", "small", "c3", "cube"))
                .node(node("Sum", "sum", "a", "small"))
                .node(node("Mul", "scaled", "c2", "sum"))
                .node(node("Tanh", "tanh", "scaled"))
                .node(node("Sum", "phi", "c1", "tanh"))
                .node(node("Mul", "half", "c0", "a"))
                .node(node("Mul", "y", "half", "phi"))
                .build(),
            18);
    requireRight(model);
  }

  @Test
  void aModelWithoutFloatsIsLeftAsItIsAndAWarningSaysSo() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("integers")
                .input(TensorSpec.of("x", DataType.INT64, 2))
                .output(TensorSpec.of("y", DataType.INT64, 2))
                .node(node("Add", "y", "x", "x"))
                .build(),
            17);
    Dataset samples = Dataset.generated(3, i -> Map.of("x", Tensor.of(new long[] {i, 2}, 2)));
    for (Precision precision : List.of(Precision.fp16(), Precision.fp16(samples))) {
      try (CompiledModel compiled = compiler(precision).compile(model);
          Tensor x = Tensor.of(new long[] {3, 4}, 2);
          Tensor y = compiled.run(Map.of("x", x)).get("y")) {
        assertArrayEquals(new long[] {6, 8}, y.toLongArray());
        assertTrue(
            compiled.warnings().stream().anyMatch(w -> w.contains("FP16 was asked for")),
            compiled.warnings()::toString);
      }
    }
  }

  @Test
  void anOptionalValueBetweenNodesIsNotInTheWayOfSamples() {
    requireRight(
        OnnxModel.of(
            graph()
                .node(node("Optional", "o", "a"))
                .node(node("OptionalGetElement", "e", "o"))
                .node(node("Tanh", "y", "e"))
                .build(),
            18));
  }
}
