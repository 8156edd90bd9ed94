package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerSelector;
import io.inferc.spi.Capabilities;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the layers of a quantized model compute in that are not quantized themselves. */
class RestPrecisionTest {
  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  /** Two products with a tanh between them and a square root of a large number behind. */
  private static OnnxModel network(int opset) {
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 2))
            .output(TensorSpec.of("y", DataType.FLOAT32, 2, 2))
            .initializer(Initializer.floats("w0", new float[] {1, -0.5f, 0.25f, 1}, 2, 2))
            .initializer(Initializer.floats("w1", new float[] {0.5f, 1, -1, 0.5f}, 2, 2))
            .node(node("MatMul", "first", "a", "x", "w0"))
            .node(node("Tanh", "tanh", "b", "a"))
            .node(node("MatMul", "second", "c", "b", "w1"))
            .node(node("Abs", "abs", "d", "c"))
            .node(node("Sqrt", "root", "y", "d"))
            .build(),
        opset);
  }

  private static QuantizationDialect.Builder dialect() {
    return QuantizationDialect.builder("gpu")
        .kernels(IntegerKernels.builder().dynamic(true).build());
  }

  private static ModelRewriter rewriter(OnnxModel model, Precision precision, boolean halfScales) {
    return rewriter(model, precision, dialect().halfPrecisionScales(halfScales));
  }

  private static ModelRewriter rewriter(
      OnnxModel model, Precision precision, QuantizationDialect.Builder dialect) {
    Capabilities capabilities =
        Capabilities.builder()
            .precision(NumericPrecision.INT8, PrecisionSupport.IN_MODEL)
            .preferredForm(PreferredForm.builder().dialect(dialect.build()).build())
            .build();
    return new ModelRewriter(
        model,
        precision,
        capabilities,
        List.of(),
        null,
        ProgressListener.none(),
        new Cancellation(),
        PassListener.none());
  }

  /** The ranges that both networks share. */
  private static CalibrationTable.Builder ranges(OnnxModel model) {
    OnnxModel cleaned = rewriter(model, Precision.int8Dynamic(), true).cleaned();
    CalibrationTable.Builder table = CalibrationTable.builder(cleaned.digest(), "min-max", 500);
    for (String tensor : List.of("x", "a", "b", "c")) {
      table.range(tensor, TensorRange.observed(-2, 2));
    }
    return table;
  }

  private static CalibrationTable table(OnnxModel model) {
    return ranges(model)
        .range("d", TensorRange.observed(0, 700))
        .range("y", TensorRange.observed(0, 27))
        .build();
  }

  private static PassFixture rewritten(Precision precision, OnnxModel model, boolean halfScales) {
    return PassFixture.of(
            new GraphPass() {
              @Override
              public String name() {
                return "rewrite";
              }

              @Override
              public OnnxModel apply(OnnxModel before, RewriteLog log) {
                ModelRewriter rewriter = rewriter(before, precision, halfScales);
                return rewriter.rewrite(rewriter.plan());
              }
            })
        .once("the table is that of the model as it was")
        .otherResults("the ranges are made up to overflow")
        .model(model);
  }

  @Test
  void halfPrecisionReachesTheScalesFromOpset19OnAndLeavesWhatOverflows() {
    OnnxModel model = network(13);
    Precision precision = Precision.int8(table(model)).rest(DataType.FLOAT16);
    // ONNX Runtime's CPU provider does not run such a model; TensorRT wants it like this.
    OnnxModel after =
        rewritten(precision, model, true)
            .check(
                """
                const w0_quantized: INT8[2, 2] = [127, -64, 32, 127]
                const w0_scale: FLOAT16[2] = [0.007873535, 0.007873535]
                const w0_zero_point: INT8[2] = [0, 0]
                const w1_quantized: INT8[2, 2] = [64, 127, -127, 64]
                const w1_scale: FLOAT16[2] = [0.007873535, 0.007873535]
                const w1_zero_point: INT8[2] = [0, 0]
                const x_scale: FLOAT32[] = [0.015748031]
                const x_zero_point: INT8[] = [0]
                const b_scale: FLOAT16[] = [0.007873535]
                const b_zero_point: INT8[] = [0]
                const x_scale_fp16: FLOAT16[] = [0.01574707]
                w0_dequantize: DequantizeLinear(w0_quantized, w0_scale, w0_zero_point) -> w0_dequantized {axis=1}
                x_quantize: QuantizeLinear(x, x_scale, x_zero_point) -> x_quantized
                x_dequantize: DequantizeLinear(x_quantized, x_scale_fp16, x_zero_point) -> x_dequantized
                first: MatMul(x_dequantized, w0_dequantized) -> a
                tanh: Tanh(a) -> b
                b_quantize: QuantizeLinear(b, b_scale, b_zero_point) -> b_quantized
                b_dequantize: DequantizeLinear(b_quantized, b_scale, b_zero_point) -> b_dequantized
                w1_dequantize: DequantizeLinear(w1_quantized, w1_scale, w1_zero_point) -> w1_dequantized {axis=1}
                second: MatMul(b_dequantized, w1_dequantized) -> c
                c_to_fp32: Cast(c) -> c_fp32 {to=1}
                abs: Abs(c_fp32) -> d
                root: Sqrt(d) -> y
                return y
                """)
            .after();
    assertEquals(19, after.opset());
    assertEquals(List.of(), after.check());
  }

  @Test
  void scalesStayInSinglePrecisionWhereTheTargetWantsThem() {
    OnnxModel model = network(13);
    Precision precision = Precision.int8(table(model)).rest(DataType.FLOAT16);
    PassFixture fixture = rewritten(precision, model, false).checkValid().checkEquivalent(0.1);
    assertEquals(Set.of(DataType.FLOAT32), scaleTypes(fixture.after()));
    assertEquals(13, fixture.after().opset());
    Node tanh =
        fixture.after().graph().nodes().stream()
            .filter(n -> n.name().equals("tanh"))
            .findFirst()
            .orElseThrow();
    assertTrue(tanh.inputs().get(0).endsWith("fp16"), tanh.toString());
  }

  private static Set<DataType> scaleTypes(OnnxModel model) {
    Set<DataType> types = new TreeSet<>();
    for (Node node : model.graph().nodes()) {
      if (node.opType().endsWith("QuantizeLinear") || node.opType().equals("DequantizeLinear")) {
        types.add(model.graph().initializer(node.inputs().get(1)).orElseThrow().type());
      }
    }
    return types;
  }

  @Test
  void aConvolutionThatStaysSingleBetweenIntegersIsStillReportedAsQuantized() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 1, 2, 2))
                .output(TensorSpec.of("y", DataType.FLOAT32, 1, 1, 2, 2))
                .initializer(Initializer.floats("w0", new float[] {1}, 1, 1, 1, 1))
                .initializer(Initializer.floats("w1", new float[] {-1}, 1, 1, 1, 1))
                .node(node("Conv", "first", "a", "x", "w0"))
                .node(node("HardSigmoid", "gate", "g", "a"))
                .node(node("Mul", "product", "b", "a", "g"))
                .node(node("Conv", "second", "c", "b", "w1"))
                .node(node("Tanh", "tanh", "y", "c"))
                .build(),
            13);
    ModelRewriter rewriter =
        rewriter(
            model,
            Precision.int8(ranges(model).build()).rest(DataType.FLOAT16),
            dialect().halfPrecisionScales(true).halfPrecisionEpilogues(false));
    OnnxModel after = rewriter.rewrite(rewriter.plan());
    assertEquals(List.of(), after.check());
    assertEquals(NumericPrecision.INT8, rewriter.outcome().get("first").precision());
    assertEquals(NumericPrecision.FP32, rewriter.outcome().get("gate").precision());
    assertEquals(NumericPrecision.FP32, rewriter.outcome().get("product").precision());
    assertEquals(NumericPrecision.INT8, rewriter.outcome().get("second").precision());
    assertEquals(NumericPrecision.FP16, rewriter.outcome().get("tanh").precision());
  }

  @Test
  void aLayerInBfloat16BesideHalfPrecisionIsReportedAsIt() {
    OnnxModel model = network(19);
    Precision precision =
        Precision.fp16(table(model)).keep(LayerSelector.named("tanh"), DataType.BFLOAT16);
    ModelRewriter rewriter = rewriter(model, precision, true);
    assertEquals(List.of(), rewriter.rewrite(rewriter.plan()).check());
    assertEquals(NumericPrecision.BF16, rewriter.outcome().get("tanh").precision());
    assertEquals(NumericPrecision.FP16, rewriter.outcome().get("first").precision());
    assertEquals(NumericPrecision.FP32, rewriter.outcome().get("abs").precision());
  }

  @Test
  void rulesWinOverTheRest() {
    OnnxModel model = network(19);
    Precision precision =
        Precision.int8(table(model))
            .rest(DataType.FLOAT16)
            .keep(LayerSelector.named("tanh"), DataType.FLOAT32);
    ModelRewriter rewriter = rewriter(model, precision, true);
    assertEquals(NumericPrecision.FP32, rewriter.plan().precision("tanh"));
    assertEquals(NumericPrecision.INT8, rewriter.plan().precision("first"));
    assertEquals(NumericPrecision.FP16, rewriter.plan().precision("root"));
    assertEquals("INT8, the rest FP16, with 1 rules", precision.toString());
  }

  @Test
  void inputsAndOutputsAreConvertedOnRequest() {
    OnnxModel model = network(19);
    Map<Precision, DataType> asked =
        Map.of(
            Precision.fp16(table(model)), DataType.FLOAT16,
            Precision.fp16(), DataType.FLOAT16,
            Precision.bf16(), DataType.BFLOAT16,
            Precision.int8(table(model)).rest(DataType.FLOAT16), DataType.FLOAT16,
            Precision.int8(table(model)).rest(DataType.BFLOAT16), DataType.BFLOAT16);
    asked.forEach(
        (precision, type) -> {
          ModelRewriter rewriter = rewriter(model, precision.convertInputsAndOutputs(true), true);
          OnnxModel after = rewriter.rewrite(rewriter.plan());
          assertEquals(List.of(), after.check(), precision::toString);
          assertEquals(
              TensorSpec.of("x", type, 2, 2),
              after.graph().inputs().get(0).tensor().orElseThrow(),
              precision::toString);
          assertEquals(
              TensorSpec.of("y", type, 2, 2),
              after.graph().outputs().get(0).tensor().orElseThrow(),
              precision::toString);
        });
  }

  @Test
  void aPrecisionThatQuantizesNothingHasNoRest() {
    assertThrows(IllegalArgumentException.class, () -> Precision.fp16().rest(DataType.FLOAT16));
    assertThrows(IllegalArgumentException.class, () -> Precision.int8Dynamic().rest(DataType.INT8));
    assertThrows(
        IllegalArgumentException.class,
        () -> Precision.int8(Dataset.of(List.of())).convertInputsAndOutputs(true));
  }

  @Test
  void tf32LeavesTheModelInSinglePrecision() {
    ModelRewriter rewriter = rewriter(network(13), Precision.tf32(), true);
    assertEquals(NumericPrecision.FP32, rewriter.plan().precision("first"));
    assertEquals("TF32", Precision.tf32().toString());
  }
}
