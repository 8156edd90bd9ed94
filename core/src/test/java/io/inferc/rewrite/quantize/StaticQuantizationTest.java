package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.testing.PassFixture;
import io.inferc.testing.TestGraphs;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Q/DQ in the forms of the runtimes, and what is done about each obstacle. */
class StaticQuantizationTest {
  private static final Initializer W =
      Initializer.floats("w", new float[] {1, -0.5f, 0.25f, 1}, 2, 2);
  private static final Initializer B = Initializer.floats("b", new float[] {0.5f, -1}, 2);

  /** A product with a bias and a Relu, and another product. */
  private static OnnxModel network(int opset) {
    return model(
        opset,
        "n, 2",
        g ->
            g.initializer(W)
                .initializer(B)
                .node(node("p", "Gemm", List.of("x", "w", "b")))
                .node(node("r", "Relu", List.of("p")))
                .node(node("y", "MatMul", List.of("r", "w"))));
  }

  private static CalibrationTable table(OnnxModel model) {
    return CalibrationTable.builder(model.digest(), "min-max", 500)
        .range("x", TensorRange.observed(-4, 6.2f))
        .range("p", TensorRange.observed(-8, 12.4f))
        .range("r", TensorRange.observed(0, 12.75f))
        .range("y", TensorRange.observed(-8, 12.4f))
        .build();
  }

  private static PassFixture quantized(OnnxModel model, QuantizationDialect dialect) {
    LayerPlan plan = QuantizationCases.all(model, dialect, NumericPrecision.INT8);
    return PassFixture.of(new StaticQuantization(table(model), dialect, plan)).model(model);
  }

  @Test
  void activationsOfOnnxRuntimeAreUnsignedWithIntegerBiases() {
    quantized(network(13), QuantizationCases.CPU)
        .check(
            """
            const w_quantized: INT8[2, 2] = [127, -64, 32, 127]
            const w_scale: FLOAT32[2] = [0.007874016, 0.007874016]
            const w_zero_point: INT8[2] = [0, 0]
            const b_quantized: INT32[2] = [1587, -3175]
            const b_scale: FLOAT32[2] = [3.1496063E-4, 3.1496063E-4]
            const b_zero_point: INT32[2] = [0, 0]
            const x_scale: FLOAT32[] = [0.04]
            const x_zero_point: UINT8[] = [100]
            const r_scale: FLOAT32[] = [0.05]
            const r_zero_point: UINT8[] = [0]
            w_dequantize: DequantizeLinear(w_quantized, w_scale, w_zero_point) -> w_dequantized {axis=1}
            b_dequantize: DequantizeLinear(b_quantized, b_scale, b_zero_point) -> b_dequantized {axis=0}
            x_quantize: QuantizeLinear(x, x_scale, x_zero_point) -> x_quantized
            x_dequantize: DequantizeLinear(x_quantized, x_scale, x_zero_point) -> x_dequantized
            p: Gemm(x_dequantized, w_dequantized, b_dequantized) -> p
            r: Relu(p) -> r
            r_quantize: QuantizeLinear(r, r_scale, r_zero_point) -> r_quantized
            r_dequantize: DequantizeLinear(r_quantized, r_scale, r_zero_point) -> r_dequantized
            w_dequantize_1: DequantizeLinear(w_quantized, w_scale, w_zero_point) -> w_dequantized_1 {axis=1}
            y: MatMul(r_dequantized, w_dequantized_1) -> y
            return y
            """)
        .checkSound(0.1);
  }

  @Test
  void activationsOfTensorRtAreSymmetricAndBiasesFloat() {
    checkFloatBiases(
        QuantizationCases.GPU,
        """
        const x_scale: FLOAT32[] = [0.048818897]
        const x_zero_point: INT8[] = [0]
        const r_scale: FLOAT32[] = [0.1003937]
        const r_zero_point: INT8[] = [0]
        """);
  }

  @Test
  void activationsOfOpenVinoAreUnsignedAndShareOnePair() {
    checkFloatBiases(
        QuantizationCases.OPENVINO,
        """
        const x_scale: FLOAT32[] = [0.04]
        const x_zero_point: UINT8[] = [100]
        const r_scale: FLOAT32[] = [0.05]
        const r_zero_point: UINT8[] = [0]
        """);
  }

