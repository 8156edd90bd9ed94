package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.LayerPlanner;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.GraphText;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where types change, and where casts stand. */
class HalfPrecisionTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();

  private static GraphBuilder graph() {
    return Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, 2, 2));
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  private static TensorSpec output(String name) {
    return TensorSpec.of(name, DataType.FLOAT32, 2, 2);
  }

  private static Initializer weight(String name) {
    return Initializer.floats(name, new float[] {1, 0.5f, -2, 0.1f}, 2, 2);
  }

  /** relu(x w) + w */
  private static OnnxModel network() {
    return OnnxModel.of(
        graph()
            .initializer(weight("w"))
            .node(node("MatMul", "mm", "a", "x", "w"))
            .node(node("Relu", "relu", "b", "a"))
            .node(node("Add", "add", "y", "b", "w"))
            .output(output("y"))
            .build(),
        17);
  }

  private static LayerPlan keeping(String node) {
    return new LayerPlan(Map.of(node, new LayerDecision(NumericPrecision.FP32, "by a rule")));
  }

  @Test
  void weightsAndTensorsChangeAndCastsStandAtTheEnds() {
    PassFixture.of(FP16)
        .model(network())
        .check(
            """
            const w: FLOAT16[2, 2] = [1.0, 0.5, -2.0, 0.099975586]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            mm: MatMul(x_fp16, w) -> a
            relu: Relu(a) -> b
            add: Add(b, w) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkNote("relu", RewriteNote.Kind.CHANGED, "FP16")
        .checkSound(0.005);
  }

  @Test
  void inputsAndOutputsChangeOnRequest() {
    HalfPrecision pass = HalfPrecision.fp16().convertInterface(true).build();
    OnnxModel after = pass.apply(network(), new RewriteLog());
    assertEquals(
        """
        const w: FLOAT16[2, 2] = [1.0, 0.5, -2.0, 0.099975586]
        mm: MatMul(x, w) -> a
        relu: Relu(a) -> b
        add: Add(b, w) -> y
        return y
        """,
        GraphText.of(after.graph()));
    TensorSpec input = after.graph().inputs().get(0).tensor().orElseThrow();
    assertEquals(TensorSpec.of("x", DataType.FLOAT16, 2, 2), input);
    assertEquals(
        TensorSpec.of("y", DataType.FLOAT16, 2, 2),
        after.graph().outputs().get(0).tensor().orElseThrow());
    assertSame(after, pass.apply(after, new RewriteLog()));
  }

  @Test
  void aKeptNodeGetsOneCastOnEitherSideAndItsOwnCopyOfASharedWeight() {
    PassFixture.of(HalfPrecision.fp16().plan(keeping("add")).build())
        .model(network())
        .check(
            """
            const w: FLOAT32[2, 2] = [1.0, 0.5, -2.0, 0.1]
            const w_fp16: FLOAT16[2, 2] = [1.0, 0.5, -2.0, 0.099975586]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            mm: MatMul(x_fp16, w_fp16) -> a
            relu: Relu(a) -> b
            b_to_fp32: Cast(b) -> b_fp32 {to=1}
            add: Add(b_fp32, w) -> y
            return y
            """)
        .checkNote("add", RewriteNote.Kind.LEFT_ALONE, "by a rule")
        .checkSound(0.005);
  }

  @Test
  void readersShareACast() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Tanh", "one", "b", "a"))
                .node(node("Sigmoid", "two", "c", "a"))
                .node(node("Add", "add", "y", "b", "c"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(HalfPrecision.fp16().plan(keeping("relu")).build())
        .model(model)
        .check(
            """
            relu: Relu(x) -> a
            a_to_fp16: Cast(a) -> a_fp16 {to=10}
            one: Tanh(a_fp16) -> b
            two: Sigmoid(a_fp16) -> c
            add: Add(b, c) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkSound(0.005);
  }

  @Test
  void anIntermediateOutputKeepsItsNameAndType() {
    OnnxModel model = network();
    OnnxModel both =
        model.withGraph(model.graph().edit().addOutput(ValueInfo.of(output("a"))).build());
    PassFixture.of(FP16)
        .model(both)
        .check(
            """
            const w: FLOAT16[2, 2] = [1.0, 0.5, -2.0, 0.099975586]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            mm: MatMul(x_fp16, w) -> a_fp16
            a_fp16_to_fp32: Cast(a_fp16) -> a {to=1}
            relu: Relu(a_fp16) -> b
            add: Add(b, w) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y, a
            """)
        .checkSound(0.005);
  }

  @Test
  void weightsOfConstantNodesChangeWhereTheyStand() {
    Node constant =
        Node.builder("Constant")
            .name("c")
            .outputs("w")
            .attribute(Attribute.ofFloats("value_floats", 1, 3))
            .build();
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(constant)
                .node(node("Mul", "mul", "y", "x", "w"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(FP16)
        .model(model)
        .check(
            """
            c: Constant() -> w {value=w: FLOAT16[2] = [1.0, 3.0]}
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            mul: Mul(x_fp16, w) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkSound(0.01);
  }

  @Test
  void aNodeWithGraphsStaysAndReadsWhatItReadInSinglePrecision() {
    Graph then =
        Graph.builder("then").node(node("Add", "inner", "t", "a", "w")).output(output("t")).build();
    Graph otherwise =
        Graph.builder("else").node(node("Neg", "neg", "e", "x")).output(output("e")).build();
    Node choice =
        Node.builder("If")
            .name("if")
            .inputs("c")
            .outputs("z")
            .attribute(Attribute.of("then_branch", then))
            .attribute(Attribute.of("else_branch", otherwise))
            .build();
    OnnxModel model =
        OnnxModel.of(
            graph()
                .input(TensorSpec.of("c", DataType.BOOL))
                .initializer(weight("w"))
                .node(node("MatMul", "mm", "a", "x", "w"))
                .node(choice)
                .node(node("Relu", "relu", "y", "z"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(FP16)
        .model(model)
        .check(
            """
            const w: FLOAT32[2, 2] = [1.0, 0.5, -2.0, 0.1]
            const w_fp16: FLOAT16[2, 2] = [1.0, 0.5, -2.0, 0.099975586]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            mm: MatMul(x_fp16, w_fp16) -> a
            a_to_fp32: Cast(a) -> a_fp32 {to=1}
            if: If(c) -> z
              then_branch:
                inner: Add(a_fp32, w) -> t
                return t
              else_branch:
                neg: Neg(x) -> e
                return e
            z_to_fp16: Cast(z) -> z_fp16 {to=10}
            relu: Relu(z_fp16) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkNote("if", RewriteNote.Kind.LEFT_ALONE, "graphs inside")
        .checkSound(0.01);
  }

  @Test
  void castsOfTheModelToTheTypeThatIsThereAreTakenOut() {
    Node down =
        Node.builder("Cast")
            .name("down")
            .inputs("a")
            .outputs("h")
            .attribute(Attribute.of("to", 10L))
            .build();
    Node up =
        Node.builder("Cast")
            .name("up")
            .inputs("s")
            .outputs("f")
            .attribute(Attribute.of("to", 1L))
            .build();
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "relu", "a", "x"))
                .node(down)
                .node(node("Sigmoid", "sigmoid", "s", "h"))
                .node(up)
                .node(node("Tanh", "tanh", "y", "f"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(FP16)
        .model(model)
        .check(
            """
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            relu: Relu(x_fp16) -> a
            sigmoid: Sigmoid(a) -> s
            tanh: Tanh(s) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkNote("down", RewriteNote.Kind.CHANGED, "removed")
        .checkNote("up", RewriteNote.Kind.CHANGED, "removed")
        .checkSound(0.01);
  }

  @Test
  void constantsDeclaredAsInputsByOldModelsKeepTheirDeclarations() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .input(TensorSpec.of("w", DataType.FLOAT32, 2, 2))
                .initializer(weight("w"))
                .node(node("MatMul", "mm", "y", "x", "w"))
                .output(output("y"))
                .build(),
            8);
    assertEquals(3, model.irVersion());
    PassFixture.of(FP16).model(model).checkChanged().checkSound(0.01);
  }

  @Test
  void aConstantThatACallerMayReplaceIsReadThroughACast() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .input(TensorSpec.of("w", DataType.FLOAT32, 2, 2))
                .initializer(weight("w"))
                .node(node("MatMul", "mm", "y", "x", "w"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(FP16)
        .model(model)
        .check(
            """
            const w: FLOAT32[2, 2] = [1.0, 0.5, -2.0, 0.1]
            x_to_fp16: Cast(x) -> x_fp16 {to=10}
            w_to_fp16: Cast(w) -> w_fp16 {to=10}
            mm: MatMul(x_fp16, w_fp16) -> y_fp16
            y_fp16_to_fp32: Cast(y_fp16) -> y {to=1}
            return y
            """)
        .checkSound(0.01);
  }

  @Test
  void aModelWithoutSinglePrecisionStaysAsItIs() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.INT64, 2))
                .node(node("Add", "add", "y", "x", "x"))
                .output(TensorSpec.of("y", DataType.INT64, 2))
                .build(),
            17);
    PassFixture.of(FP16).model(model).checkUnchanged();
    PassFixture.of(HalfPrecision.bf16().build()).model(model).checkUnchanged();
  }

  @Test
  void aModelThatIsKeptThroughoutStaysAsItIs() {
    LayerPlan plan =
        LayerPlanner.forBase(NumericPrecision.FP32).plan(network(), Set.of(), List.of());
    PassFixture.of(HalfPrecision.fp16().plan(plan).build()).model(network()).checkUnchanged();
  }

  @Test
  void unnamedNodesOfOneNameAreConverted() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "", "a", "x"))
                .node(node("Relu", "", "y", "a"))
                .output(output("y"))
                .build(),
            17);
    PassFixture.of(FP16).model(model).checkChanged().checkSound(0.01);
  }

  @Test
  void theWeightsOfANormalizationHaveTheTypeThatItsInputIsMadeIn() {
    // Of the two in this network, one reads an output of the graph, which is in single precision.
    // ONNX Runtime refuses weights of another type.
    PassFixture.of(FP16).model(RandomNetworks.of(55)).checkChanged().checkSound(0.02);
  }
}
