package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AffineFolding;
import io.inferc.rewrite.cleanup.HardSwishFusion;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RealModels;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvolutionRewritesTest {
  private static float[] random(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Initializer scalar(String name, float value) {
    return Initializer.floats(name, new float[] {value});
  }

  private static GraphBuilder network() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, "1, 3, 8, 8"))
        .output(TensorSpec.of("y", DataType.FLOAT32, "1, 4, ?, ?"))
        .initializer(Initializer.floats("w", random(4 * 3 * 9), 4, 3, 3, 3))
        .initializer(Initializer.floats("w1", random(4 * 3), 4, 3, 1, 1))
        .initializer(Initializer.floats("b", random(4), 4))
        .initializer(Initializer.floats("perChannel", random(4), 1, 4, 1, 1))
        .initializer(Initializer.floats("perColumn", random(8), 8))
        .initializer(scalar("s", 1.5f))
        .initializer(scalar("t", 0.25f))
        .initializer(scalar("three", 3))
        .initializer(Initializer.floats("zero", new float[] {0}))
        .initializer(Initializer.floats("six", new float[] {6}))
        .initializer(Initializer.floats("one", new float[] {1}));
  }

  private static Node conv(String x, String weights, String out, long pad) {
    return Node.builder("Conv")
        .name(out)
        .inputs(x, weights, "b")
        .outputs(out)
        .attribute(Attribute.ofInts("pads", pad, pad, pad, pad))
        .build();
  }

  private static OnnxModel model(GraphBuilder graph, Node... nodes) {
    for (Node n : nodes) {
      graph.node(n);
    }
    return OnnxModel.of(graph.build(), 17);
  }

  private static void assertEquivalent(OnnxModel before, OnnxModel after, long... open) {
    Map<String, Tensor> inputs = Rewrites.inputs(before, 7, open);
    double difference = Rewrites.difference(before, after, inputs);
    assertTrue(difference < 1e-5, "relative difference " + difference);
  }

  @Test
  void constantsAfterAConvolutionGoIntoItsWeights() {
    OnnxModel before =
        model(
            network(),
            conv("x", "w", "c", 1),
            Node.of("Mul", List.of("perChannel", "c"), List.of("m")),
            Node.of("Add", List.of("m", "t"), List.of("a")),
            Node.of("Sub", List.of("a", "s"), List.of("d")),
            Node.of("Div", List.of("d", "s"), List.of("y")));
    OnnxModel after = Rewrites.applied(new AffineFolding(), before);
    assertEquals(1, after.graph().nodes().size());
    assertEquivalent(before, after);
  }

  @Test
  void constantsBeforeAConvolutionWithoutPaddingGoIntoItsWeightsAndBias() {
    OnnxModel before =
        model(
            network(),
            Node.of("Mul", List.of("x", "s"), List.of("m")),
            Node.of("Add", List.of("t", "m"), List.of("a")),
            conv("a", "w1", "y", 0));
    OnnxModel after = Rewrites.applied(new AffineFolding(), before);
    assertEquals(1, after.graph().nodes().size());
    assertEquivalent(before, after);
  }

  @Test
  void beforeAPaddingConvolutionOnlyTheFactorFolds() {
    OnnxModel before =
        model(
            network(),
            Node.of("Mul", List.of("x", "s"), List.of("m")),
            Node.of("Add", List.of("t", "m"), List.of("a")),
            conv("a", "w", "y", 1));
    OnnxModel after = Rewrites.applied(new AffineFolding(), before);
    assertEquals(0, Rewrites.count(after, "Mul"));
    assertEquals(1, Rewrites.count(after, "Add"));
    assertEquivalent(before, after);
  }

  @Test
  void constantsAlongAnotherAxisStay() {
    OnnxModel model =
        model(
            network(),
            conv("x", "w", "c", 1),
            Node.of("Mul", List.of("c", "perColumn"), List.of("y")));
    assertSame(model, new AffineFolding().apply(model, new RewriteLog()));
  }

  @Test
  void aConvolutionWhoseResultIsReadTwiceStays() {
    OnnxModel model =
        model(
            network().output(TensorSpec.of("z", DataType.FLOAT32, "1, 4, ?, ?")),
            conv("x", "w", "c", 1),
            Node.of("Mul", List.of("c", "s"), List.of("y")),
            Node.of("Neg", List.of("c"), List.of("z")));
    assertSame(model, new AffineFolding().apply(model, new RewriteLog()));
  }

  private static Node clip(String x, String low, String high) {
    return Node.of("Clip", List.of(x, low, high), List.of("k"));
  }

  private static OnnxModel hardSwish(String high) {
    return model(
        network()
            .initializer(Initializer.floats("low", new float[] {0}))
            .initializer(Initializer.floats("high6", new float[] {6})),
        conv("x", "w", "c", 1),
        Node.of("Add", List.of("c", "three"), List.of("a")),
        clip("a", "lowScalar", high),
        Node.of("Mul", List.of("c", "k"), List.of("p")),
        Node.of("Div", List.of("p", "six"), List.of("y")));
  }

  private static OnnxModel withScalars(OnnxModel model) {
    return model.withGraph(
        model
            .graph()
            .edit()
            .putInitializer(Initializer.floats("lowScalar", new float[] {0}, new long[0]))
            .putInitializer(Initializer.floats("highScalar", new float[] {6}, new long[0]))
            .putInitializer(Initializer.floats("sevenScalar", new float[] {7}, new long[0]))
            .build());
  }

  @Test
  void hardSwishIsWrittenWithTwoNodes() {
    OnnxModel before = withScalars(hardSwish("highScalar"));
    OnnxModel after = Rewrites.applied(new HardSwishFusion(), before);
    assertEquals(3, after.graph().nodes().size());
    assertEquals(1, Rewrites.count(after, "HardSigmoid"));
    assertEquivalent(before, after);
  }

  @Test
  void aClipAtSevenIsNoHardSwish() {
    OnnxModel model = withScalars(hardSwish("sevenScalar"));
    assertSame(model, new HardSwishFusion().apply(model, new RewriteLog()));
  }

  @Test
  void theTextRecogniserLosesAllHardSwishAndAffineNodes() {
    OnnxModel before = OnnxModel.load(RealModels.OCR_RECOGNITION.path());
    OnnxModel hard = Rewrites.applied(new HardSwishFusion(), before);
    assertEquals(28, Rewrites.count(hard, "HardSigmoid") - Rewrites.count(before, "HardSigmoid"));
    OnnxModel after = Rewrites.applied(new AffineFolding(), hard);
    assertTrue(after.graph().nodes().size() < before.graph().nodes().size() - 120);
    assertEquivalent(before, after, 1, 48, 64);
  }
}
