package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.inferc.onnx.ModelProblem.Severity;
import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.AttributeProto.AttributeType;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.onnx.internal.proto.SparseTensorProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.DataType;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCheckerTest {
  @ParameterizedTest
  @EnumSource(RealModels.class)
  void nothingIsWrongWithARealModel(RealModels model) {
    assertEquals(List.of(), OnnxModel.load(model.path()).check());
  }

  @Test
  void nothingIsWrongWithTheModelThatTheseTestsSpoil() {
    assertEquals(List.of(), check(m -> {}));
    assertEquals(List.of(), SmallModels.branches().check());
  }

  @Test
  void aReadThatNothingMakesIsReportedByNodeAndInput() {
    ModelProblem p = only(m -> node(m, 1).setInput(0, "typo"));

    assertEquals("graph 'g' / node 1 'second' (Add)", p.location());
    assertEquals("input[0]", p.field());
    assertTrue(p.message().contains("'typo'"), p.message());
  }

  @Test
  void aTensorMadeTwiceIsReportedAtTheSecondNode() {
    ModelProblem p = find(m -> node(m, 1).setOutput(0, "t"), "output[0]");

    assertTrue(p.location().contains("'second'"), p.location());
    assertTrue(p.message().contains("'t'"), p.message());
  }

  @Test
  void aNodeThatMakesWhatIsAnInputOrConstantIsReported() {
    find(m -> node(m, 0).setOutput(0, "x"), "output[0]");
    find(m -> node(m, 0).setOutput(0, "c"), "output[0]");
  }

  @Test
  void aCycleIsReportedWithItsNodes() {
    ModelProblem p = only(m -> node(m, 0).setInput(0, "y"));

    assertTrue(p.message().contains("cycle"), p.message());
    assertTrue(p.message().contains("'first'") && p.message().contains("'second'"), p.message());
  }

  @Test
  void aNodeThatReadsItsOwnOutputIsACycle() {
    ModelProblem p = find(m -> node(m, 0).setInput(0, "t"), "node");

    assertTrue(p.message().contains("cycle"), p.message());
  }

  @Test
  void nodesInTheWrongOrderAreReported() {
    ModelProblem p =
        only(
            m -> {
              NodeProto first = m.getGraph().getNode(0);
              m.getGraphBuilder().removeNode(0).addNode(first);
            });

    assertTrue(p.message().contains("topological order"), p.message());
  }

  @Test
  void aModelWithoutOperatorSetsIsReported() {
    ModelProblem p = find(ModelProto.Builder::clearOpsetImport, "opset_import");

    assertEquals("model", p.location());
  }

  @Test
  void aDomainThatIsNotImportedIsReportedAtTheNode() {
    ModelProblem p = only(m -> node(m, 0).setDomain("com.example"));

    assertEquals("domain", p.field());
    assertTrue(p.message().contains("com.example"), p.message());
  }

  @Test
  void bothSpellingsOfTheDefaultDomainAreOne() {
    assertEquals(
        List.of(),
        check(
            m -> {
              node(m, 0).setDomain("ai.onnx");
              m.getOpsetImportBuilder(0).setDomain("");
            }));
    assertEquals(List.of(), check(m -> m.getOpsetImportBuilder(0).setDomain("ai.onnx")));
  }

  @Test
  void aDomainImportedInTwoVersionsIsReported() {
    find(m -> m.addOpsetImport(opset("ai.onnx", 12)), "opset_import");
    find(m -> m.getOpsetImportBuilder(0).setVersion(0), "opset_import");
  }

  @Test
  void anUnknownOperatorIsReportedUnlessItsDomainIsAnothers() {
    ModelProblem p = only(m -> node(m, 0).setOpType("Rleu"));

    assertEquals("op_type", p.field());
    assertTrue(p.message().contains("'Rleu'"), p.message());
    assertEquals(
        List.of(),
        check(
            m -> {
              node(m, 0).setOpType("Rleu").setDomain("com.example");
              m.addOpsetImport(opset("com.example", 1));
            }));
  }

  @Test
  void anOperatorOutsideItsOpsetsIsReportedWithTheVersions() {
    ModelProblem tooNew = only(m -> node(m, 0).setOpType("Gelu"));
    ModelProblem withdrawn = only(m -> node(m, 0).setOpType("Upsample"));

    assertTrue(tooNew.message().contains("20"), tooNew.message());
    assertTrue(withdrawn.message().contains("withdrawn"), withdrawn.message());
  }

  @Test
  void anOperatorOfTheMachineLearningDomainIsKnown() {
    Consumer<ModelProto.Builder> ml =
        m -> {
          node(m, 0).setOpType("Scaler").setDomain("ai.onnx.ml");
          m.addOpsetImport(opset("ai.onnx.ml", 3));
        };

    assertEquals(List.of(), check(ml));
    find(ml.andThen(m -> node(m, 0).setOpType("Skaler")), "op_type");
  }

  @Test
  void rawBytesThatDoNotFitTheShapeAreReportedWithBothSizes() {
    ModelProblem p =
        only(m -> constant(m).clearFloatData().setRawData(ByteString.copyFrom(new byte[15])));

    assertTrue(p.location().contains("constant 'c'"), p.location());
    assertEquals("raw_data", p.field());
    assertTrue(p.message().contains("16") && p.message().contains("15"), p.message());
  }

  @Test
  void typedValuesThatDoNotFitTheShapeAreReported() {
    find(m -> typed(m, DataType.FLOAT32).addFloatData(1), "float_data");
    find(m -> typed(m, DataType.FLOAT64).addDoubleData(1), "double_data");
    find(m -> typed(m, DataType.COMPLEX64).addFloatData(1), "float_data");
    find(m -> typed(m, DataType.COMPLEX128).addDoubleData(1), "double_data");
    find(m -> typed(m, DataType.INT64).addInt64Data(1), "int64_data");
    find(m -> typed(m, DataType.UINT64).addUint64Data(1), "uint64_data");
    find(m -> typed(m, DataType.UINT32).addUint64Data(1), "uint64_data");
    find(m -> typed(m, DataType.INT32).addInt32Data(1), "int32_data");
    find(m -> typed(m, DataType.UINT8).addInt32Data(1), "int32_data");
    find(m -> typed(m, DataType.BOOL).addInt32Data(1), "int32_data");
    find(m -> typed(m, DataType.FLOAT16).addInt32Data(1), "int32_data");
    find(m -> typed(m, DataType.INT4).addInt32Data(1), "int32_data");
    find(m -> typed(m, DataType.STRING).addStringData(ByteString.EMPTY), "string_data");
    assertEquals(List.of(), check(m -> typed(m, DataType.INT4).addInt32Data(1).addInt32Data(2)));
  }

  @Test
  void negativeAndOverflowingDimsAreReported() {
    find(m -> constant(m).setDims(0, -4), "dims");
    find(m -> constant(m).setDims(0, Long.MAX_VALUE).addDims(Long.MAX_VALUE), "dims");
  }

  @Test
  void anUnknownElementTypeIsReported() {
    ModelProblem p = find(m -> constant(m).setDataType(77), "dims");

    assertTrue(p.message().contains("77"), p.message());
  }

  @Test
  void twoInputsConstantsOrAttributesOfOneNameAreReported() {
    find(m -> m.getGraphBuilder().addInput(value("x")), "input");
    find(m -> m.getGraphBuilder().addInitializer(constant(m).build()), "initializer");
    find(
        m ->
            m.getGraphBuilder()
                .addSparseInitializer(
                    SparseTensorProto.newBuilder().setValues(constant(m).build())),
        "sparse_initializer");
    find(
        m ->
            node(m, 0)
                .addAttribute(Attribute.of("a", 1).proto())
                .addAttribute(Attribute.of("a", 2).proto()),
        "attribute 'a'");
  }

  @Test
  void inputsAndConstantsWithoutANameAreReported() {
    find(m -> m.getGraphBuilder().addInput(value("")), "input");
    find(
        m -> m.getGraphBuilder().addInitializer(constant(m).build().toBuilder().setName("")),
        "initializer");
  }

  @Test
  void aConstantThatIsAlsoAnInputIsTheCallersToOverride() {
    assertEquals(List.of(), check(m -> m.getGraphBuilder().addInput(value("c"))));
  }

  @Test
  void anOutputThatNothingMakesIsReported() {
    ModelProblem p = only(m -> m.getGraphBuilder().setOutput(0, value("z")));

    assertEquals("output", p.field());
    assertTrue(p.message().contains("'z'"), p.message());
  }

  @Test
  void aGraphWithoutOutputsIsReported() {
    find(m -> m.getGraphBuilder().clearOutput(), "output");
  }

  @Test
  void aModelWithoutIrVersionIsReportedAndANewerOneIsOnlyMentioned() {
    find(ModelProto.Builder::clearIrVersion, "ir_version");
    List<ModelProblem> newer = check(m -> m.setIrVersion(99));
    assertEquals(1, newer.size());
    assertEquals(Severity.WARNING, newer.get(0).severity());
  }

  @Test
  void aNodeWithoutOperatorIsReported() {
    find(m -> node(m, 0).clearOpType(), "op_type");
  }

  @Test
  void nodesOfOneNameAreMentioned() {
    List<ModelProblem> problems = check(m -> node(m, 1).setName("first"));

    assertEquals(1, problems.size());
    assertEquals(Severity.WARNING, problems.get(0).severity());
    assertEquals("name", problems.get(0).field());
  }

  @Test
  void anAttributeWhoseValueIsOfAnotherTypeIsReported() {
    AttributeProto.Builder base = AttributeProto.newBuilder().setName("__a");
    List<AttributeProto.Builder> wrong =
        List.of(
            base.clone().setType(AttributeType.INT).setF(1),
            base.clone().setType(AttributeType.FLOATS).addInts(1),
            base.clone().setType(AttributeType.TENSOR),
            base.clone().setType(AttributeType.GRAPH),
            base.clone().setType(AttributeType.INT).setI(1).setF(1),
            base.clone(),
            base.clone().setF(1).setI(1));
    for (AttributeProto.Builder a : wrong) {
      ModelProblem p = find(m -> node(m, 0).addAttribute(a), "attribute '__a'");
      assertEquals(Severity.ERROR, p.severity());
    }
    List<AttributeProto.Builder> right =
        List.of(
            base.clone().setType(AttributeType.INT),
            base.clone().setType(AttributeType.STRINGS),
            base.clone().setI(1));
    for (AttributeProto.Builder a : right) {
      assertEquals(List.of(), check(m -> node(m, 0).addAttribute(a)));
    }
    find(m -> node(m, 0).addAttribute(base.clone().clearName().setI(1)), "attribute");
  }

  @Test
  void aWrongConstantInAnAttributeIsReportedAtItsNode() {
    TensorProto wrong = TensorProto.newBuilder().setDataType(1).addDims(2).addFloatData(1).build();
    ModelProblem p =
        find(
            m ->
                node(m, 0)
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("value")
                            .setType(AttributeType.TENSOR)
                            .setT(wrong)),
            "float_data");

    assertTrue(p.location().contains("'first'"), p.location());
  }

  @Test
  void problemsInsideSubgraphsAreReportedWithTheWholePath() {
    OnnxModel model = SmallModels.branches();
    Node choose = model.graph().nodes().get(0);
    Graph broken =
        Graph.builder("then")
            .node(Node.of("Rleu", List.of("x"), List.of("u")))
            .node(Node.of("Add", List.of("u", "nowhere"), List.of("v")))
            .output(ValueInfo.untyped("v"))
            .build();
    Node changed = choose.toBuilder().attribute(Attribute.of("then_branch", broken)).build();

    List<ModelProblem> problems =
        model.withGraph(model.graph().edit().replace(choose, changed).build()).check();

    assertEquals(2, problems.size(), problems.toString());
    for (ModelProblem p : problems) {
      assertTrue(
          p.location().startsWith("graph 'branches' / node 0 'choose' (If) / "), p.toString());
    }
    assertTrue(problems.stream().anyMatch(p -> p.message().contains("'nowhere'")));
  }

  @Test
  void aSubgraphDoesNotSeeWhatIsMadeAfterItsNode() {
    OnnxModel model = SmallModels.branches();
    Node choose = model.graph().nodes().get(0);
    Graph graph =
        new Graph(
            model.graph().rest(),
            ExternalFiles.NONE,
            List.of(
                choose.mapReads(n -> n.equals("two") ? "late" : n),
                Node.of("Neg", List.of("two"), List.of("late"))),
            model.graph().initializers(),
            model.graph().inputs(),
            model.graph().outputs(),
            List.of());

    assertFalse(OnnxModel.of(graph, 17).check().isEmpty());
  }

  @Test
  void aNameThatHidesOneOfTheGraphAroundIsMentioned() {
    OnnxModel model = SmallModels.branches();
    Node choose = model.graph().nodes().get(0);
    Graph hiding =
        Graph.builder("then")
            .node(Node.of("Neg", List.of("x"), List.of("two")))
            .output(ValueInfo.untyped("two"))
            .build();
    Node changed = choose.toBuilder().attribute(Attribute.of("then_branch", hiding)).build();

    List<ModelProblem> problems =
        model.withGraph(model.graph().edit().replace(choose, changed).build()).check();

    assertEquals(1, problems.size(), problems.toString());
    assertEquals(Severity.WARNING, problems.get(0).severity());
    assertTrue(problems.get(0).message().contains("hides"), problems.toString());
  }

  @Test
  void aFunctionOfTheModelIsAnOperatorOfIt() {
    assertEquals(List.of(), check(m -> callFunction(m, function("Twice"))));
  }

  @Test
  void problemsInsideFunctionsAreReported() {
    FunctionProto.Builder dangling = function("Twice");
    dangling.getNodeBuilder(0).setInput(0, "nowhere");
    FunctionProto.Builder unmade = function("Twice").setOutput(0, "nowhere");
    FunctionProto.Builder noOpset = function("Twice").clearOpsetImport();
    FunctionProto.Builder unknown = function("Twice");
    unknown.getNodeBuilder(0).setOpType("Dda");

    ModelProblem p = find(m -> callFunction(m, dangling), "input[0]");
    assertTrue(p.location().startsWith("function 'com.example.Twice'"), p.location());
    find(m -> callFunction(m, unmade), "output");
    find(m -> callFunction(m, noOpset), "opset_import");
    find(m -> callFunction(m, unknown), "op_type");
  }

  @Test
  void aFunctionThatCallsItselfIsReported() {
    FunctionProto.Builder one = function("Twice");
    one.getNodeBuilder(0).setOpType("Other").setDomain("com.example");
    one.addOpsetImport(opset("com.example", 1));
    FunctionProto.Builder other = function("Other");
    other.getNodeBuilder(0).setOpType("Twice").setDomain("com.example");
    other.addOpsetImport(opset("com.example", 1));

    ModelProblem p =
        find(
            m -> {
              callFunction(m, one);
              m.addFunctions(other);
            },
            "node");

    assertTrue(p.message().contains("calls itself"), p.message());
  }

  @Test
  void twoFunctionsOfOneNameAreReportedUnlessTheirOverloadsDiffer() {
    find(
        m -> {
          callFunction(m, function("Twice"));
          m.addFunctions(function("Twice"));
        },
        "name");
    assertEquals(
        List.of(),
        check(
            m -> {
              callFunction(m, function("Twice"));
              m.addFunctions(function("Twice").setOverload("other"));
            }));
  }

  @Test
  void loadingRefusesWithTheFirstProblemsAndTheCountOfTheRest() {
    ModelProto.Builder model = base();
    for (int i = 0; i < 20; i++) {
      model.getGraphBuilder().addOutput(value("missing" + i));
    }

    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> OnnxModel.read(model.build().toByteArray()));

    assertEquals(20, e.problems().size());
    assertTrue(e.problem().contains("'missing0'"), e.problem());
    assertTrue(e.problem().contains("15 more"), e.problem());
  }

  @Test
  void everyProblemSaysWhatToDo() {
    for (ModelProblem p : check(m -> node(m, 0).setInput(0, "nowhere").setOpType("Rleu"))) {
      assertFalse(p.remedy().isBlank());
      assertTrue(p.toString().contains(p.remedy()));
      assertTrue(p.toString().contains(p.describe()));
    }
  }

  private static ModelProto.Builder base() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(opset("", 17))
        .setGraph(
            GraphProto.newBuilder()
                .setName("g")
                .addInput(value("x"))
                .addInitializer(
                    TensorProto.newBuilder()
                        .setName("c")
                        .setDataType(1)
                        .addDims(4)
                        .addFloatData(1)
                        .addFloatData(2)
                        .addFloatData(3)
                        .addFloatData(4))
                .addNode(
                    NodeProto.newBuilder()
                        .setName("first")
                        .setOpType("Relu")
                        .addInput("x")
                        .addOutput("t"))
                .addNode(
                    NodeProto.newBuilder()
                        .setName("second")
                        .setOpType("Add")
                        .addInput("t")
                        .addInput("c")
                        .addOutput("y"))
                .addOutput(value("y")));
  }

  private static FunctionProto.Builder function(String name) {
    return FunctionProto.newBuilder()
        .setDomain("com.example")
        .setName(name)
        .addInput("a")
        .addOutput("b")
        .addOpsetImport(opset("", 17))
        .addNode(
            NodeProto.newBuilder().setOpType("Add").addInput("a").addInput("a").addOutput("b"));
  }

  private static void callFunction(ModelProto.Builder model, FunctionProto.Builder function) {
    node(model, 0).setOpType("Twice").setDomain("com.example");
    model.addOpsetImport(opset("com.example", 1)).addFunctions(function);
  }

  private static NodeProto.Builder node(ModelProto.Builder model, int index) {
    return model.getGraphBuilder().getNodeBuilder(index);
  }

  private static TensorProto.Builder constant(ModelProto.Builder model) {
    return model.getGraphBuilder().getInitializerBuilder(0);
  }

  private static TensorProto.Builder typed(ModelProto.Builder model, DataType type) {
    return constant(model).clearFloatData().setDataType(type.onnxCode());
  }

  private static OperatorSetIdProto opset(String domain, int version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static ValueInfoProto value(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }

  private static List<ModelProblem> check(Consumer<ModelProto.Builder> spoil) {
    ModelProto.Builder model = base();
    spoil.accept(model);
    return OnnxModel.of(model.build(), ExternalFiles.NONE).check();
  }

  private static ModelProblem only(Consumer<ModelProto.Builder> spoil) {
    List<ModelProblem> problems = check(spoil);
    assertEquals(1, problems.size(), problems.toString());
    assertEquals(Severity.ERROR, problems.get(0).severity());
    return problems.get(0);
  }

  private static ModelProblem find(Consumer<ModelProto.Builder> spoil, String field) {
    List<ModelProblem> problems = check(spoil);
    return problems.stream()
        .filter(p -> p.field().equals(field) && p.severity() == Severity.ERROR)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no problem with " + field + " in " + problems));
  }
}
