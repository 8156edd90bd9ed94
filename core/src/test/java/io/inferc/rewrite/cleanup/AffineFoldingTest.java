package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import org.junit.jupiter.api.Test;

class AffineFoldingTest {
  private static final String IMAGES = "n, 2, 5, 4";

  private static PassFixture apply(OnnxModel model) {
    return PassFixture.of(new AffineFolding()).model(model);
  }

  private static int size(PassFixture fixture) {
    return fixture.after().graph().nodes().size();
  }

  /** A convolution of x with a constant before it. */
  private static OnnxModel before(
      String operator, Initializer constant, String shape, Attribute... attributes) {
    return model(
        13,
        shape,
        g ->
            g.initializer(constant)
                .initializer(weights("w", 3, 2, 2, 2))
                .node(node("before", operator, List.of("x", constant.name())))
                .node(node("y", "Conv", List.of("before", "w"), attributes)));
  }

  /** A convolution of x with a constant behind it. */
  private static OnnxModel behind(String operator, Initializer constant) {
    return model(
        13,
        IMAGES,
        g ->
            g.initializer(constant)
                .initializer(weights("w", 3, 2, 2, 2))
                .node(node("conv", "Conv", List.of("x", "w")))
                .node(node("y", operator, List.of("conv", constant.name()))));
  }

  @Test
  void constantsAroundAConvolutionBecomePartOfIt() {
    for (String operator : List.of("Mul", "Add", "Sub", "Div")) {
      assertEquals(1, size(apply(before(operator, scalar("c", 1.7), IMAGES)).checkSound(1e-5)));
      Initializer channels = Initializer.floats("c", new float[] {2, -0.5f, 3}, 3, 1, 1);
      assertEquals(1, size(apply(behind(operator, channels)).checkSound(1e-5)));
    }
  }

  @Test
  void aSummandStaysOutsideOfPadding() {
    Attribute pads = Attribute.ofInts("pads", 1, 0, 0, 1);
    apply(before("Add", scalar("c", 2), IMAGES, pads)).checkUnchanged();
    apply(before("Add", scalar("c", 2), IMAGES, Attribute.of("auto_pad", "SAME_LOWER")))
        .checkUnchanged();
    assertEquals(1, size(apply(before("Mul", scalar("c", 2), IMAGES, pads)).checkSound(1e-5)));
  }

  @Test
  void aConstantThatMakesAnImageOfABatchStays() {
    Initializer four = Initializer.floats("c", new float[] {2}, 1, 1, 1, 1);
    apply(before("Mul", four, "2, 5, 4")).checkUnchanged();
    apply(before("Mul", four, "")).checkUnchanged();
    assertEquals(1, size(apply(before("Mul", four, IMAGES)).checkSound(1e-5)));
  }

  @Test
  void constantsThatAreNotOneForEachChannelStay() {
    // Along the width, along the batch, and for each channel of the input.
    apply(behind("Mul", weights("c", 3))).checkUnchanged();
    apply(behind("Add", weights("c", 3, 1, 1, 1))).checkUnchanged();
    apply(before("Mul", weights("c", 2, 1, 1), IMAGES)).checkUnchanged();
    // More dimensions than the result.
    apply(behind("Mul", Initializer.floats("c", new float[] {2}, 1, 1, 1, 1, 1))).checkUnchanged();
  }

  @Test
  void aConstantMinusTheResultStays() {
    OnnxModel model =
        model(
            13,
            IMAGES,
            g ->
                g.initializer(scalar("c", 2))
                    .initializer(weights("w", 3, 2, 2, 2))
                    .node(node("conv", "Conv", List.of("x", "w")))
                    .node(node("y", "Sub", List.of("c", "conv"))));
    apply(model).checkUnchanged();
  }

  @Test
  void weightsThatWouldLeaveTheRangeOfFloatsStay() {
    apply(behind("Mul", scalar("c", 1e-38))).checkUnchanged();
    apply(behind("Mul", scalar("c", 3e38))).checkUnchanged();
    apply(behind("Div", scalar("c", 0))).checkUnchanged();
    apply(behind("Add", scalar("c", Double.POSITIVE_INFINITY))).checkUnchanged();
    apply(behind("Mul", scalar("c", Double.NaN))).checkUnchanged();
  }

  @Test
  void oneNodeAfterTheOtherIsRoundedOnce() {
    OnnxModel model =
        model(
            13,
            IMAGES,
            g ->
                g.initializer(scalar("small", 1e-30))
                    .initializer(scalar("large", 1e30))
                    .initializer(weights("w", 3, 2, 2, 2))
                    .node(node("conv", "Conv", List.of("x", "w")))
                    .node(node("less", "Mul", List.of("conv", "small")))
                    .node(node("y", "Mul", List.of("less", "large"))));
    assertEquals(1, size(apply(model).checkSound(1e-5)));
  }

  @Test
  void whatOthersReadOrMayReplaceStays() {
    GraphBuilder read =
        Graph.builder("test")
            .input(TensorSpec.of("x", DataType.FLOAT32, IMAGES))
            .initializer(scalar("c", 2))
            .initializer(weights("w", 3, 2, 2, 2))
            .node(node("conv", "Conv", List.of("x", "w")))
            .node(node("y", "Mul", List.of("conv", "c")))
            .output(floats("y"));
    Graph once = read.build();
    apply(OnnxModel.of(once.edit().addOutput(floats("conv")).build(), 13)).checkUnchanged();
    for (String constant : List.of("c", "w")) {
      TensorSpec spec = once.initializer(constant).orElseThrow().spec();
      apply(OnnxModel.of(once.edit().addInput(spec).build(), 13)).checkUnchanged();
    }
    Graph foreign =
        once.edit()
            .replace(once.nodes().get(1), once.nodes().get(1).toBuilder().domain("own").build())
            .build();
    apply(OnnxModel.of(foreign, 13).withOpset("own", 1)).checkUnchanged();
  }

  @Test
  void theGraphsOutputKeepsItsName() {
    PassFixture fixture = apply(behind("Mul", scalar("c", 2)));
    Node conv = fixture.after().graph().nodes().get(0);
    assertEquals(List.of("y"), conv.outputs());
  }
}
