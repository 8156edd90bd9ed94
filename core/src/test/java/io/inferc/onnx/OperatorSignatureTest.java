package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that do not fit their operators are refused before anything assumes that they do. */
class OperatorSignatureTest {
  private static OnnxModel model(Node node) {
    return model(node, 21);
  }

  private static OnnxModel model(Node node, int opset) {
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
            .initializer(Initializer.longs("none", new long[] {0, -3}, 2))
            .initializer(Initializer.longs("far", new long[] {Long.MIN_VALUE}))
            .node(node)
            .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4))
            .build(),
        opset);
  }

  private static String refusal(OnnxModel model) {
    byte[] bytes = model.toBytes();
    return assertThrows(ModelFormatException.class, () -> OnnxModel.read(bytes)).getMessage();
  }

  private static Node node(String operator, List<String> inputs, Attribute... attributes) {
    Node.Builder node = Node.builder(operator).inputs(inputs.toArray(new String[0])).outputs("y");
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    return node.build();
  }

  private static void says(OnnxModel model, String... words) {
    String message = refusal(model);
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  @Test
  void theNumberOfInputsIsSaidWithWhatIsExpected() {
    says(model(node("Add", List.of("x"))), "node 0", "(Add)", "has 1 inputs", "takes 2");
    says(model(node("Clip", List.of("x", "x", "x", "x"))), "takes 1 to 3");
    says(model(node("Concat", List.of(), Attribute.of("axis", 0L))), "takes 1 or more");
  }

  @Test
  void anInputThatMustBeThereCannotBeLeftOut() {
    says(model(node("Add", List.of("x", ""))), "input[1]", "left out");
  }

  @Test
  void aMissingAnUnknownAndAMistypedAttributeAreRefused() {
    says(model(node("Concat", List.of("x", "x"))), "'axis'", "needs it", "INT");
    says(model(node("Relu", List.of("x"), Attribute.of("slope", 1L))), "'slope'", "no such");
    says(
        model(node("Softmax", List.of("x"), Attribute.of("axis", "last"))),
        "STRING",
        "expects INT");
  }

  @Test
  void theOpsetDecidesWhatAnOperatorTakes() {
    Node old = node("Squeeze", List.of("x"), Attribute.ofInts("axes", 0));
    assertEquals(11, OnnxModel.read(model(old, 11).toBytes()).opset());
    says(model(old, 13), "'axes'", "opset 13");
  }

  @ParameterizedTest
  @ValueSource(ints = {29, 1000, 1_000_000_000})
  void anOpsetThatDoesNotExistIsRefused(int opset) {
    says(model(node("Relu", List.of("x")), opset), "" + opset, "newest");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void whatRuntimesDivideByIsPositive(long count) {
    says(model(node("Split", List.of("x"), Attribute.of("num_outputs", count))), "at least 1");
    says(
        model(
            node(
                "Attention",
                List.of("x", "x", "x"),
                Attribute.of("q_num_heads", 2L),
                Attribute.of("kv_num_heads", count)),
            23),
        "at least 1");
    says(
        model(
            node(
                "MaxPool",
                List.of("x"),
                Attribute.ofInts("kernel_shape", 2, 2),
                Attribute.ofInts("strides", 1, count))),
        "at least 1");
    says(model(node("Conv", List.of("x", "x"), Attribute.of("group", count))), "at least 1");
  }

  @Test
  void constantArgumentsAndAxesAreHeldToTheirRange() {
    says(model(node("Col2Im", List.of("x", "none", "none"))), "image_shape");
    says(model(node("Trilu", List.of("x", "far"))), "beyond any matrix");
    says(
        model(node("LayerNormalization", List.of("x", "x"), Attribute.of("axis", 7L))),
        "axis",
        "expected -2 to 1");
  }

  private static OnnxModel functions(int count, Consumer<FunctionProto.Builder> body) {
    ModelProto.Builder model =
        model(Node.of("Relu", List.of("x"), List.of("y"))).toProto().toBuilder();
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
    model.getGraphBuilder().getNodeBuilder(0).setOpType("f0").setDomain("own");
    for (int i = 0; i < count; i++) {
      FunctionProto.Builder f = function(i);
      f.addNode(call(i + 1 < count ? "f" + (i + 1) : "", "a", "m"));
      body.accept(f);
      f.addNode(call("", "m", "b"));
      model.addFunctions(f);
    }
    return OnnxModel.of(model.build(), ExternalFiles.holding(List.of()));
  }

  private static FunctionProto.Builder function(int i) {
    return FunctionProto.newBuilder()
        .setDomain("own")
        .setName("f" + i)
        .addInput("a")
        .addOutput("b")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(21))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1));
  }

  private static NodeProto.Builder call(String function, String from, String to) {
    return NodeProto.newBuilder()
        .setOpType(function.isEmpty() ? "Relu" : function)
        .setDomain(function.isEmpty() ? "" : "own")
        .addInput(from)
        .addOutput(to);
  }

  @Test
  void functionsThatDoubleTheNodesAreCountedAndNotExpanded() {
    OnnxModel doubling =
        functions(
            40,
            f -> {
              NodeProto first = f.getNode(0);
              f.addNode(first.toBuilder().setOutput(0, "n"));
            });
    says(doubling, "nodes", "limit is 100000", "withExpandedNodes");
  }

  @Test
  void aLongChainOfCallsIsRefusedUnlessAskedFor(@TempDir Path dir) {
    says(functions(500, f -> {}), "500 functions", "limit is 64");
    Path file = dir.resolve("m.onnx");
    functions(500, f -> {}).save(file);
    assertEquals(
        500,
        OnnxModel.load(file, ModelLimits.defaults().withFunctionDepth(500)).functions().size());
    assertEquals(10, OnnxModel.read(functions(10, f -> {}).toBytes()).functions().size());
  }

  @Test
  void aCallOfAnOverloadThatIsNotThereIsRefused() {
    ModelProto.Builder model = functions(1, f -> {}).toProto().toBuilder();
    model.getGraphBuilder().getNodeBuilder(0).setOverload("other");
    says(OnnxModel.of(model.build(), ExternalFiles.holding(List.of())), "overload 'other'");
  }

  @Test
  void graphsThatLieTooDeepInEachOtherAreRefused() {
    AttributeProto.Builder deep = AttributeProto.newBuilder();
    NodeProto.Builder node = NodeProto.newBuilder().setOpType("Relu").addInput("x").addOutput("y");
    for (int i = 0; i < 20; i++) {
      deep = AttributeProto.newBuilder().setType(AttributeType.GRAPH).setName("then_branch");
      deep.getGBuilder()
          .addNode(node)
          .addOutput(model(node("Relu", List.of("x"))).graph().toProto().getOutput(0));
      AttributeProto.Builder other = AttributeProto.newBuilder();
      other.setType(AttributeType.GRAPH).setName("else_branch");
      other.getGBuilder().addNode(call("", "x", "y")).addOutput(deep.getG().getOutput(0));
      node = NodeProto.newBuilder().setOpType("If").addInput("x").addOutput("y");
      node.addAttribute(deep).addAttribute(other);
    }
    ModelProto.Builder model = model(node("Relu", List.of("x"))).toProto().toBuilder();
    model.getGraphBuilder().setNode(0, node);
    says(OnnxModel.of(model.build(), ExternalFiles.holding(List.of())), "limit is 16");
  }

  @Test
  void namesOfAMegabyteDoNotMakeMessagesOfOne() {
    String name = "n".repeat(1 << 20);
    GraphBuilder graph = Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, 2, 4));
    for (int i = 0; i < 200; i++) {
      graph.node(Node.of("Add", List.of("x"), List.of(name.substring(i))));
    }
    graph.output(TensorSpec.of(name, DataType.FLOAT32, 2, 4));
    assertTrue(refusal(OnnxModel.of(graph.build(), 21)).length() < 20_000);
  }
}
