package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.OrtRunner.Value;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Attention masks whose constants no half-precision number holds. */
class HalfMasksTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();
  private static final float FAR = -3.4028235e38f;

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder scores() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4))
        .node(node("Tanh", "scores", "a", "x"));
  }

  /** softmax(scores + (1 - mask) * far) */
  private static OnnxModel additive(float far) {
    return OnnxModel.of(
        scores()
            .input(TensorSpec.of("mask", DataType.INT64, 2, 4))
            .initializer(Initializer.floats("one", new float[] {1}))
            .initializer(Initializer.floats("far", new float[] {far}))
            .node(
                node("Cast", "float", "f", "mask").toBuilder()
                    .attribute(Attribute.of("to", 1L))
                    .build())
            .node(node("Sub", "inverse", "i", "one", "f"))
            .node(node("Mul", "bias", "b", "i", "far"))
            .node(node("Add", "add", "s", "a", "b"))
            .node(node("Softmax", "softmax", "y", "s"))
            .build(),
        17);
  }

  /** The first row is masked in part, the second throughout. */
  private static Map<String, Value> inputs() {
    Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 4);
    Tensor mask = Tensor.allocate(DataType.INT64, 2, 4);
    for (int i = 0; i < 8; i++) {
      x.floats().put(i, i - 3.5f);
      mask.longs().put(i, i < 2 ? 1 : 0);
    }
    return Map.of("x", OrtRunner.of(x), "mask", OrtRunner.of(mask));
  }

  private static void assertMasksAlike(OnnxModel before, OnnxModel after) throws OrtException {
    Output expected = OrtRunner.run(before, inputs()).get("y");
    Output actual = OrtRunner.run(after, inputs()).get("y");
    for (int i = 0; i < 4; i++) {
      assertEquals(expected.values()[i], actual.values()[i], 0.002);
      // Of a row without anything unmasked only this is certain: its values are numbers.
      assertTrue(Double.isFinite(actual.values()[4 + i]), "value " + i);
    }
    assertEquals(0, actual.values()[2]);
  }

  @Test
  void anAdditiveMaskIsClampedAndARowMaskedThroughoutStaysANumber() throws OrtException {
    for (float far : new float[] {FAR, -1e9f, -10_000}) {
      OnnxModel model = additive(far);
      PassFixture fixture =
          PassFixture.of(FP16)
              .otherResults("numbers at random are no masks; those are compared below")
              .model(model)
              .checkIdempotent()
              .checkValid();
      if (far < -65504) {
        fixture.checkNote("bias", RewriteNote.Kind.CHANGED, "'far' beyond the range of FP16");
      }
      assertMasksAlike(model, fixture.after());
    }
  }

  @Test
  void theScoresOfMaskedAttentionCountAndNotTheMask() {
    OnnxModel model = additive(-10_000);
    CalibrationTable table =
        CalibrationTable.builder(model.digest(), "min-max", 1)
            .range("a", TensorRange.observed(-1, 1))
            .range("b", TensorRange.observed(-10_000, 0))
            .range("s", TensorRange.observed(-10_001, 1))
            .range("y", TensorRange.observed(0, 1))
            .build();
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().table(table).build()).model(model).checkIdempotent();
    assertEquals(Set.of("inverse", "bias"), left(fixture));
  }

  @Test
  void aMaskByChoiceIsClamped() {
    OnnxModel model =
        OnnxModel.of(
            scores()
                .input(TensorSpec.of("mask", DataType.BOOL, 2, 4))
                .initializer(Initializer.floats("far", new float[] {FAR}))
                .node(node("Where", "choose", "s", "mask", "a", "far"))
                .node(node("Softmax", "softmax", "y", "s"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(Set.of(), left(fixture));
    assertEquals(-16384, fixture.after().graph().initializer("far").orElseThrow().floats()[0]);
  }

  @Test
  void anUnboundedClipStaysUnbounded() {
    OnnxModel model =
        OnnxModel.of(
            scores()
                .initializer(Initializer.floats("low", new float[] {0}))
                .initializer(Initializer.floats("high", new float[] {-FAR}))
                .node(node("Clip", "clip", "y", "a", "low", "high"))
                .build(),
            17);
    PassFixture fixture = PassFixture.of(FP16).model(model).checkSound(0.01);
    assertEquals(65504, fixture.after().graph().initializer("high").orElseThrow().floats()[0]);
  }

  @Test
  void aFactorOfRealDataIsNoMask() {
    OnnxModel model =
        OnnxModel.of(
            scores()
                .initializer(Initializer.floats("far", new float[] {FAR}))
                .node(node("Mul", "mul", "s", "a", "far"))
                .node(node("Softmax", "softmax", "y", "s"))
                .build(),
            17);
    assertTrue(left(PassFixture.of(FP16).model(model)).contains("mul"));
  }

  @Test
  void aFilledMaskIsClamped() throws OrtException {
    Node fill =
        node("ConstantOfShape", "fill", "f", "shape").toBuilder()
            .attribute(Attribute.of("value", Initializer.floats("", new float[] {FAR}, 1)))
            .build();
    OnnxModel model =
        OnnxModel.of(
            scores()
                .initializer(Initializer.longs("shape", new long[] {2, 4}, 2))
                .initializer(Initializer.longs("diagonal", new long[] {1}))
                .node(fill)
                .node(node("Trilu", "upper", "t", "f", "diagonal"))
                .node(node("Add", "add", "s", "a", "t"))
                .node(node("Softmax", "softmax", "y", "s"))
                .build(),
            17);
    assertEquals(Set.of(), left(PassFixture.of(FP16).model(model).checkSound(0.01)));
  }

  @Test
  void bfloat16RoundsTheLowestFloatToAMaskAsWell() {
    OnnxModel model = additive(FAR);
    PassFixture fixture =
        PassFixture.of(HalfPrecision.bf16().build())
            .model(model)
            .checkNote("bias", RewriteNote.Kind.CHANGED, "beyond the range of BF16");
    float clamped = fixture.after().graph().initializer("far_clamped").orElseThrow().floats()[0];
    assertEquals(-0x1p126f, clamped);
  }

  private static Set<String> left(PassFixture fixture) {
    return fixture.notes().stream()
        .filter(n -> n.kind() == RewriteNote.Kind.LEFT_ALONE)
        .map(RewriteNote::node)
        .collect(Collectors.toSet());
  }

  private static final float NEVER = Float.NEGATIVE_INFINITY;

  /** Runs both models on a mask whose second row hides everything but one score. */
  private static void assertAlikeWithOneLeft(OnnxModel model) throws OrtException {
    Tensor x = Tensor.allocate(DataType.FLOAT32, 2, 4);
    Tensor mask = Tensor.allocate(DataType.FLOAT32, 2, 4);
    for (int i = 0; i < 8; i++) {
      x.floats().put(i, i - 3.5f);
      mask.floats().put(i, i < 2 || i == 7 ? 1 : 0);
    }
    Map<String, Value> inputs = Map.of("x", OrtRunner.of(x), "mask", OrtRunner.of(mask));
    Output expected = OrtRunner.run(model, inputs).get("y");
    PassFixture fixture = PassFixture.of(FP16).model(model).checkIdempotent().checkValid();
    Output actual = OrtRunner.run(fixture.after(), inputs).get("y");
    for (int i = 0; i < 8; i++) {
      assertEquals(expected.values()[i], actual.values()[i], 0.002, "value " + i);
    }
  }

  private static GraphBuilder withFloatMask() {
    return scores().input(TensorSpec.of("mask", DataType.FLOAT32, 2, 4));
  }

  @Test
  void infinityMasksByChoice() throws OrtException {
    assertAlikeWithOneLeft(
        OnnxModel.of(
            withFloatMask()
                .initializer(Initializer.floats("half", new float[] {0.5f}))
                .initializer(Initializer.floats("never", new float[] {NEVER}))
                .node(node("Greater", "shown", "c", "mask", "half"))
                .node(node("Where", "choose", "s", "c", "a", "never"))
                .node(node("Softmax", "softmax", "y", "s"))
                .build(),
            17));
  }

  @Test
  void aConstantOfInfinitiesMasksByAddition() throws OrtException {
    for (float far : new float[] {NEVER, FAR}) {
      float[] causal = {0, far, far, far, 0, 0, far, far};
      assertAlikeWithOneLeft(
          OnnxModel.of(
              withFloatMask()
                  .initializer(Initializer.floats("causal", causal, 2, 4))
                  .node(node("Mul", "weigh", "m", "a", "mask"))
                  .node(node("Add", "add", "s", "m", "causal"))
                  .node(node("Softmax", "softmax", "y", "s"))
                  .build(),
              17));
    }
  }

  @Test
  void aMaskOfFloatsThatComeFromOutsideStaysANumber() throws OrtException {
    OnnxModel model =
        OnnxModel.of(
            withFloatMask()
                .initializer(Initializer.floats("one", new float[] {1}))
                .initializer(Initializer.floats("far", new float[] {FAR}))
                .node(node("Sub", "inverse", "i", "one", "mask"))
                .node(node("Mul", "bias", "b", "i", "far"))
                .node(node("Add", "add", "s", "a", "b"))
                .node(node("Softmax", "softmax", "y", "s"))
                .build(),
            17);
    assertAlikeWithOneLeft(model);
    // Where all is masked, single precision gives equal shares, and infinity would give none.
    Map<String, Value> hidden =
        Map.of(
            "x", OrtRunner.of(Tensor.allocate(DataType.FLOAT32, 2, 4)),
            "mask", OrtRunner.of(Tensor.allocate(DataType.FLOAT32, 2, 4)));
    Output shares = OrtRunner.run(PassFixture.of(FP16).model(model).after(), hidden).get("y");
    for (double share : shares.values()) {
      assertEquals(0.25, share, 0.001);
    }
  }

  @Test
  void whatIsPaddedWithTheLowestNumberIsNeverTheLargest() throws OrtException {
    for (float far : new float[] {NEVER, FAR}) {
      assertAlikeWithOneLeft(
          OnnxModel.of(
              withFloatMask()
                  .initializer(Initializer.longs("pads", new long[] {0, 0, 0, 2}, 4))
                  .initializer(Initializer.floats("low", new float[] {far}))
                  .initializer(Initializer.longs("from", new long[] {0}, 1))
                  .initializer(Initializer.longs("to", new long[] {4}, 1))
                  .initializer(Initializer.longs("axis", new long[] {1}, 1))
                  .node(node("Add", "sum", "m", "a", "mask"))
                  .node(node("Pad", "pad", "p", "m", "pads", "low"))
                  .node(node("Softmax", "softmax", "s", "p"))
                  .node(node("Slice", "cut", "y", "s", "from", "to", "axis"))
                  .build(),
              17));
    }
  }
}
