package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Weights that exporters keep in another form than their reader takes them in. */
class StoredWeightsTest {
  // Beyond what constant folding takes at twice the size.
  private static final int SIDE = 192;

  private static final Attribute TO_FLOAT = Attribute.of("to", DataType.FLOAT32.onnxCode());

  private static OnnxModel product(UnaryOperator<GraphBuilder> stored) {
    return product(stored, node("y", "MatMul", List.of("x", "w")));
  }

  private static OnnxModel product(UnaryOperator<GraphBuilder> stored, Node product) {
    return model(21, "n, " + SIDE, g -> stored.apply(g).node(product));
  }

  private static Initializer of(DataType type, String name, long... dims) {
    return Initializer.floats(name, type, weights(name, dims).floats(), dims);
  }

  private static Initializer bytes(DataType type, String name, long... dims) {
    float[] random = weights(name, dims).floats();
    long[] values = new long[random.length];
    for (int i = 0; i < values.length; i++) {
      long value = Math.round(Math.max(-120, Math.min(120, random[i] * 40)));
      values[i] = type == DataType.UINT8 ? value + 128 : value;
    }
    return Initializer.longs(name, type, values, dims);
  }

  private static Initializer scales(long... dims) {
    float[] values = TestGraphs.positive("scale", dims).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 0.02f;
    }
    return Initializer.floats("scale", values, dims);
  }

  private static PassFixture dynamic(OnnxModel model) {
    LayerPlan plan =
        QuantizationCases.all(model, QuantizationCases.THIS_CPU, NumericPrecision.INT8_DYNAMIC);
    assertEquals(Set.of("y"), plan.decisions().keySet(), "the product is a candidate");
    return PassFixture.of(new DynamicQuantization(QuantizationCases.THIS_CPU, plan)).model(model);
  }

  private static void checkReached(OnnxModel model) {
    // Results are about 8 in size, and what noise adds to them is below one.
    PassFixture fixture = dynamic(model).checkSound(0.8);
    OnnxModel after = fixture.after();
    assertTrue(after.graph().nodes().stream().anyMatch(n -> n.opType().equals("MatMulInteger")));
    assertTrue(
        after.graph().initializers().stream()
            .filter(i -> i.elementCount() >= SIDE * SIDE)
            .allMatch(i -> i.type() == DataType.INT8),
        "what was stored is gone: " + after.graph());
    assertTrue(after.toBytes().length < model.toBytes().length + 4096);
  }

  @Test
  void halfPrecisionOfAnyKindBehindACast() {
    for (DataType type : List.of(DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT64)) {
      checkReached(
          product(
              g ->
                  g.initializer(of(type, "s", SIDE, SIDE))
                      .node(node("w", "Cast", List.of("s"), TO_FLOAT))));
    }
  }

  @Test
  void aConstantNodeBehindWhatMovesElements() {
    checkReached(
        product(
            g ->
                g.node(
                        node(
                            "c",
                            "Constant",
                            List.of(),
                            value(of(DataType.FLOAT16, "c", 1, SIDE * SIDE))))
                    .initializer(longs("shape", SIDE, -1))
                    .node(node("r", "Reshape", List.of("c", "shape")))
                    .node(node("t", "Transpose", List.of("r"), Attribute.ofInts("perm", 1, 0)))
                    .node(node("i", "Identity", List.of("t")))
                    .node(node("w", "Cast", List.of("i"), TO_FLOAT))));
  }

  private static Attribute value(Initializer constant) {
    return Attribute.of("value", constant);
  }

  @Test
  void integersBehindADequantizeLinearWithScalesForATensorAnAxisAndBlocks() {
    Initializer tensor = Initializer.floats("scale", new float[] {0.02f});
    Initializer axis = scales(SIDE);
    Initializer blocks = scales(SIDE / 32, SIDE);
    Attribute first = Attribute.of("axis", 0);
    for (DataType type : List.of(DataType.INT8, DataType.UINT8)) {
      for (Initializer scale : List.of(tensor, axis, blocks)) {
        long[] zeros = new long[(int) scale.elementCount()];
        Arrays.fill(zeros, type == DataType.UINT8 ? 128 : 0);
        Node.Builder dequantize =
            node("w", "DequantizeLinear", List.of("s", "scale", "zero"), first).toBuilder();
        if (scale.dims().length == 2) {
          dequantize.attribute(Attribute.of("block_size", 32));
        }
        checkReached(
            product(
                g ->
                    g.initializer(bytes(type, "s", SIDE, SIDE))
                        .initializer(scale)
                        .initializer(Initializer.longs("zero", type, zeros, scale.dims()))
                        .node(dequantize.build())));
      }
    }
  }

  @Test
  void halfPrecisionScalesBetweenADequantizeLinearAndACast() {
    checkReached(
        product(
            g ->
                g.initializer(bytes(DataType.INT8, "s", SIDE, SIDE))
                    .initializer(Initializer.floats("scale", DataType.FLOAT16, new float[] {0.02f}))
                    .node(node("h", "DequantizeLinear", List.of("s", "scale")))
                    .node(node("w", "Cast", List.of("h"), TO_FLOAT))));
  }

  @Test
  void aGemmReadsThemTransposed() {
    checkReached(
        product(
            g ->
                g.initializer(of(DataType.FLOAT16, "s", SIDE, SIDE))
                    .node(node("w", "Cast", List.of("s"), TO_FLOAT)),
            node("y", "Gemm", List.of("x", "w"), Attribute.of("transB", 1))));
  }

  /** Each column of the product's matrix is a direction and a length. */
  private static OnnxModel normalized(Initializer direction, String... factors) {
    return product(
        g ->
            g.initializer(direction)
                .initializer(TestGraphs.positive("g", 1, SIDE))
                .initializer(longs("axes", 0))
                .node(node("norm", "ReduceL2", List.of("v", "axes")))
                .node(node("ratio", "Div", List.of("g", "norm")))
                .node(node("w", "Mul", List.of(factors))));
  }

  @Test
  void aDirectionAndALengthOfWeightNormalization() {
    checkReached(normalized(weights("v", SIDE, SIDE), "v", "ratio"));
    checkReached(normalized(weights("v", SIDE, SIDE), "ratio", "v"));
  }

  @Test
  void aDirectionOfNoLengthIsLeftAlone() {
    OnnxModel model =
        normalized(Initializer.floats("v", new float[SIDE * SIDE], SIDE, SIDE), "v", "ratio");
    checkLeftAlone(model, "constants alone");
  }

  @Test
  void weightsOfFourBitsWouldGrowAndAreLeftAlone() {
    OnnxModel model =
        product(
            g ->
                g.initializer(
                        Initializer.longs("s", DataType.INT4, new long[SIDE * SIDE], SIDE, SIDE))
                    .initializer(Initializer.floats("scale", new float[] {0.02f}))
                    .node(node("w", "DequantizeLinear", List.of("s", "scale"))));
    checkLeftAlone(model, "INT4");
  }

  @Test
  void weightsThatACallerMayOverrideAreLeftAloneWithWhatToDo() {
    OnnxModel model =
        model(
            17,
            "n, " + SIDE,
            g ->
                g.initializer(weights("w", SIDE, SIDE))
                    .input(TensorSpec.of("w", DataType.FLOAT32, SIDE, SIDE))
                    .node(node("y", "MatMul", List.of("x", "w"))));
    checkLeftAlone(model, "take 'w' off the model's inputs");
    checkReached(model.withGraph(model.graph().edit().removeInput("w").build()));
  }

  private static void checkLeftAlone(OnnxModel model, String why) {
    LayerPlan plan =
        new LayerPlan(Map.of("y", new LayerDecision(NumericPrecision.INT8_DYNAMIC, "a test")));
    PassFixture.of(new DynamicQuantization(QuantizationCases.THIS_CPU, plan))
        .model(model)
        .checkUnchanged()
        .checkNote("y", RewriteNote.Kind.LEFT_ALONE, why);
    assertEquals(
        Set.of(),
        QuantizableLayers.layers(model, QuantizationCases.THIS_CPU, NumericPrecision.INT8_DYNAMIC));
  }
}
