package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.PreferredForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What stays in single precision, and why. */
class HalfPrecisionRulesTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();
  private static final HalfPrecision BF16 = HalfPrecision.bf16().build();

  private static GraphBuilder graph() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4));
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  private static Node cast(String name, String from, String to, DataType type) {
    return node("Cast", name, to, from).toBuilder()
        .attribute(Attribute.of("to", (long) type.onnxCode()))
        .build();
  }

  private static Initializer scalar(String name, float value) {
    return Initializer.floats(name, new float[] {value});
  }

  private static Set<String> left(PassFixture fixture) {
    Set<String> left = new TreeSet<>();
    fixture.notes().stream()
        .filter(n -> n.kind() == RewriteNote.Kind.LEFT_ALONE)
        .forEach(n -> left.add(n.node()));
    return left;
  }

  @Test
  void aWeightBeyondTheRangeKeepsItsNode() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.floats("w", new float[] {1, 65505, 2, 3}, 4))
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Mul", "mul", "y", "a", "w"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of("mul"), left(fixture));
    fixture.checkNote("mul", RewriteNote.Kind.LEFT_ALONE, "'w' reaches 65505.0");
    assertEquals(Set.of(), left(PassFixture.of(BF16).model(model)));
  }

  @Test
  void aWeightThatVanishesKeepsItsNode() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.floats("w", new float[] {1e-6f, 0, -2e-6f, 1e-7f}, 4))
                .node(node("Mul", "mul", "y", "x", "w"))
                .build(),
            17);
    PassFixture.of(FP16)
        .model(model)
        .checkNote("mul", RewriteNote.Kind.LEFT_ALONE, "below the smallest normal")
        .checkUnchanged();
  }

  @Test
  void nodesThatExceededTheLimitInTheReferenceRunStay() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "one", "a", "x"))
                .node(node("Mul", "two", "b", "a", "a"))
                .node(node("Sigmoid", "three", "c", "b"))
                .node(node("Tanh", "four", "y", "c"))
                .build(),
            17);
    CalibrationTable table =
        CalibrationTable.builder(model.digest(), "min-max", 1)
            .range("x", TensorRange.observed(-30, 30))
            .range("a", TensorRange.observed(0, 30))
            .range("b", TensorRange.observed(0, 900))
            .range("c", TensorRange.observed(0, 1))
            .build();
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().table(table).build()).model(model).checkSound(0.01);
    assertEquals(Set.of("two", "three"), left(fixture));
    fixture
        .checkNote("two", RewriteNote.Kind.LEFT_ALONE, "output 'b' reached 900.0")
        .checkNote("three", RewriteNote.Kind.LEFT_ALONE, "input 'b' reached 900.0");
    HalfPrecision lenient = HalfPrecision.fp16().table(table).limit(1000).build();
    assertEquals(Set.of(), left(PassFixture.of(lenient).model(model)));
    assertEquals(
        Set.of(), left(PassFixture.of(HalfPrecision.bf16().table(table).build()).model(model)));
  }

  @Test
  void limitsBeyondTheRangeOfTheTypeAreRefused() {
    for (float limit : new float[] {0, -1, 65505, Float.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> HalfPrecision.fp16().limit(limit));
    }
  }

  @Test
  void operatorsWithoutKernelsOnTheTargetStay() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Softmax", "softmax", "y", "a"))
                .build(),
            17);
    KernelRules kernels =
        KernelRules.builder()
            .rule("Softmax", KernelRule.never("there is no FP16 kernel for Softmax."))
            .build();
    PreferredForm form = PreferredForm.builder().halfPrecisionKernels(kernels).build();
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().preferredForm(form).build()).model(model);
    assertEquals(Set.of("softmax"), left(fixture.checkSound(0.01)));
    fixture.checkNote("softmax", RewriteNote.Kind.LEFT_ALONE, "no FP16 kernel");
  }

  @Test
  void operatorsThatTakeTheTypeAtANewerOpsetOnlyStayWithThatNote() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 4, 4))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1, 1, 4, 4))
                .initializer(Initializer.floats("w", new float[] {0.5f}, 1, 1, 1, 1))
                .node(node("Conv", "conv", "a", "x", "w"))
                .node(node("Relu", "relu", "y", "a"))
                .build(),
            17);
    PassFixture fixture =
        PassFixture.of(BF16)
            .model(model)
            .checkNote("conv", RewriteNote.Kind.LEFT_ALONE, "from opset 22 on");
    assertEquals(Set.of("conv"), left(fixture));
    HalfChecks.requireSound(model, fixture.after(), 1);
    assertEquals(Set.of(), left(PassFixture.of(FP16).model(model).checkSound(0.01)));
  }

  @Test
  void theOpsetIsUpgradedAsFarAsBfloat16Needs() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Sigmoid", "sigmoid", "y", "a"))
                .build(),
            11);
    PassFixture fixture = PassFixture.of(BF16).model(model);
    assertEquals(13, fixture.after().opset());
    assertEquals(Set.of(), left(fixture));
    fixture.checkNote("g", RewriteNote.Kind.CHANGED, "[Relu, Sigmoid]");
    HalfPrecision faithful = HalfPrecision.bf16().upgradeOpset(false).build();
    PassFixture.of(faithful).model(model).checkUnchanged();
  }

  @Test
  void aSpeltOutLayerNormalizationStaysBetweenTwoCasts() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(scalar("two", 2))
                .initializer(scalar("epsilon", 1e-12f))
                .node(node("Relu", "relu", "h", "x"))
                .node(mean("mean", "h", "m"))
                .node(node("Sub", "centred", "d", "h", "m"))
                .node(node("Pow", "squared", "q", "d", "two"))
                .node(mean("variance", "q", "v"))
                .node(node("Add", "safe", "s", "v", "epsilon"))
                .node(node("Sqrt", "root", "r", "s"))
                .node(node("Div", "quotient", "n", "d", "r"))
                .node(node("Tanh", "tanh", "y", "n"))
                .build(),
            17);
    for (HalfPrecision pass : List.of(FP16, BF16)) {
      PassFixture fixture = PassFixture.of(pass).model(model);
      assertEquals(
          Set.of("mean", "centred", "squared", "variance", "safe", "root", "quotient"),
          left(fixture));
      long casts =
          fixture.after().graph().nodes().stream().filter(n -> n.opType().equals("Cast")).count();
      assertEquals(4, casts, "two of the interface, and one on either side");
    }
    PassFixture.of(FP16).model(model).checkSound(0.01);
  }

  private static Node mean(String name, String from, String to) {
    return node("ReduceMean", name, to, from).toBuilder()
        .attribute(Attribute.ofInts("axes", -1))
        .build();
  }

  @Test
  void aDivisorThatIsKeptFromZeroStaysWithItsQuotient() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(scalar("least", 1e-9f))
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Max", "max", "b", "a", "least"))
                .node(node("Div", "div", "c", "a", "b"))
                .node(node("Tanh", "tanh", "y", "c"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of("max", "div"), left(fixture));
  }

  @Test
  void arithmeticWithSizesStaysExact() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(scalar("half", 0.5f))
                .initializer(Initializer.longs("axes", new long[] {0}, 1))
                .node(node("Relu", "relu", "a", "x"))
                .node(node("Shape", "shape", "s", "a"))
                .node(cast("float", "s", "f", DataType.FLOAT32))
                .node(node("Mul", "mul", "g", "f", "half"))
                .node(node("Div", "div", "h", "g", "half"))
                .node(cast("int", "h", "i", DataType.INT64))
                .node(node("Reshape", "reshape", "y", "a", "i"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of("mul", "div"), left(fixture));
  }

  @Test
  void operatorsThatGrowStayUnlessTheyWereMeasured() {
    OnnxModel model =
        OnnxModel.of(
            graph().node(node("Exp", "exp", "a", "x")).node(node("Tanh", "tanh", "y", "a")).build(),
            17);
    assertEquals(Set.of("exp"), left(PassFixture.of(FP16).model(model).checkSound(0.01)));
    assertEquals(Set.of(), left(PassFixture.of(BF16).model(model)));
    CalibrationTable table =
        CalibrationTable.builder(model.digest(), "min-max", 1)
            .range("a", TensorRange.observed(0, 60))
            .build();
    PassFixture measured = PassFixture.of(HalfPrecision.fp16().table(table).build()).model(model);
    assertEquals(Set.of(), left(measured.checkIdempotent().checkValid()));
  }

  @Test
  void aBatchNormalizationWhoseInputWasLargeStaysWithWhatMakesIt() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.floats("one", new float[] {1, 1, 1, 1}, 4))
                .initializer(Initializer.floats("mean", new float[] {0, 0, 0, 9}, 4))
                .initializer(Initializer.floats("var", new float[] {1, 1, 1, 1e8f}, 4))
                .node(node("Neg", "neg", "a", "x"))
                .node(node("BatchNormalization", "bn", "b", "a", "one", "mean", "mean", "var"))
                .node(node("Tanh", "tanh", "y", "b"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of("neg", "bn"), left(fixture));
    assertTrue(left(PassFixture.of(BF16).model(model)).isEmpty());
  }

  @Test
  void anotherDomainsOperatorsStay() {
    Node gelu = node("Gelu", "gelu", "a", "x").toBuilder().domain("com.microsoft").build();
    OnnxModel model =
        OnnxModel.of(
                graph()
                    .node(gelu)
                    .node(node("Tanh", "tanh", "y", "a"))
                    .valueInfo(TensorSpec.of("a", DataType.FLOAT32, 2, 4))
                    .build(),
                17)
            .withOpset("com.microsoft", 1);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of("gelu"), left(fixture));
    fixture.checkNote("gelu", RewriteNote.Kind.LEFT_ALONE, "com.microsoft.Gelu are not known");
  }
}
