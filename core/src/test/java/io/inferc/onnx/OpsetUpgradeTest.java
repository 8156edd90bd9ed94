package io.inferc.onnx;

import static io.inferc.onnx.OrtRunner.bool;
import static io.inferc.onnx.OrtRunner.floats;
import static io.inferc.onnx.OrtRunner.longs;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.OrtRunner.Value;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once")
class OpsetUpgradeTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void aRealModelComputesTheSameAtEveryNewerOpset(RealModels real) throws OrtException {
    OnnxModel model = OnnxModel.load(real.path());
    Map<String, Value> inputs = inputs(real);
    Map<String, Output> expected = OrtRunner.run(model, inputs);

    for (int target : List.of(12, 13, 16, 17, 18, 19, 20, 21)) {
      OnnxModel upgraded = model.upgradeOpset(target);

      assertEquals(target, upgraded.opset());
      assertEquals(List.of(), upgraded.check(), real + " at " + target);
      Path path = folder.resolve(real + "-" + target + ".onnx");
      upgraded.save(path);
      assertAlike(expected, OrtRunner.run(path, inputs), real + " at " + target);
    }
  }

  @Test
  void weightsMovedToExternalDataComputeTheSame() throws OrtException {
    for (RealModels real : List.of(RealModels.OCR_RECOGNITION, RealModels.MINILM_QUANTIZED)) {
      OnnxModel model = OnnxModel.load(real.path());
      Path path = folder.resolve(real + ".onnx");

      model.save(path, SaveOptions.externalData());

      Map<String, Value> inputs = inputs(real);
      assertAlike(OrtRunner.run(model, inputs), OrtRunner.run(path, inputs), real.name());
    }
  }

  @Test
  void sliceTakesItsBoundsAsInputs() throws OrtException {
    unary(
        9,
        node("Slice")
            .attribute(Attribute.ofInts("starts", 1, -3))
            .attribute(Attribute.ofInts("ends", 3, 1000))
            .attribute(Attribute.ofInts("axes", 0, 2)),
        4,
        3,
        5);
    unary(
        7,
        node("Slice")
            .attribute(Attribute.ofInts("starts", 1, 0))
            .attribute(Attribute.ofInts("ends", 3, 2)),
        4,
        3);
  }

  @Test
  void padTakesItsAmountsAsInputs() throws OrtException {
    unary(
        7,
        node("Pad")
            .attribute(Attribute.ofInts("pads", 0, 1, 0, 0, 2, 1))
            .attribute(Attribute.of("value", 2.5f)),
        2,
        3,
        4);
    unary(
        10,
        node("Pad")
            .attribute(Attribute.of("mode", "reflect"))
            .attribute(Attribute.ofInts("pads", 0, 1, 0, 2)),
        3,
        4);
  }

  @Test
  void clipTakesItsBoundsAsInputs() throws OrtException {
    unary(7, node("Clip").attribute(Attribute.of("min", -0.5f)), 3, 4);
    unary(7, node("Clip").attribute(Attribute.of("max", 0.5f)), 3, 4);
    unary(
        10,
        node("Clip").attribute(Attribute.of("min", 0f)).attribute(Attribute.of("max", 6f)),
        3,
        4);
    unary(10, node("Clip"), 3, 4);
  }

  @Test
  void squeezeAndUnsqueezeTakeTheirAxesAsInputs() throws OrtException {
    unary(7, node("Squeeze").attribute(Attribute.ofInts("axes", 0, 2)), 1, 3, 1);
    unary(11, node("Squeeze"), 1, 3, 1);
    unary(7, node("Unsqueeze").attribute(Attribute.ofInts("axes", 0, 3)), 3, 4);
    unary(11, node("Unsqueeze").attribute(Attribute.ofInts("axes", -1)), 3, 4);
  }

  @Test
  void reductionsTakeTheirAxesAsInputs() throws OrtException {
    for (String operator :
        List.of(
            "ReduceSum",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp")) {
      unary(7, node(operator).attribute(Attribute.ofInts("axes", 1)), 2, 3, 4);
      unary(
          11,
          node(operator)
              .attribute(Attribute.ofInts("axes", -1, 0))
              .attribute(Attribute.of("keepdims", 0)),
          2,
          3,
          4);
      unary(11, node(operator), 2, 3, 4);
    }
  }

  @Test
  void softmaxKeepsWorkingOnTheFlattenedMatrix() throws OrtException {
    for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      unary(7, node(operator), 2, 3, 4);
      unary(11, node(operator).attribute(Attribute.of("axis", 0)), 2, 3, 4);
      unary(11, node(operator).attribute(Attribute.of("axis", 2)), 2, 3, 4);
      unary(11, node(operator).attribute(Attribute.of("axis", -1)), 2, 3, 4);
      unary(11, node(operator).attribute(Attribute.of("axis", -2)), 2, 3, 4);
    }
  }

  @Test
  void softmaxOfUnknownRankKeepsWorkingToo() throws OrtException {
    for (long axis : List.of(1L, 2L, -1L)) {
      Graph graph =
          Graph.builder("g")
              .input(TensorSpec.of("x", DataType.FLOAT32, 2, 12))
              .input(TensorSpec.of("shape", DataType.INT64, "n"))
              .node(Node.of("Reshape", List.of("x", "shape"), List.of("r")))
              .node(
                  Node.builder("Softmax")
                      .inputs("r")
                      .outputs("y")
                      .attribute(Attribute.of("axis", axis))
                      .build())
              .output(ValueInfo.untyped("y"))
              .build();
      sameAtEveryOpset(
          OnnxModel.of(graph, 11),
          Map.of("x", floats(1, 2, 12), "shape", longs(new long[] {2, 3, 4}, 3)));
    }
  }

  @Test
  void splitTakesItsSizesAsAnInputOrItsCount() throws OrtException {
    unary(
        7,
        node("Split")
            .outputs("y", "z")
            .attribute(Attribute.of("axis", 1))
            .attribute(Attribute.ofInts("split", 1, 3)),
        2,
        4);
    unary(11, node("Split").outputs("y", "z").attribute(Attribute.of("axis", -1)), 2, 4);
  }

  @Test
  void topKTakesItsCountAsAnInput() throws OrtException {
    unary(
        9,
        node("TopK")
            .outputs("y", "z")
            .attribute(Attribute.of("k", 2))
            .attribute(Attribute.of("axis", 1)),
        3,
        5);
  }

  @Test
  void upsampleBecomesResize() throws OrtException {
    for (String mode : List.of("nearest", "linear")) {
      unary(
          7,
          node("Upsample")
              .attribute(Attribute.of("mode", mode))
              .attribute(Attribute.ofFloats("scales", 1, 1, 2, 3)),
          1,
          2,
          3,
          4);
      Graph graph =
          Graph.builder("g")
              .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 3, 4))
              .initializer(Initializer.floats("s", new float[] {1, 1, 2.5f, 2}, 4))
              .node(
                  Node.builder("Upsample")
                      .inputs("x", "s")
                      .outputs("y")
                      .attribute(Attribute.of("mode", mode))
                      .build())
              .output(ValueInfo.untyped("y"))
              .build();
      sameAtEveryOpset(OnnxModel.of(graph, 9), Map.of("x", floats(2, 1, 2, 3, 4)));
    }
  }

  @Test
  void resizeKeepsItsCoordinates() throws OrtException {
    for (String mode : List.of("nearest", "linear")) {
      for (float scale : List.of(2f, 1.7f, 0.6f)) {
        Graph graph =
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 5, 7))
                .initializer(Initializer.floats("s", new float[] {1, 1, scale, scale}, 4))
                .node(
                    Node.builder("Resize")
                        .inputs("x", "s")
                        .outputs("y")
                        .attribute(Attribute.of("mode", mode))
                        .build())
                .output(ValueInfo.untyped("y"))
                .build();
        sameAtEveryOpset(OnnxModel.of(graph, 10), Map.of("x", floats(3, 1, 2, 5, 7)));
      }
    }
  }

  @Test
  void aResizeThatShrinksOneAxisAndGrowsAnotherIsRefused() {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 4, 4))
            .initializer(Initializer.floats("s", new float[] {1, 1, 2, 0.5f}, 4))
            .node(Node.of("Resize", List.of("x", "s"), List.of("y")))
            .output(ValueInfo.untyped("y"))
            .build();

    assertThrows(ModelFormatException.class, () -> OnnxModel.of(graph, 10).upgradeOpset(11));
  }

  /** A Resize or Upsample whose scales are given at run time. */
  private static OnnxModel scaledAtRunTime(String operator, String mode, int opset) {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 5, 7))
            .input(TensorSpec.of("s", DataType.FLOAT32, 4))
            .node(
                Node.builder(operator)
                    .inputs("x", "s")
                    .outputs("y")
                    .attribute(Attribute.of("mode", mode))
                    .build())
            .output(ValueInfo.untyped("y"))
            .build();
    return OnnxModel.of(graph, opset);
  }

  @Test
  void scalesOfTheRunSayNothingOfTheNearestElement() throws OrtException {
    OnnxModel nearest = scaledAtRunTime("Resize", "nearest", 10);
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> nearest.upgradeOpset(11));
    assertTrue(e.getMessage().contains("run time"), e.getMessage());
    // A default that callers may replace is no better.
    Graph defaulted =
        nearest
            .graph()
            .edit()
            .putInitializer(Initializer.floats("s", new float[] {1, 1, 2, 2}, 4))
            .build();
    assertThrows(ModelFormatException.class, () -> OnnxModel.of(defaulted, 10).upgradeOpset(11));
    for (float scale : List.of(2f, 0.6f)) {
      Map<String, Value> inputs =
          Map.of("x", floats(3, 1, 2, 5, 7), "s", given(1, 1, scale, scale));
      sameAtEveryOpset(scaledAtRunTime("Resize", "linear", 10), inputs);
    }
  }

  @Test
  void whatUpsamplesNeverShrinks() throws OrtException {
    for (String mode : List.of("nearest", "linear")) {
      Map<String, Value> inputs = Map.of("x", floats(3, 1, 2, 5, 7), "s", given(1, 1, 2.5f, 1.3f));
      sameAtEveryOpset(scaledAtRunTime("Upsample", mode, 9), inputs);
    }
  }

  private static Value given(float... values) {
    return OrtRunner.of(Tensor.of(values, values.length));
  }

  @Test
  void scalesAreLeftOutWhereSizesAreGiven() throws OrtException {
    for (boolean atRunTime : List.of(true, false)) {
      for (String mode : List.of("nearest", "linear", "cubic")) {
        GraphBuilder graph =
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 5, 7))
                .initializer(Initializer.floats("roi", new float[0], 0))
                .initializer(Initializer.longs("sizes", new long[] {1, 2, 8, 9}, 4))
                .node(
                    Node.builder("Resize")
                        .inputs("x", "roi", "s", "sizes")
                        .outputs("y")
                        .attribute(Attribute.of("mode", mode))
                        .build())
                .output(ValueInfo.untyped("y"));
        Map<String, Value> inputs = new LinkedHashMap<>();
        inputs.put("x", floats(3, 1, 2, 5, 7));
        if (atRunTime) {
          graph.input(TensorSpec.of("s", DataType.FLOAT32, 0));
          inputs.put("s", given());
        } else {
          graph.initializer(Initializer.floats("s", new float[0], 0));
        }
        sameAtEveryOpset(OnnxModel.of(graph.build(), 11), inputs);
      }
    }
  }

  @Test
  void aModelOfOtherDomainsAloneGetsTheDefaultOneAndStaysTheSame() throws Exception {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 3))
            .node(
                Node.builder("Binarizer")
                    .domain("ai.onnx.ml")
                    .inputs("x")
                    .outputs("y")
                    .attribute(Attribute.of("threshold", 0.5f))
                    .build())
            .output(ValueInfo.untyped("y"))
            .build();
    ModelProto.Builder proto = ModelProto.parseFrom(OnnxModel.of(graph, 13).toBytes()).toBuilder();
    proto.getOpsetImportBuilder(0).setDomain("ai.onnx.ml").setVersion(1);
    OnnxModel model = OnnxModel.read(proto.build().toByteArray());
    assertEquals(0, model.opset());
    OnnxModel upgraded = model.upgradeOpset(13);
    assertEquals(Map.of("", 13, "ai.onnx.ml", 1), upgraded.opsets());
    assertEquals(model.graph(), upgraded.graph());
    sameAtEveryOpset(upgraded, Map.of("x", floats(3, 2, 3)));
  }

  @Test
  void aFunctionIsUpgradedByWhatHoldsInItself() throws OrtException {
    FunctionProto function =
        FunctionProto.newBuilder()
            .setDomain("com.example")
            .setName("F")
            .addInput("x")
            .addOutput("r")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(12))
            .addNode(
                Node.builder("Softmax")
                    .inputs("x")
                    .outputs("s")
                    .attribute(Attribute.of("axis", 1))
                    .build()
                    .proto())
            .addNode(
                Node.builder("ReduceSum")
                    .inputs("s")
                    .outputs("r")
                    .attribute(Attribute.ofInts("axes", 1))
                    .build()
                    .proto())
            .build();
    // Outside the function a tensor of the same name has another rank.
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 12))
            .initializer(Initializer.longs("shape", new long[] {2, 3, 4}, 3))
            .node(Node.of("Reshape", List.of("x", "shape"), List.of("z")))
            .node(Node.builder("F").domain("com.example").inputs("z").outputs("y").build())
            .output(ValueInfo.untyped("y"))
            .build();
    OnnxModel base = OnnxModel.of(graph, 12).withOpset("com.example", 1);
    OnnxModel model =
        new OnnxModel(
            base.rest().toBuilder().setIrVersion(8).addFunctions(function).build(),
            graph,
            ExternalFiles.NONE);

    sameAtEveryOpset(model, Map.of("x", floats(13, 2, 12)));
  }

  @Test
  void dropoutStaysIdle() throws OrtException {
    unary(7, node("Dropout").attribute(Attribute.of("ratio", 0.3f)), 3, 4);
    unary(10, node("Dropout"), 3, 4);
  }

  @Test
  void batchNormalizationStaysTheSame() throws OrtException {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 3, 4))
            .initializer(Initializer.floats("s", new float[] {1, 2, 3}, 3))
            .initializer(Initializer.floats("b", new float[] {3, 2, 1}, 3))
            .initializer(Initializer.floats("m", new float[] {0, 1, 2}, 3))
            .initializer(Initializer.floats("v", new float[] {1, 4, 9}, 3))
            .node(
                Node.builder("BatchNormalization")
                    .inputs("x", "s", "b", "m", "v")
                    .outputs("y")
                    .attribute(Attribute.of("spatial", 1))
                    .build())
            .output(ValueInfo.untyped("y"))
            .build();
    sameAtEveryOpset(OnnxModel.of(graph, 7), Map.of("x", floats(4, 2, 3, 4)));
  }

  @Test
  void scatterBecomesScatterElements() throws OrtException {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 3, 3))
            .initializer(Initializer.longs("i", new long[] {2, 0, 1}, 1, 3))
            .initializer(Initializer.floats("u", new float[] {7, 8, 9}, 1, 3))
            .node(Node.of("Scatter", List.of("x", "i", "u"), List.of("y")))
            .output(ValueInfo.untyped("y"))
            .build();
    sameAtEveryOpset(OnnxModel.of(graph, 9), Map.of("x", floats(5, 3, 3)));
  }

  @Test
  void operatorsThatOnlyGrewStayAsTheyAre() throws OrtException {
    for (String operator :
        List.of(
            "Relu",
            "Sigmoid",
            "Tanh",
            "Exp",
            "Neg",
            "Abs",
            "Sqrt",
            "Ceil",
            "Floor",
            "Elu",
            "LeakyRelu",
            "HardSigmoid",
            "Softplus",
            "Identity",
            "Flatten",
            "Transpose")) {
      unary(7, node(operator), 2, 3, 4);
    }
    unary(
        7,
        node("MaxPool")
            .attribute(Attribute.ofInts("kernel_shape", 2, 2))
            .attribute(Attribute.ofInts("strides", 2, 2)),
        1,
        2,
        5,
        5);
    unary(
        7,
        node("AveragePool")
            .attribute(Attribute.ofInts("kernel_shape", 3, 3))
            .attribute(Attribute.ofInts("pads", 1, 1, 1, 1)),
        1,
        2,
        5,
        5);
    unary(7, node("GlobalAveragePool"), 1, 2, 5, 5);
  }

  @Test
  void gridSampleKeepsItsModeUnderItsNewName() throws OrtException {
    for (String mode : List.of("bilinear", "nearest", "bicubic")) {
      Graph graph =
          Graph.builder("g")
              .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 4, 4))
              .input(TensorSpec.of("grid", DataType.FLOAT32, 1, 3, 3, 2))
              .node(
                  Node.builder("GridSample")
                      .inputs("x", "grid")
                      .outputs("y")
                      .attribute(Attribute.of("mode", mode))
                      .build())
              .output(ValueInfo.untyped("y"))
              .build();
      sameAtEveryOpset(
          OnnxModel.of(graph, 16),
          Map.of("x", floats(6, 1, 1, 4, 4), "grid", floats(7, 1, 3, 3, 2)));
    }
  }

  @Test
  void nodesInsideSubgraphsAreUpgraded() throws OrtException {
    Graph then =
        Graph.builder("then")
            .node(reduce("then_y"))
            .output(ValueInfo.of(TensorSpec.of("then_y", DataType.FLOAT32, "n")))
            .build();
    Graph otherwise =
        Graph.builder("else")
            .node(
                Node.builder("Squeeze")
                    .inputs("x")
                    .outputs("else_y")
                    .attribute(Attribute.ofInts("axes", 1))
                    .build())
            .output(ValueInfo.of(TensorSpec.of("else_y", DataType.FLOAT32, "n")))
            .build();
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("c", DataType.BOOL, ""))
            .input(TensorSpec.of("x", DataType.FLOAT32, 3, 1))
            .node(
                Node.builder("If")
                    .inputs("c")
                    .outputs("y")
                    .attribute(Attribute.of("then_branch", then))
                    .attribute(Attribute.of("else_branch", otherwise))
                    .build())
            .output(ValueInfo.of(TensorSpec.of("y", DataType.FLOAT32, "n")))
            .build();
    for (boolean choice : List.of(true, false)) {
      sameAtEveryOpset(OnnxModel.of(graph, 11), Map.of("c", bool(choice), "x", floats(8, 3, 1)));
    }
  }

  @Test
  void constantsInsideAnOldModelStayConstantWhenInputsNoLongerNeedToListThem() {
    Graph graph =
        SmallModels.addConstant(4)
            .graph()
            .edit()
            .addInput(TensorSpec.of("c", DataType.FLOAT32, 4))
            .build();

    OnnxModel upgraded = OnnxModel.of(graph, 7).upgradeOpset(13);

    assertTrue(upgraded.irVersion() >= 7);
    assertEquals(List.of("x"), upgraded.graph().inputs().stream().map(ValueInfo::name).toList());
    assertTrue(upgraded.graph().initializer("c").isPresent());
  }

  @Test
  void upgradingGoesUpOnlyAndOnlyAsFarAsIsKnown() {
    OnnxModel model = SmallModels.addConstant(4);

    assertSame(model, model.upgradeOpset(17));
    assertThrows(IllegalArgumentException.class, () -> model.upgradeOpset(16));
    assertThrows(IllegalArgumentException.class, () -> model.upgradeOpset(22));
    assertThrows(IllegalArgumentException.class, () -> model.upgradeOpset(1000));
  }

  @Test
  void whatCannotBeUpgradedIsRefusedByNodeOperatorAndVersions() {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 3, 4))
            .node(
                Node.builder("BatchNormalization")
                    .name("norm")
                    .inputs("x", "x", "x", "x", "x")
                    .outputs("y")
                    .attribute(Attribute.of("spatial", 0))
                    .build())
            .output(ValueInfo.untyped("y"))
            .build();

    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> OnnxModel.of(graph, 7).upgradeOpset(13));

    for (String part : List.of("norm", "BatchNormalization", "8", "9", "spatial")) {
      assertTrue(e.problem().contains(part), e.problem());
    }
  }

  @Test
  void anOperatorThatIsNotKnownIsRefused() {
    Graph graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2))
            .node(Node.builder("Rleu").name("odd").inputs("x").outputs("y").build())
            .output(ValueInfo.untyped("y"))
            .build();

    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> OnnxModel.of(graph, 11).upgradeOpset(13));

    assertTrue(e.problem().contains("odd") && e.problem().contains("Rleu"), e.problem());
  }

  @Test
  void otherDomainsAreLeftAlone() {
    OnnxModel model =
        OnnxModel.of(
                Graph.builder("g")
                    .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                    .node(
                        Node.builder("Squeeze")
                            .domain("com.example")
                            .inputs("x")
                            .outputs("y")
                            .attribute(Attribute.ofInts("axes", 0))
                            .build())
                    .output(ValueInfo.untyped("y"))
                    .build(),
                11)
            .withOpset("com.example", 1);

    OnnxModel upgraded = model.upgradeOpset(21);

    assertEquals(model.graph().nodes(), upgraded.graph().nodes());
    assertEquals(Map.of("", 21, "com.example", 1), upgraded.opsets());
  }

  private static Node reduce(String output) {
    return Node.builder("ReduceSum")
        .inputs("x")
        .outputs(output)
        .attribute(Attribute.ofInts("axes", 1))
        .attribute(Attribute.of("keepdims", 0))
        .build();
  }

  private static Node.Builder node(String operator) {
    return Node.builder(operator).name("it").inputs("x").outputs("y");
  }

  private static void unary(int opset, Node.Builder node, long... shape) throws OrtException {
    Node built = node.build();
    var graph = Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, shape)).node(built);
    built.outputs().forEach(o -> graph.output(ValueInfo.untyped(o)));
    sameAtEveryOpset(OnnxModel.of(graph.build(), opset), Map.of("x", floats(opset, shape)));
  }

  private static void sameAtEveryOpset(OnnxModel model, Map<String, Value> inputs)
      throws OrtException {
    Map<String, Output> expected = OrtRunner.run(model, inputs);
    for (int target = model.opset() + 1; target <= 21; target++) {
      OnnxModel upgraded = model.upgradeOpset(target);
      String what = model.graph() + "\nupgraded to " + target + ":\n" + upgraded.graph();
      assertEquals(List.of(), upgraded.check(), what);
      try {
        assertAlike(expected, OrtRunner.run(upgraded, inputs), what);
      } catch (OrtException e) {
        throw new AssertionError(e.getMessage() + "\n" + what, e);
      }
    }
  }

  private static void assertAlike(
      Map<String, Output> expected, Map<String, Output> found, String what) {
    assertEquals(expected.keySet(), found.keySet(), what);
    expected.forEach(
        (name, output) -> {
          assertArrayEquals(output.shape(), found.get(name).shape(), what);
          assertArrayEquals(output.values(), found.get(name).values(), TOLERANCE, what);
        });
  }

  private static Map<String, Value> inputs(RealModels real) {
    return switch (real) {
      case MINILM, MINILM_QUANTIZED -> {
        Random random = new Random(9);
        long[] ids = random.longs(32, 1000, 30_000).toArray();
        long[] mask = new long[32];
        for (int i = 0; i < 32; i++) {
          mask[i] = i % 16 < 11 || i < 16 ? 1 : 0;
        }
        yield Map.of(
            "input_ids",
            longs(ids, 2, 16),
            "attention_mask",
            longs(mask, 2, 16),
            "token_type_ids",
            longs(new long[32], 2, 16));
      }
      case OCR_DETECTION, OCR_DETECTION_V3 -> Map.of("x", floats(10, 1, 3, 64, 96));
      case OCR_CLASSIFICATION -> Map.of("x", floats(11, 2, 3, 48, 192));
      case OCR_RECOGNITION, OCR_RECOGNITION_V3 -> Map.of("x", floats(12, 1, 3, 48, 160));
    };
  }
}
