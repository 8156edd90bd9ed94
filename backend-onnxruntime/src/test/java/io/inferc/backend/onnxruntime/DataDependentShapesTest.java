package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose shapes depend on the data or on bounds keep their answers at every precision. */
class DataDependentShapesTest {
  private static final int WIDTH = 16;

  private static Node node(String op, String output, String... inputs) {
    return Node.of(op, List.of(inputs), List.of(output));
  }

  private static Initializer longs(String name, long... values) {
    return Initializer.longs(name, values, values.length);
  }

  private static float[] random(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A graph that begins with a product of x and a matrix, named a. */
  private static GraphBuilder product() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + WIDTH))
        .initializer(Initializer.floats("w", random(1, WIDTH * WIDTH), WIDTH, WIDTH))
        .node(node("MatMul", "a", "x", "w"));
  }

  private static Map<String, Tensor> rows(long seed, int count) {
    return Map.of("x", Tensor.of(random(seed, count * WIDTH), count, WIDTH));
  }

  /** Compares all precisions with the model as it is, on inputs of several lengths. */
  private static void checkEveryPrecision(Graph graph, int... lengths) {
    OnnxModel model = OnnxModel.of(graph, 17);
    Dataset samples = Dataset.generated(6, i -> rows(i, 20 + 30 * (int) i));
    List<Precision> precisions =
        List.of(
            Precision.int8(samples),
            Precision.int8Dynamic(),
            Precision.fp16(samples),
            Precision.fp16());
    try (CompiledModel plain = compile(model, Precision.fp32())) {
      for (Precision precision : precisions) {
        try (CompiledModel compiled = compile(model, precision)) {
          for (int length : lengths) {
            Tensor expected = plain.run(rows(length, length)).get("y");
            Tensor actual = compiled.run(rows(length, length)).get("y");
            assertArrayEquals(expected.shape(), actual.shape(), precision + " at " + length);
            assertNear(expected.toFloatArray(), actual.toFloatArray(), precision + " " + length);
          }
        }
      }
    }
  }

  private static CompiledModel compile(OnnxModel model, Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build().compile(model);
  }

  private static void assertNear(float[] expected, float[] actual, String message) {
    float largest = 0;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 0.1 * largest, message);
    }
  }

  @Test
  void paddingToAMultipleInsideTheModelTakesAnyLength() {
    checkEveryPrecision(
        product()
            .output(TensorSpec.of("y", DataType.FLOAT32, "?, " + WIDTH))
            .initializer(longs("first", 0))
            .initializer(longs("window", 64))
            .initializer(longs("none", 0))
            .initializer(longs("blocks", -1, 64, WIDTH))
            .node(node("Shape", "s", "x"))
            .node(node("Gather", "n", "s", "first"))
            .node(node("Neg", "negative", "n"))
            .node(node("Mod", "missing", "negative", "window"))
            .node(
                Node.builder("Concat")
                    .inputs("none", "none", "missing", "none")
                    .outputs("pads")
                    .attribute(Attribute.of("axis", 0))
                    .build())
            .node(node("Pad", "padded", "a", "pads"))
            .node(node("Reshape", "windows", "padded", "blocks"))
            .node(
                Node.builder("ReduceMax")
                    .inputs("windows")
                    .outputs("y")
                    .attribute(Attribute.ofInts("axes", 1))
                    .attribute(Attribute.of("keepdims", 0))
                    .build())
            .build(),
        10,
        64,
        65,
        200);
  }

  @Test
  void whatIsFoundInTheDataIsStillFound() {
    checkEveryPrecision(
        product()
            .output(TensorSpec.of("y", DataType.FLOAT32, "?"))
            .initializer(longs("second", 1))
            .initializer(longs("three", 3))
            .initializer(longs("flat", -1))
            .node(node("NonZero", "places", "x"))
            .node(node("Shape", "s", "places"))
            .node(node("Gather", "found", "s", "second"))
            .node(node("Min", "k", "found", "three"))
            .node(node("Reshape", "all", "a", "flat"))
            .node(Node.builder("TopK").inputs("all", "k").outputs("y", "order").build())
            .build(),
        2,
        40);
  }

  @Test
  void aLoopThatDoesNotEndOnZerosIsCompiled() {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64, ""))
            .input(TensorSpec.of("c", DataType.BOOL, ""))
            .input(TensorSpec.of("v", DataType.FLOAT32, "rows, " + WIDTH))
            .initializer(Initializer.floats("two", new float[] {2}))
            .initializer(Initializer.floats("limit", new float[] {1e4f}))
            .node(node("Mul", "doubled", "v", "two"))
            .node(node("Abs", "sizes", "doubled"))
            .node(
                Node.builder("ReduceSum")
                    .inputs("sizes")
                    .outputs("sum")
                    .attribute(Attribute.of("keepdims", 0))
                    .build())
            .node(node("Less", "on", "sum", "limit"))
            .output(TensorSpec.of("on", DataType.BOOL, ""))
            .output(TensorSpec.of("doubled", DataType.FLOAT32, "rows, " + WIDTH))
            .build();
    OnnxModel model =
        OnnxModel.of(
            product()
                .output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + WIDTH))
                .initializer(Initializer.longs("yes", DataType.BOOL, new long[] {1}))
                .node(
                    Node.builder("Loop")
                        .inputs("", "yes", "a")
                        .outputs("y")
                        .attribute(Attribute.of("body", body))
                        .build())
                .build(),
            17);
    try (CompiledModel plain = compile(model, Precision.fp32());
        CompiledModel compiled = compile(model, Precision.int8Dynamic())) {
      float[] expected = plain.run(rows(3, 5)).get("y").toFloatArray();
      assertNear(expected, compiled.run(rows(3, 5)).get("y").toFloatArray(), "in a loop");
    }
  }

  @Test
  void aMeanOverALengthThatIsReadFromTheShapeTakesAnyLength() {
    checkEveryPrecision(
        product()
            .output(TensorSpec.of("y", DataType.FLOAT32, "1, " + WIDTH))
            .initializer(longs("rows", 0))
            .node(node("ReduceSum", "sum", "a", "rows"))
            .node(node("Shape", "s", "a"))
            .node(node("Gather", "n", "s", "rows"))
            .node(
                Node.builder("Cast")
                    .inputs("n")
                    .outputs("length")
                    .attribute(Attribute.of("to", 1))
                    .build())
            .node(node("Div", "y", "sum", "length"))
            .build(),
        20,
        170,
        400);
  }

  /** The graph with a shape for the tensor a that an exporter got wrong. */
  private static Graph misdeclared(GraphBuilder graph, String shape) {
    GraphEditor editor = graph.build().edit();
    editor.putValueInfo(TensorSpec.of("a", DataType.FLOAT32, shape));
    return editor.build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rows, 8", "30, 8", "?, 8", "rows, 1, 16", "16"})
  void aWrongDeclarationIsNotBelieved(String shape) {
    checkEveryPrecision(
        misdeclared(
            product()
                .output(TensorSpec.of("y", DataType.FLOAT32, "?, ?"))
                .initializer(longs("halves", -1, 8))
                .initializer(Initializer.floats("w2", random(2, 8 * WIDTH), 8, WIDTH))
                .node(node("Reshape", "b", "a", "halves"))
                .node(node("MatMul", "y", "b", "w2")),
            shape),
        1,
        4,
        30);
  }
}
