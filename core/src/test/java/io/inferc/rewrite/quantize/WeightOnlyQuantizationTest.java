package io.inferc.rewrite.quantize;

import static io.inferc.rewrite.RewriteNote.Kind.CHANGED;
import static io.inferc.rewrite.RewriteNote.Kind.LEFT_ALONE;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which layers get weights alone as integers, in which form, and what is said of the others. */
class WeightOnlyQuantizationTest {
  private static final WeightQuantization FOUR = WeightQuantization.bits(4).withBlock(32);
  private static final WeightQuantization EIGHT = WeightQuantization.bits(8).withBlock(32);
  private static final WeightOnlyForm N_BITS = WeightOnlyCases.N_BITS;
  private static final WeightOnlyForm STANDARD = WeightOnlyCases.STANDARD;

  private static PassFixture applied(
      OnnxModel model, WeightOnlyForm form, WeightQuantization options) {
    return PassFixture.of(WeightOnlyCases.pass(model, form, options)).model(model);
  }

  /** Requires that 8 bits lose next to nothing in both forms. */
  private static void requireRight(OnnxModel model, String... changed) {
    for (WeightOnlyForm form : List.of(N_BITS, STANDARD)) {
      WeightOnlyLayers found = WeightOnlyLayers.of(model, form, EIGHT);
      assertEquals(
          Set.of(changed),
          WeightOnlyCases.all(model, form, EIGHT).decisions().keySet(),
          found::toString);
      PassFixture fixture = applied(model, form, EIGHT).checkChanged().checkValid();
      for (int seed = 0; seed < 3; seed++) {
        Map<String, Tensor> inputs = RandomNetworks.inputs(model.graph(), seed);
        double sqnr = QuantizationCases.sqnr(model, fixture.after(), inputs);
        assertTrue(sqnr > 35, () -> form.product() + ": " + sqnr + " dB");
      }
    }
  }

  private static void leftAlone(OnnxModel model, String node, String why) {
    for (WeightOnlyForm form : List.of(N_BITS, STANDARD)) {
      PassFixture.of(WeightOnlyCases.forced(form, EIGHT, node))
          .model(model)
          .checkUnchanged()
          .checkNote(node, LEFT_ALONE, why);
    }
  }

  private static OnnxModel product(int inner, int outer) {
    return model(
        17,
        "n, " + inner,
        g ->
            g.initializer(weights("w", inner, outer)).node(node("y", "MatMul", List.of("x", "w"))));
  }

  @Test
  void aProductBecomesAnOperatorOfOnnxRuntime() {
    applied(product(64, 50), N_BITS, FOUR)
        .check(
            """
            const w_quantized: UINT8[50, 2, 16]
            const w_scale: FLOAT32[50, 2]
            const w_zero_point: UINT8[50, 1]
            y: com.microsoft.MatMulNBits(x, w_quantized, w_scale, w_zero_point) -> y\
             {K=64, N=50, bits=4, block_size=32, accuracy_level=0}
            return y
            """)
        .checkNote("y", CHANGED, "4-bit integers in blocks of 32, with zero points")
        .checkValid();
  }

  @Test
  void aProductReadsWhatADequantizeLinearMakes() {
    applied(product(64, 50), STANDARD, FOUR)
        .check(
            """
            const w_quantized: UINT4[64, 50]
            const w_scale: FLOAT32[2, 50]
            const w_zero_point: UINT4[2, 50]
            y_weights: DequantizeLinear(w_quantized, w_scale, w_zero_point) -> w_dequantized\
             {axis=0, block_size=32}
            y: MatMul(x, w_dequantized) -> y
            return y
            """)
        .checkValid();
    assertEquals(21, applied(product(64, 6), STANDARD, FOUR).after().opset());
  }

  @Test
  void symmetricIntegersAreSigned() {
    PassFixture fixture = applied(product(128, 6), WeightOnlyCases.SYMMETRIC, withoutBlock(4));
    Initializer integers = fixture.after().graph().initializer("w_quantized").orElseThrow();
    assertEquals(DataType.INT4, integers.type());
    for (long zero : fixture.after().graph().initializer("w_zero_point").orElseThrow().longs()) {
      assertEquals(0, zero);
    }
  }

