package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.FusionBlocker.Pattern;
import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FusionBlockerTest {
  private final GraphBuilder graph =
      Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, "1, 4, 8, 8"));

  private FusionBlockerTest node(String operator, String output, String... inputs) {
    graph.node(Node.of(operator, List.of(inputs), List.of(output)));
    return this;
  }

  private FusionBlockerTest node(
      Attribute attribute, String operator, String output, String input) {
    graph.node(Node.builder(operator).inputs(input).outputs(output).attribute(attribute).build());
    return this;
  }

  private FusionBlockerTest constant(String name, float... values) {
    graph.initializer(Initializer.floats(name, values, values.length));
    return this;
  }

  /** Reports on the graph with a kernel for each node but those that are fused into one. */
  private List<FusionBlocker> blockers(String output, String... fused) {
    OnnxModel model =
        OnnxModel.of(
            graph.output(TensorSpec.of(output, DataType.FLOAT32, "1, ?, ?, ?")).build(), 13);
    List<String> together = List.of(fused);
    List<KernelInfo> kernels = new ArrayList<>();
    for (Node n : model.graph().nodes()) {
      if (!together.contains(n.label())) {
        kernels.add(kernel(n.opType(), List.of(n.label())));
      }
    }
    if (!together.isEmpty()) {
      kernels.add(kernel("Fused", together));
    }
    return FusionReport.of(model, kernels).blockers();
  }

  private static KernelInfo kernel(String type, List<String> nodes) {
    return new KernelInfo(type + nodes, type, Optional.of("FLOAT32"), nodes, Optional.empty());
  }

  private FusionBlockerTest layerNormalization(long axis) {
    return constant("epsilon", 1e-5f)
        .node(Attribute.ofInts("axes", axis), "ReduceMean", "mean", "x")
        .node("Sub", "difference", "x", "mean")
        .node("Mul", "square", "difference", "difference")
        .node(Attribute.ofInts("axes", axis), "ReduceMean", "variance", "square")
        .node("Add", "sum", "variance", "epsilon")
        .node("Sqrt", "root", "sum")
        .node("Div", "y", "difference", "root");
  }

  @Test
  void layerNormalizationOverAnotherAxisIsBlockedForItsAxis() {
    FusionBlocker blocker = layerNormalization(1).blockers("y").get(0);
    assertEquals(Pattern.LAYER_NORMALIZATION, blocker.pattern());
    assertTrue(blocker.why().contains("axes"), blocker.why());
    assertEquals(List.of("mean", "difference", "variance", "root", "y"), blocker.nodes());
  }

  @Test
  void layerNormalizationOverTheLastAxisIsBlockedForAnotherReason() {
    FusionBlocker blocker = layerNormalization(-1).blockers("y").get(0);
    assertTrue(blocker.remedy().contains("opset 17"), blocker.remedy());
  }

  @Test
  void layerNormalizationWithAScaleOfTheRunTimeIsBlockedForIt() {
    FusionBlocker blocker =
        layerNormalization(-1)
            .node("Abs", "scale", "x")
            .node("Mul", "scaled", "y", "scale")
            .blockers("scaled")
            .get(0);
    assertTrue(blocker.why().contains("scale"), blocker.why());
    assertEquals("scaled", blocker.nodes().get(5));
  }

  @Test
  void layerNormalizationInOneKernelIsNoFinding() {
    assertEquals(
        List.of(),
        layerNormalization(-1)
            .blockers("y", "mean", "difference", "square", "variance", "sum", "root", "y"));
  }

  private FusionBlockerTest hardSwish() {
    return constant("three", 3)
        .constant("zero", 0)
        .constant("six", 6)
        .node("Add", "shifted", "x", "three")
        .node("Clip", "clipped", "shifted", "zero", "six")
        .node("Mul", "product", "x", "clipped")
        .node("Div", "y", "product", "six");
  }

  @Test
  void hardSwishInSingleNodesIsFoundUnlessItIsOneKernel() {
    FusionBlocker blocker = hardSwish().blockers("y").get(0);
    assertEquals(Pattern.HARD_SWISH, blocker.pattern());
    assertEquals(List.of("shifted", "clipped", "product"), blocker.nodes());
    assertEquals(
        List.of(),
        new FusionBlockerTest().hardSwish().blockers("y", "shifted", "clipped", "product", "y"));
  }

  @Test
  void aClipOfOtherBoundsIsNoHardSwish() {
    assertEquals(
        List.of(),
        constant("three", 3)
            .constant("zero", 0)
            .constant("six", 5)
            .node("Add", "shifted", "x", "three")
            .node("Clip", "clipped", "shifted", "zero", "six")
            .node("Mul", "y", "x", "clipped")
            .blockers("y"));
  }

  @Test
  void geluInSingleNodesIsFoundUnlessItIsOneKernel() {
    constant("one", 1)
        .node("Erf", "e", "x")
        .node("Add", "s", "e", "one")
        .node("Mul", "y", "s", "x");
    FusionBlocker blocker = blockers("y").get(0);
    assertEquals(Pattern.GELU, blocker.pattern());
    assertEquals(
        List.of(),
        new FusionBlockerTest()
            .constant("one", 1)
            .node("Erf", "e", "x")
            .node("Add", "s", "e", "one")
            .node("Mul", "y", "s", "x")
            .blockers("y", "e", "s", "y"));
  }

  private FusionBlockerTest convolution() {
    return constant("p", 1, 1, 1, 1).constant("w", 1, 1, 1, 1).node("Conv", "c", "x", "w");
  }

  @Test
  void batchNormalizationBehindAConvolutionIsBlockedByATransposeOrAnotherReader() {
    FusionBlocker transposed =
        convolution()
            .node(Attribute.ofInts("perm", 0, 1, 3, 2), "Transpose", "t", "c")
            .node("BatchNormalization", "y", "t", "p", "p", "p", "p")
            .blockers("y")
            .get(0);
    assertEquals(Pattern.BATCH_NORMALIZATION, transposed.pattern());
    assertTrue(transposed.why().contains("Transpose"), transposed.why());
    FusionBlocker shared =
        new FusionBlockerTest()
            .convolution()
            .node("BatchNormalization", "b", "c", "p", "p", "p", "p")
            .node("Add", "y", "b", "c")
            .blockers("y")
            .get(0);
    assertTrue(shared.why().contains("others"), shared.why());
    assertEquals(
        List.of(),
        new FusionBlockerTest()
            .convolution()
            .node("BatchNormalization", "y", "c", "p", "p", "p", "p")
            .blockers("y", "c", "y"));
  }

  @Test
  void aConstantScaleBehindAConvolutionIsFoundButNotOneThatVaries() {
    FusionBlocker blocker =
        convolution().constant("two", 2).node("Mul", "y", "c", "two").blockers("y").get(0);
    assertEquals(Pattern.SCALED_CONVOLUTION, blocker.pattern());
    assertEquals(
        List.of(), new FusionBlockerTest().convolution().node("Mul", "y", "c", "x").blockers("y"));
  }

  @Test
  void transposesCancelAcrossElementWiseNodesOnly() {
    Attribute there = Attribute.ofInts("perm", 0, 2, 3, 1);
    Attribute back = Attribute.ofInts("perm", 0, 3, 1, 2);
    FusionBlocker blocker =
        node(there, "Transpose", "a", "x")
            .node("Relu", "r", "a")
            .node(back, "Transpose", "y", "r")
            .blockers("y")
            .get(0);
    assertEquals(Pattern.TRANSPOSES, blocker.pattern());
    assertEquals(List.of("a", "y"), blocker.nodes());
    assertEquals(
        List.of(),
        new FusionBlockerTest()
            .node(there, "Transpose", "a", "x")
            .node("Softmax", "r", "a")
            .node(back, "Transpose", "y", "r")
            .blockers("y"));
    assertEquals(
        List.of(),
        new FusionBlockerTest()
            .node(there, "Transpose", "a", "x")
            .node(there, "Transpose", "y", "a")
            .blockers("y"));
  }

  @Test
  void aReshapeToAShapeWorkedOutAtRunTimeIsFound() {
    FusionBlocker blocker =
        node("Shape", "size", "x")
            .node("Abs", "copy", "size")
            .node("Concat", "shape", "size")
            .node("Reshape", "y", "x", "shape")
            .blockers("y")
            .get(0);
    assertEquals(Pattern.COMPUTED_SHAPE, blocker.pattern());
    assertEquals(List.of("size", "y"), blocker.nodes());
  }

  @Test
  void findingsOfOneCauseAreOneGroup() {
    FusionReport report =
        new FusionReport(
            4,
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new FusionBlocker(Pattern.GELU, List.of("a"), "why", "how"),
                new FusionBlocker(Pattern.HARD_SWISH, List.of("b"), "why", "how"),
                new FusionBlocker(Pattern.GELU, List.of("c"), "why", "how"),
                new FusionBlocker(Pattern.GELU, List.of("d"), "other", "how")),
            List.of());
    assertEquals(List.of(1, 2, 1), report.blockersByCause().stream().map(List::size).toList());
    assertTrue(report.toString().contains("2 × Gelu"), report.toString());
  }
}
