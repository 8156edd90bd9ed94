package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
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
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions that give values between bounds keep them, and their digits, in integers. */
@Tag("once")
class BoundedValuesTest {
  private static final int CHANNELS = 8;

  private static GraphBuilder start(long... dims) {
    return Graph.builder("bounded")
        .input(TensorSpec.of("x", DataType.FLOAT32, dims))
        .initializer(Initializer.floats("low", new float[] {-0.4f}))
        .initializer(Initializer.floats("below", new float[] {-0.1f}))
        .initializer(Initializer.floats("zero", new float[] {0}))
        .initializer(Initializer.floats("above", new float[] {0.1f}))
        .initializer(Initializer.floats("high", new float[] {0.4f}));
  }

  private static void conv(GraphBuilder graph, String name, String input, String output) {
    float[] weights = PrecisionTest.random(name.hashCode(), CHANNELS * CHANNELS, 0.4);
    graph
        .initializer(Initializer.floats(name + "_w", weights, CHANNELS, CHANNELS, 1, 1))
        .node(Node.builder("Conv").name(name).inputs(input, name + "_w").outputs(output).build());
  }

  private static double decibels(OnnxModel model, long... dims) {
    int size = (int) Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    Dataset samples =
        Dataset.generated(8, i -> Map.of("x", Tensor.of(PrecisionTest.random(i, size, 1), dims)));
    Compiler integers =
        Compiler.forTarget(Target.onnxRuntime()).precision(Precision.int8(samples)).build();
    try (CompiledModel original = Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
        CompiledModel compiled = integers.compile(model)) {
      Map<String, Tensor> inputs = Map.of("x", Tensor.of(PrecisionTest.random(77, size, 1), dims));
      float[] expected = original.run(inputs).get("y").toFloatArray();
      float[] actual = compiled.run(inputs).get("y").toFloatArray();
      double error = 0;
      double power = 0;
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow(actual[i] - expected[i], 2);
        power += Math.pow(expected[i], 2);
      }
      return 10 * Math.log10(power / error);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "low,high",
    "low,''",
    "'',high",
    "'',''",
    "low,below",
    "above,high",
    "zero,high",
    "low,zero"
  })
  void clipMayLackEitherBound(String low, String high) {
    GraphBuilder graph = start(2, CHANNELS, 9, 10);
    conv(graph, "before", "x", "a");
    graph.node(Node.builder("Clip").name("clip").inputs("a", low, high).outputs("b").build());
    conv(graph, "behind", "b", "y");
    OnnxModel model =
        OnnxModel.of(
            graph.output(TensorSpec.of("y", DataType.FLOAT32, 2, CHANNELS, 9, 10)).build(), 13);
    double found = decibels(model, 2, CHANNELS, 9, 10);
    assertTrue(found > 25, found + " dB");
  }

  @Test
  void sharesOfManyThingsKeepTheirDigits() {
    GraphBuilder graph = start(2, CHANNELS, 9, 10);
    conv(graph, "before", "x", "a");
    graph
        .initializer(Initializer.longs("flat", new long[] {2, -1}, 2))
        .initializer(Initializer.longs("square", new long[] {2, CHANNELS, 9, 10}, 4))
        .node(Node.builder("Reshape").name("flat").inputs("a", "flat").outputs("f").build())
        .node(
            Node.builder("Softmax")
                .name("softmax")
                .inputs("f")
                .attribute(Attribute.of("axis", -1))
                .outputs("s")
                .build())
        .node(Node.builder("Reshape").name("square").inputs("s", "square").outputs("b").build());
    conv(graph, "behind", "b", "y");
    OnnxModel model =
        OnnxModel.of(
            graph.output(TensorSpec.of("y", DataType.FLOAT32, 2, CHANNELS, 9, 10)).build(), 13);
    double found = decibels(model, 2, CHANNELS, 9, 10);
    assertTrue(found > 22, found + " dB");
  }
}