  private static WeightQuantization withoutBlock(int bits) {
    return WeightQuantization.bits(bits);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 48, 64, 240})
  void anyNumberOfColumnsWillDo(int inner) {
    for (int outer : new int[] {1, 7, 33}) {
      requireRight(product(inner, outer), "y");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 20, 33, 100})
  void aRowThatEndsWithinABlockIsFilledUpOrLeftAlone(int inner) {
    OnnxModel model = product(inner, 7);
    PassFixture nBits = applied(model, N_BITS, EIGHT).checkChanged().checkValid();
    double sqnr =
        QuantizationCases.sqnr(model, nBits.after(), RandomNetworks.inputs(model.graph(), 1));
    assertTrue(sqnr > 35, () -> sqnr + " dB");
    PassFixture.of(WeightOnlyCases.forced(STANDARD, EIGHT, "y"))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, inner + " weights of a row are no multiple of a block");
  }

  @Test
  void aShortRowHasAShortBlock() {
    PassFixture fixture =
        applied(product(20, 5), N_BITS, WeightQuantization.bits(8).withBlock(256));
    assertEquals(
        32, fixture.after().graph().nodes().get(0).attribute("block_size").orElseThrow().asInt());
    // Largest first, of those that divide the row.
    PassFixture standard =
        applied(product(48, 5), STANDARD, WeightQuantization.bits(8).withBlock(256));
    assertEquals(
        16, standard.after().graph().nodes().get(0).attribute("block_size").orElseThrow().asInt());
  }

  @Test
  void weightsThatWouldGrowStay() {
    leftAlone(product(1, 7), "y", "");
    PassFixture.of(WeightOnlyCases.forced(N_BITS, EIGHT, "y"))
        .model(product(3, 7))
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "would be no smaller in blocks");
  }

  private static OnnxModel gemm(boolean transposed, float alpha, float beta, Attribute... more) {
    return model(
        17,
        "n, 48",
        g -> {
          Node.Builder gemm =
              node("y", "Gemm", List.of("x", "w", "b")).toBuilder()
                  .attribute(Attribute.of("alpha", alpha))
                  .attribute(Attribute.of("beta", beta))
                  .attribute(Attribute.of("transB", transposed ? 1 : 0));
          for (Attribute a : more) {
            gemm.attribute(a);
          }
          return g.initializer(transposed ? weights("w", 9, 48) : weights("w", 48, 9))
              .initializer(weights("b", 9))
              .node(gemm.build());
        });
  }

  @Test
  void aGemmKeepsItsFactorsAndBias() {
    for (boolean transposed : new boolean[] {false, true}) {
      requireRight(gemm(transposed, 1, 1), "y");
      requireRight(gemm(transposed, -0.5f, 1), "y");
      requireRight(gemm(transposed, 2, 3), "y");
      requireRight(gemm(transposed, 2, 0), "y");
    }
  }

  @Test
  void aGemmWithAnOddBiasStays() {
    OnnxModel model =
        model(
            17,
            "9, 48",
            g ->
                g.initializer(weights("w", 48, 9))
                    .node(node("s", "ReduceSum", List.of("x", "axes")))
                    .initializer(longs("axes", 1))
                    .node(
                        node(
                            "y",
                            "Gemm",
                            List.of("x", "w", "s"),
                            Attribute.of("beta", 2f),
                            Attribute.of("transA", 0))));
    PassFixture.of(WeightOnlyCases.forced(N_BITS, EIGHT, "y"))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "its bias is scaled and not constant");
  }

  @Test
  void aTransposedInputStays() {
    OnnxModel model =
        model(
            17,
            "48, n",
            g ->
                g.initializer(weights("w", 48, 9))
                    .node(node("y", "Gemm", List.of("x", "w"), Attribute.of("transA", 1))));
    leftAlone(model, "y", "its input is transposed");
  }

  @Test
  void inputsOfAnyRankAreMultiplied() {
    for (String shape : List.of("48", "2, n, 48", "2, 3, n, 48")) {
      OnnxModel model =
          model(
              17,
              shape,
              g -> g.initializer(weights("w", 48, 9)).node(node("y", "MatMul", List.of("x", "w"))));
      requireRight(model, "y");
    }
  }

  @Test
  void matricesOfThreeDimensionsStay() {
    OnnxModel model =
        model(
            17,
            "2, n, 48",
            g ->
                g.initializer(weights("w", 2, 48, 9)).node(node("y", "MatMul", List.of("x", "w"))));
    leftAlone(model, "y", "does not have two dimensions");
  }

  @Test
  void aConstantOnTheLeftStays() {
    OnnxModel model =
        model(
            17,
            "48, n",
            g -> g.initializer(weights("w", 9, 48)).node(node("y", "MatMul", List.of("w", "x"))));
    leftAlone(model, "y", "constant");
  }

  @Test
  void aConvolutionStays() {
    OnnxModel model =
        model(
            17,
            "1, 32, 8",
            g -> g.initializer(weights("w", 32, 32, 3)).node(node("y", "Conv", List.of("x", "w"))));
    leftAlone(model, "y", "only matrix products and tables");
  }

  @Test
  void weightsThatAreNoNumbersStay() {
    float[] values = weights("w", 48, 9).floats();
    values[17] = Float.NaN;
    OnnxModel model =
        model(
            17,
            "n, 48",
            g ->
                g.initializer(Initializer.floats("w", values, 48, 9))
                    .node(node("y", "MatMul", List.of("x", "w"))));
    leftAlone(model, "y", "not all finite numbers");
  }

  private static OnnxModel behind(UnaryOperator<GraphBuilder> maker) {
    return model(17, "n, 48", g -> maker.apply(g).node(node("y", "MatMul", List.of("x", "w"))));
  }

  @Test
  void weightsBehindOtherNodesAreReached() {
    requireRight(
        behind(
            g ->
                g.initializer(weights("v", 9, 48))
                    .node(node("w", "Transpose", List.of("v"), Attribute.ofInts("perm", 1, 0)))),
        "y");
    requireRight(
        behind(g -> g.initializer(weights("v", 48, 9)).node(node("w", "Identity", List.of("v")))),
        "y");
    requireRight(
        behind(
            g ->
                g.initializer(
                        Initializer.floats(
                            "v", DataType.FLOAT16, weights("v", 48, 9).floats(), 48, 9))
                    .node(
                        node(
                            "w",
                            "Cast",
                            List.of("v"),
                            Attribute.of("to", DataType.FLOAT32.onnxCode())))),
        "y");
  }

  @Test
  void nothingOfTheOldWeightsIsLeftBehind() {
    OnnxModel model =
        behind(
            g ->
                g.initializer(weights("v", 9, 48))
                    .node(node("w", "Transpose", List.of("v"), Attribute.ofInts("perm", 1, 0))));
    for (WeightOnlyForm form : List.of(N_BITS, STANDARD)) {
      OnnxModel after = applied(model, form, EIGHT).after();
      assertTrue(after.graph().initializer("v").isEmpty(), form.product()::toString);
      assertEquals(0, QuantizationCases.count(after, "Transpose"));
    }
  }

  @Test
  void weightsThatAreIntegersAlreadyStay() {
    OnnxModel model =
        behind(
            g ->
                g.initializer(Initializer.longs("q", DataType.INT8, new long[48 * 9], 48, 9))
                    .initializer(Initializer.floats("s", new float[] {0.5f}))
                    .node(node("w", "DequantizeLinear", List.of("q", "s"))));
    leftAlone(model, "y", "integers already");
  }

  @Test
  void anInputThatWasQuantizedStays() {
    OnnxModel model =
        model(
            17,
            "n, 48",
            g ->
                g.initializer(weights("w", 48, 9))
                    .initializer(Initializer.floats("s", new float[] {0.5f}))
                    .initializer(Initializer.longs("z", DataType.UINT8, new long[] {128}))
                    .node(node("q", "QuantizeLinear", List.of("x", "s", "z")))
                    .node(node("d", "DequantizeLinear", List.of("q", "s", "z")))
                    .node(node("y", "MatMul", List.of("d", "w"))));
    leftAlone(model, "y", "was quantized before");
  }

  @Test
  void productsInHalfPrecisionStaySo() {
    Graph graph =
        Graph.builder("half")
            .input(TensorSpec.of("x", DataType.FLOAT16, "n, 48"))
            .output(TensorSpec.of("y", DataType.FLOAT16, "n, 9"))
            .initializer(
                Initializer.floats("w", DataType.FLOAT16, weights("w", 48, 9).floats(), 48, 9))
            .node(node("y", "MatMul", List.of("x", "w")))
            .build();
    OnnxModel model = OnnxModel.of(graph, 17);
    PassFixture fixture = applied(model, N_BITS, EIGHT).checkChanged().checkValid();
    assertEquals(
        DataType.FLOAT16, fixture.after().graph().initializer("w_scale").orElseThrow().type());
    PassFixture.of(WeightOnlyCases.forced(STANDARD, EIGHT, "y"))
        .model(model)
        .checkUnchanged()
        .checkNote("y", LEFT_ALONE, "its weights are FLOAT16");
  }

  private static OnnxModel twoReaders(boolean same) {
    return model(
        17,
        "n, 48",
        g ->
            g.initializer(weights("w", 48, 48))
                .initializer(same ? weights("w", 48, 48).withName("v") : weights("v", 48, 48))
                .node(node("a", "MatMul", List.of("x", "w")))
                .node(node("y", "MatMul", List.of("a", same ? "v" : "w"))));
  }

  @Test
  void weightsOfSeveralLayersAreThereOnce() {
    for (WeightOnlyForm form : List.of(N_BITS, STANDARD)) {
      for (boolean same : new boolean[] {false, true}) {
        OnnxModel after =
            applied(twoReaders(same), form, EIGHT).checkValid().checkEquivalent(2).after();
        assertEquals(
            1,
            after.graph().initializers().stream()
                .filter(i -> i.name().endsWith("_quantized"))
                .count());
      }
    }
    requireRight(twoReaders(false), "a", "y");
  }

  @Test
  void weightsThatAreReadInFloatingPointTooStay() {
    OnnxModel model =
        model(
            17,
            "n, 48",
            g ->
                g.initializer(weights("w", 48, 48))
                    .node(node("a", "MatMul", List.of("x", "w")))
                    .node(node("b", "ReduceSum", List.of("w")))
                    .node(node("y", "Add", List.of("a", "b"))));
    leftAlone(model, "a", "read in floating point by 'b' too");
  }

  @Test
  void twoPrecisionsInOnePlanAreWrittenEach() {
    OnnxModel model =
        model(
            17,
            "n, 64",
            g ->
                g.initializer(weights("w", 64, 64))
                    .initializer(weights("v", 64, 5))
                    .node(node("a", "MatMul", List.of("x", "w")))
                    .node(node("y", "MatMul", List.of("a", "v"))));
    LayerPlan plan =
        WeightOnlyCases.all(model, N_BITS, FOUR)
            .with("y", new LayerDecision(NumericPrecision.WEIGHTS8, "test"));
    OnnxModel after =
        PassFixture.of(
                new WeightOnlyQuantization(
                    N_BITS,
                    Map.of(
                        NumericPrecision.WEIGHTS4,
                        new WeightOnlyQuantization.Way(FOUR, WeightOnlyCases.blocks(32)),
                        NumericPrecision.WEIGHTS8,
                        new WeightOnlyQuantization.Way(EIGHT, WeightOnlyCases.blocks(64))),
                    plan,
                    null))
            .model(model)
            .checkValid()
            .after();
    assertEquals(4, after.graph().nodes().get(0).intAttribute("bits", 0));
    assertEquals(8, after.graph().nodes().get(1).intAttribute("bits", 0));
    assertEquals(64, after.graph().nodes().get(1).intAttribute("block_size", 0));
  }

  @Test
  void layersInsideOfNodesStayAndAreNoted() {
    Graph body =
        Graph.builder("body")
            .node(node("inside", "MatMul", List.of("x", "w")))
            .output(TestGraphs.floats("inside"))
            .build();
    OnnxModel model =
        model(
            17,
            "n, 48",
            g ->
                g.initializer(weights("w", 48, 48))
                    .initializer(weights("v", 48, 48))
                    .initializer(Initializer.longs("c", DataType.BOOL, new long[] {1}))
                    .node(
                        node(
                            "if",
                            "If",
                            List.of("c"),
                            Attribute.of("then_branch", body),
                            Attribute.of("else_branch", body)))
                    .node(node("y", "MatMul", List.of("if", "v"))));
    applied(model, N_BITS, EIGHT)
        .checkChanged()
        .checkNote("inside", LEFT_ALONE, "inside a graph of If, Loop or Scan");
  }

  @Test
  void whatHasNoFormIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> WeightQuantization.bits(5));
    assertThrows(IllegalArgumentException.class, () -> EIGHT.withBlock(24));
    assertThrows(IllegalArgumentException.class, () -> EIGHT.withBlock(512));
    PassFixture.of(WeightOnlyCases.pass(product(64, 6), N_BITS, FOUR))
        .model(
            model(
                17,
                "n, 64",
                g ->
                    g.node(node("other", "Relu", List.of("x")))
                        .node(node("y", "Abs", List.of("other")))))
        .checkUnchanged();
    PassFixture.of(WeightOnlyCases.forced(N_BITS, FOUR))
        .model(product(64, 6))
        .checkNotApplied("No layer is planned");
  }
}