  /** These dialects have one form, and differ in the numbers of the activations. */
  private static void checkFloatBiases(QuantizationDialect dialect, String activations) {
    quantized(network(13), dialect)
        .check(
            """
            const b: FLOAT32[2] = [0.5, -1.0]
            const w_quantized: INT8[2, 2] = [127, -64, 32, 127]
            const w_scale: FLOAT32[2] = [0.007874016, 0.007874016]
            const w_zero_point: INT8[2] = [0, 0]
            %sw_dequantize: DequantizeLinear(w_quantized, w_scale, w_zero_point) -> w_dequantized {axis=1}
            x_quantize: QuantizeLinear(x, x_scale, x_zero_point) -> x_quantized
            x_dequantize: DequantizeLinear(x_quantized, x_scale, x_zero_point) -> x_dequantized
            p: Gemm(x_dequantized, w_dequantized, b) -> p
            r: Relu(p) -> r
            r_quantize: QuantizeLinear(r, r_scale, r_zero_point) -> r_quantized
            r_dequantize: DequantizeLinear(r_quantized, r_scale, r_zero_point) -> r_dequantized
            y: MatMul(r_dequantized, w_dequantized) -> y
            return y
            """
                .formatted(activations))
        .checkSound(0.1);
  }

  @Test
  void aModelBeforeScalesPerChannelIsUpgraded() {
    PassFixture fixture = quantized(network(11), QuantizationCases.GPU).checkSound(0.1);
    assertEquals(13, fixture.after().opset());
  }

  @Test
  void aModelWithoutLayersInThePlanIsLeftAlone() {
    PassFixture.of(
            new StaticQuantization(
                table(network(13)), QuantizationCases.CPU, new LayerPlan(Map.of())))
        .model(network(13))
        .checkUnchanged();
  }

  @Test
  void weightsOfSevenBitsStayBetweenMinus64And63() {
    Initializer w =
        quantized(network(13), QuantizationCases.OLD_CPU)
            .checkSound(0.1)
            .after()
            .graph()
            .initializer("w_quantized")
            .orElseThrow();
    for (long v : w.longs()) {
      assertTrue(v >= -64 && v <= 63, () -> "weight " + v);
    }
  }

  @Test
  void weightsThatOthersReadInFloatingPointAreNotThereTwice() {
    OnnxModel shared =
        model(
            13,
            "2, 2",
            g ->
                g.initializer(W)
                    .node(node("p", "MatMul", List.of("x", "w")))
                    .node(node("y", "Mul", List.of("p", "w"))));
    quantized(shared, QuantizationCases.GPU)
        .checkUnchanged()
        .checkNote("p", RewriteNote.Kind.LEFT_ALONE, "read in floating point by 'y'");
  }

  @Test
  void weightsOfConstantNodesAreQuantizedAndTheNodesGo() {
    OnnxModel constant =
        model(
            13,
            "n, 2",
            g ->
                g.node(
                        Node.builder("Constant")
                            .name("c")
                            .outputs("w")
                            .attribute(Attribute.of("value", W))
                            .build())
                    .node(node("y", "MatMul", List.of("x", "w"))));
    Graph after = quantized(constant, QuantizationCases.GPU).checkSound(0.1).after().graph();
    assertTrue(after.nodes().stream().noneMatch(n -> n.opType().equals("Constant")));
    assertTrue(after.initializer("w_quantized").isPresent());
  }

