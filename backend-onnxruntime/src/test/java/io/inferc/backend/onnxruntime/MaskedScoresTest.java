package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.calibrate.RangeObserver;
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
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a mask takes out stays out in integers, and what it leaves keeps its digits. */
@Tag("once")
class MaskedScoresTest {
  private static final int WIDTH = 32;
  private static final int LENGTH = 12;

  private static Node node(String operator, String output, String... inputs) {
    return Node.builder(operator).name(output + "_node").inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder attention(String name) {
    GraphBuilder graph =
        Graph.builder(name)
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, " + LENGTH + ", " + WIDTH))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, " + LENGTH + ", " + WIDTH));
    for (String part : List.of("q", "k", "v", "o")) {
      graph.initializer(
          Initializer.floats(
              "w" + part, PrecisionTest.random(part.charAt(0), WIDTH * WIDTH, 0.18), WIDTH, WIDTH));
    }
    for (String part : List.of("q", "k", "v")) {
      graph.node(node("MatMul", part, "x", "w" + part));
    }
    return graph
        .initializer(Initializer.floats("scale", new float[] {0.18f}))
        .node(
            node("Transpose", "kt", "k").toBuilder()
                .attribute(Attribute.ofInts("perm", 0, 2, 1))
                .build())
        .node(node("MatMul", "qk", "q", "kt"))
        .node(node("Mul", "scores", "qk", "scale"));
  }

  private static OnnxModel finish(GraphBuilder graph) {
    return OnnxModel.of(
        graph
            .node(node("Softmax", "p", "masked"))
            .node(node("MatMul", "context", "p", "v"))
            .node(node("MatMul", "y", "context", "wo"))
            .build(),
        17);
  }

  /** Padding of some samples, taken out by Where. */
  private static OnnxModel padded(float fill) {
    return finish(
        attention("padded")
            .input(TensorSpec.of("mask", DataType.BOOL, "batch, 1, " + LENGTH))
            .initializer(Initializer.floats("fill", new float[] {fill}))
            .node(node("Where", "masked", "mask", "scores", "fill")));
  }

  /** What comes later, taken out by a constant that is added. */
  private static OnnxModel causal(float fill) {
    float[] mask = new float[LENGTH * LENGTH];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % LENGTH > i / LENGTH ? fill : 0;
    }
    return finish(
        attention("causal")
            .initializer(Initializer.floats("mask", mask, 1, LENGTH, LENGTH))
            .node(node("Add", "masked", "scores", "mask")));
  }

  /** Padding taken out by {@code (1 - mask) * fill}. */
  private static OnnxModel computed(float fill) {
    return finish(
        attention("computed")
            .input(TensorSpec.of("mask", DataType.BOOL, "batch, 1, " + LENGTH))
            .initializer(Initializer.floats("fill", new float[] {fill}))
            .initializer(Initializer.floats("one", new float[] {1}))
            .node(node("Cast", "kept", "mask").toBuilder().attribute(Attribute.of("to", 1)).build())
            .node(node("Sub", "padding", "one", "kept"))
            .node(node("Mul", "added", "padding", "fill"))
            .node(node("Add", "masked", "scores", "added")));
  }

  /** Later samples are padded more; the first not at all. */
  private static Map<String, Tensor> sample(OnnxModel model, long number, int padding) {
    Tensor x = Tensor.of(PrecisionTest.random(number, 2 * LENGTH * WIDTH, 1.5), 2, LENGTH, WIDTH);
    if (model.graph().inputs().size() == 1) {
      return Map.of("x", x);
    }
    Tensor mask = Tensor.allocate(DataType.BOOL, 2, 1, LENGTH);
    for (int i = 0; i < 2 * LENGTH; i++) {
      mask.bytes().put(i, (byte) (i % LENGTH < LENGTH - padding ? 1 : 0));
    }
    return Map.of("x", x, "mask", mask);
  }

  private static double sqnr(float[] expected, float[] found) {
    double error = 0;
    double power = 0;
    for (int i = 0; i < found.length; i++) {
      error += Math.pow(found[i] - expected[i], 2);
      power += Math.pow(expected[i], 2);
    }
    return 10 * Math.log10(power / error);
  }

  private static void check(OnnxModel model, int padding, RangeObserver observer) {
    Random random = new Random(5);
    Dataset samples =
        Dataset.generated(
            30, i -> sample(model, i, padding == 0 ? 0 : random.nextInt(padding + 1)));
    Precision precision = Precision.int8(samples).observer(observer);
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
    ModelRewriter rewriter = compiler.rewriter(model);
    long layers =
        rewriter.rewrite(rewriter.plan()).graph().nodes().stream()
            .filter(n -> n.opType().equals("QuantizeLinear"))
            .count();
    assertTrue(layers >= 3, layers + " tensors are quantized");
    try (CompiledModel original = Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
        CompiledModel compiled = compiler.compile(model)) {
      for (int p : new int[] {0, 1, 5, 11}) {
        float[] expected = original.run(sample(model, 700 + p, p)).get("y").toFloatArray();
        float[] found = compiled.run(sample(model, 700 + p, p)).get("y").toFloatArray();
        double sqnr = sqnr(expected, found);
        assertTrue(
            sqnr > 20,
            model.graph().name() + ", " + observer + ", padding " + p + ": " + sqnr + " dB");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"-Infinity", "-3.4028235e38", "-1e30", "-1e9", "-65504", "-10000", "-100"})
  void scoresOfAttentionInEveryFormOfMask(float fill) {
    check(padded(fill), 6, RangeObserver.percentile());
    check(causal(fill), 0, RangeObserver.percentile());
    if (Float.isFinite(fill)) {
      check(computed(fill), 6, RangeObserver.percentile());
    }
  }

  @Test
  void everyObserverLeavesMasksOut() {
    for (RangeObserver observer :
        List.of(RangeObserver.minMax(), RangeObserver.movingAverage(), RangeObserver.mse())) {
      check(padded(Float.NEGATIVE_INFINITY), 6, observer);
    }
  }

  @Test
  void masksThatNoSampleUsed() {
    for (float fill : new float[] {Float.NEGATIVE_INFINITY, -1e9f, -1e4f}) {
      check(padded(fill), 0, RangeObserver.percentile());
    }
  }

  @Test
  void aBorderOfMinusInfinityBeforeAMaximum() {
    for (float fill : new float[] {Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, -1e5f}) {
      OnnxModel model =
          OnnxModel.of(
              Graph.builder("bordered")
                  .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4, 8, 8))
                  .initializer(
                      Initializer.floats("w", PrecisionTest.random(1, 4 * 4 * 9, 0.2), 4, 4, 3, 3))
                  .initializer(
                      Initializer.floats("v", PrecisionTest.random(2, 4 * 4 * 9, 0.2), 4, 4, 3, 3))
                  .initializer(Initializer.longs("pads", new long[] {0, 0, 1, 1, 0, 0, 1, 1}, 8))
                  .initializer(Initializer.floats("fill", new float[] {fill}))
                  .node(node("Conv", "a", "x", "w"))
                  .node(node("Pad", "b", "a", "pads", "fill"))
                  .node(
                      node("MaxPool", "c", "b").toBuilder()
                          .attribute(Attribute.ofInts("kernel_shape", 3, 3))
                          .build())
                  .node(node("Conv", "y", "c", "v"))
                  .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4, 4, 4))
                  .build(),
              17);
      Dataset samples =
          Dataset.generated(
              20, i -> Map.of("x", Tensor.of(PrecisionTest.random(i, 512, 1), 2, 4, 8, 8)));
      try (CompiledModel original =
              Compiler.forTarget(Target.onnxRuntime()).build().compile(model);
          CompiledModel compiled =
              Compiler.forTarget(Target.onnxRuntime())
                  .precision(Precision.int8(samples))
                  .build()
                  .compile(model)) {
        Map<String, Tensor> x =
            Map.of("x", Tensor.of(PrecisionTest.random(99, 512, 1), 2, 4, 8, 8));
        float[] expected = original.run(x).get("y").toFloatArray();
        float[] found = compiled.run(x).get("y").toFloatArray();
        assertTrue(sqnr(expected, found) > 25, fill + ": " + sqnr(expected, found));
      }
    }
  }
}