  @Test
  void aScaleIsWidenedWhereTheBiasWouldLeaveTheIntegers() {
    OnnxModel large =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(Initializer.floats("w", new float[] {1e-9f, 1, 1e-9f, 1}, 2, 2))
                    .initializer(Initializer.floats("b", new float[] {1000, 1}, 2))
                    .node(node("y", "Gemm", List.of("x", "w", "b"))));
    CalibrationTable table =
        CalibrationTable.builder(large.digest(), "min-max", 500)
            .range("x", TensorRange.observed(-4, 4))
            .range("y", TensorRange.observed(-10, 1010))
            .build();
    LayerPlan plan = QuantizationCases.all(large, QuantizationCases.CPU, NumericPrecision.INT8);
    Graph after =
        PassFixture.of(new StaticQuantization(table, QuantizationCases.CPU, plan))
            .model(large)
            .checkSound(0.05)
            .after()
            .graph();
    long[] bias = after.initializer("b_quantized").orElseThrow().longs();
    float[] scale = after.initializer("b_scale").orElseThrow().floats();
    // Steps of the product of both scales would take 1.6e13 of them.
    assertEquals(1000, bias[0] * (double) scale[0], 1e-3);
    assertEquals(1, bias[1] * (double) scale[1], 1e-3);
    assertTrue(Math.abs(bias[0]) <= Integer.MAX_VALUE);
  }

  @Test
  void aLayerOfAnUnknownRangeIsLeftAloneWithANote() {
    OnnxModel model = network(13);
    CalibrationTable partly =
        CalibrationTable.builder(model.digest(), "min-max", 500)
            .range("x", TensorRange.observed(-4, 4))
            .build();
    LayerPlan plan = QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
    PassFixture.of(new StaticQuantization(partly, QuantizationCases.GPU, plan))
        .model(model)
        .checkNote("p", RewriteNote.Kind.CHANGED, "INT8")
        .checkNote("y", RewriteNote.Kind.LEFT_ALONE, "not in the calibration table")
        .checkSound(0.1);
  }

  @Test
  void aProductOfTwoActivationsIsQuantizedWhereTheDialectSaysSo() {
    OnnxModel model =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(W)
                    .node(node("t", "Transpose", List.of("x")))
                    .node(node("s", "MatMul", List.of("t", "x")))
                    .node(node("y", "MatMul", List.of("s", "w"))));
    QuantizationDialect weightsOnly =
        QuantizationDialect.builder("fused")
            .kernels(IntegerKernels.builder().activationProducts(false).build())
            .build();
    assertEquals(
        Set.of("s", "y"),
        QuantizableLayers.layers(model, QuantizationCases.GPU, NumericPrecision.INT8));
    assertEquals(Set.of("y"), QuantizableLayers.layers(model, weightsOnly, NumericPrecision.INT8));
    CalibrationTable table =
        CalibrationTable.builder(model.digest(), "min-max", 500)
            .range("x", TensorRange.observed(-4, 4))
            .range("t", TensorRange.observed(-4, 4))
            .range("s", TensorRange.observed(-32, 32))
            .build();
    LayerPlan both = QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
    PassFixture.of(new StaticQuantization(table, weightsOnly, both))
        .model(model)
        .checkNote("y", RewriteNote.Kind.CHANGED, "INT8")
        .checkNote("s", RewriteNote.Kind.LEFT_ALONE, "two activations faster in floating point")
        .checkSound(0.1);
  }

  @Test
  void scoresOfAttentionTakeSignedOperandsAndWhatTheSoftmaxGivesStaysFloat() {
    OnnxModel model =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(W)
                    .node(node("q", "MatMul", List.of("x", "w")))
                    .node(node("t", "Transpose", List.of("x")))
                    .node(node("s", "MatMul", List.of("q", "t")))
                    .node(node("p", "Softmax", List.of("s")))
                    .node(node("i", "Identity", List.of("p")))
                    .node(node("y", "MatMul", List.of("i", "x"))));
    QuantizationDialect fused =
        QuantizationDialect.builder("fused")
            .activations(DataType.UINT8, false)
            .kernels(IntegerKernels.builder().weightedSums(false).signedProducts(true).build())
            .build();
    assertEquals(Set.of("q", "s"), QuantizableLayers.layers(model, fused, NumericPrecision.INT8));
    CalibrationTable.Builder table =
        CalibrationTable.builder(model.digest(), "min-max", 500)
            .range("p", TensorRange.observed(0, 1))
            .range("i", TensorRange.observed(0, 1));
    for (String tensor : List.of("x", "q", "t")) {
      table.range(tensor, TensorRange.observed(-3, 4));
    }
    LayerPlan all = QuantizationCases.all(model, QuantizationCases.GPU, NumericPrecision.INT8);
    OnnxModel after =
        PassFixture.of(new StaticQuantization(table.build(), fused, all))
            .model(model)
            .checkNote("s", RewriteNote.Kind.CHANGED, "INT8")
            .checkNote("y", RewriteNote.Kind.LEFT_ALONE, "what a Softmax gives")
            .checkSound(0.2)
            .after();
    assertEquals(DataType.INT8, after.graph().initializer("q_zero_point").orElseThrow().type());
    assertEquals(0, after.graph().initializer("q_zero_point").orElseThrow().longs()[0]);
    assertEquals(DataType.INT8, after.graph().initializer("t_zero_point").orElseThrow().type());
    // A layer with weights reads it.
    assertEquals(DataType.UINT8, after.graph().initializer("x_zero_point").orElseThrow().type());
  }

  @Test
  void operatorsThatWouldTakeTheIntegersBehindThemStandApart() {
    OnnxModel model =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(W)
                    .node(node("m", "ReduceMax", List.of("x"), Attribute.ofInts("axes", 0)))
                    .node(node("r", "Relu", List.of("m")))
                    .node(node("l", "MatMul", List.of("r", "w")))
                    .node(node("y", "ReduceMax", List.of("l"), Attribute.ofInts("axes", 0))));
    QuantizationDialect eager =
        QuantizationDialect.builder("eager")
            .kernels(
                IntegerKernels.builder()
                    .quantizedResults(
                        KernelRules.builder()
                            .rule("ReduceMax", KernelRule.never("too eager."))
                            .build())
                    .build())
            .build();
    OnnxModel quantized =
        PassFixture.of(QuantizationCases.everything(model, eager, 5))
            .model(model)
            .checkValid()
            .after();
    assertEquals(1, QuantizationCases.count(quantized, "Max"));
    Node apart =
        quantized.graph().nodes().stream()
            .filter(n -> n.opType().equals("Max"))
            .findFirst()
            .orElseThrow();
    assertEquals(List.of("m"), apart.outputs());
    assertEquals(apart.inputs().get(0), apart.inputs().get(1));
  }

  @Test
  void aRuleSeesTheNodesAroundALayer() {
    OnnxModel model =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(W)
                    .initializer(weights("v", 2, 2))
                    .node(node("a", "MatMul", List.of("x", "w")))
                    .node(node("r", "Relu", List.of("a")))
                    .node(node("b", "MatMul", List.of("r", "w")))
                    .node(node("t", "Tanh", List.of("b")))
                    .node(node("y", "MatMul", List.of("t", "v"))));
    KernelRule noRelu =
        KernelRule.of(
            "no Relu around",
            use ->
                use.facts()
                        .producer(use.node().inputs().get(0))
                        .filter(n -> n.opType().equals("Relu"))
                        .isPresent()
                    ? Optional.of("it reads a Relu.")
                    : use.facts().consumers(use.node().outputs().get(0)).stream()
                        .filter(n -> n.opType().equals("Relu"))
                        .map(n -> "a Relu reads it.")
                        .findFirst());
    QuantizationDialect shy =
        QuantizationDialect.builder("shy")
            .kernels(
                IntegerKernels.builder()
                    .kernelRules(KernelRules.builder().rule("MatMul", noRelu).build())
                    .build())
            .build();
    assertEquals(Set.of("y"), QuantizableLayers.layers(model, shy, NumericPrecision.INT8));
    PassFixture.of(QuantizationCases.everything(model, shy, 5))
        .model(model)
        .checkNote("y", RewriteNote.Kind.CHANGED, "INT8")
        .checkSound(0.1);
  }

  @Test
  void layersInsideOfSubgraphsAreLeftAloneWithANote() {
    Graph inside =
        Graph.builder("then")
            .initializer(weights("v", 2, 2))
            .node(node("inner", "MatMul", List.of("x", "v")))
            .output(TestGraphs.floats("inner"))
            .build();
    OnnxModel branching =
        model(
            13,
            "n, 2",
            g ->
                g.initializer(W)
                    .initializer(Initializer.longs("yes", DataType.BOOL, new long[] {1}))
                    .node(
                        node(
                            "i",
                            "If",
                            List.of("yes"),
                            Attribute.of("then_branch", inside),
                            Attribute.of("else_branch", inside)))
                    .node(node("y", "MatMul", List.of("i", "w"))));
    LayerPlan plan =
        new LayerPlan(Map.of("inner", new LayerDecision(NumericPrecision.INT8, "a test")));
    PassFixture.of(new StaticQuantization(table(branching), QuantizationCases.GPU, plan))
        .model(branching)
        .checkUnchanged()
        .checkNote("inner", RewriteNote.Kind.LEFT_ALONE, "inside a graph of If, Loop or Scan");
  }
}
