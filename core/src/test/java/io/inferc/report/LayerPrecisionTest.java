package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What layers compute in, against what the model says. */
class LayerPrecisionTest {
  private static Node node(String type, String name, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(name + "_out").build();
  }

  /** A quantized product, one with weights in integers alone, one in FP16, one of activations. */
  private static OnnxModel model() {
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT16, 2, 2))
            .output(TensorSpec.of("both_out", DataType.FLOAT16, 2, 2))
            .initializer(Initializer.floats("s", DataType.FLOAT16, new float[] {0.5f}))
            .initializer(Initializer.longs("z", DataType.INT8, new long[] {0}))
            .initializer(Initializer.longs("w8", DataType.INT8, new long[] {1, 2, 3, 4}, 2, 2))
            .initializer(Initializer.floats("w", DataType.FLOAT16, new float[4], 2, 2))
            .node(node("QuantizeLinear", "q", "x", "s", "z"))
            .node(node("DequantizeLinear", "dq", "q_out", "s", "z"))
            .node(node("DequantizeLinear", "wdq", "w8", "s", "z"))
            .node(node("MatMul", "int8", "dq_out", "wdq_out"))
            .node(node("MatMul", "weights", "int8_out", "wdq_out"))
            .node(node("MatMul", "half", "weights_out", "w"))
            .node(node("MatMul", "both", "half_out", "half_out"))
            .build(),
        19);
  }

  private static KernelInfo kernel(String type, String precision, String... nodes) {
    return new KernelInfo(
        type + nodes[0], type, Optional.of(precision), List.of(nodes), Optional.empty());
  }

  private static FusionReport report(String int8, String half) {
    return FusionReport.of(
        model(),
        List.of(
            kernel("Reformat", "FP32", "q", "int8"),
            kernel("gemm sm90_int8", int8, "int8", "dq"),
            kernel("gemm sm90_a", "Half", "weights"),
            kernel("gemm sm90_b", half, "half"),
            kernel("gemm sm90_c", "FP16", "both")));
  }

  @Test
  void aLayerIsAskedForWhatItsFactorsSay() {
    FusionReport report = report("I8", "f16");
    assertEquals(
        List.of(
            new LayerPrecision(
                "int8", "MatMul", "INT8", List.of("INT8"), List.of("gemm sm90_int8")),
            new LayerPrecision(
                "weights", "MatMul", "FP16", List.of("FP16"), List.of("gemm sm90_a")),
            new LayerPrecision("half", "MatMul", "FP16", List.of("FP16"), List.of("gemm sm90_b"))),
        report.layers());
    assertEquals(Map.of(), report.otherPrecisions());
    assertTrue(
        HtmlPage.render(KernelsHtml.of(report)).contains("3 of 3 convolutions and matrix products"),
        () -> HtmlPage.render(KernelsHtml.of(report)));
  }

  @Test
  void aLayerInAnotherPrecisionIsSaidWithItsKernel() {
    FusionReport report = report("FP16", "FLOAT32");
    assertFalse(report.layers().get(0).isAsAsked());
    assertEquals(
        List.of("INT8 is computed in FP16", "FP16 is computed in FP32"),
        List.copyOf(report.otherPrecisions().keySet()));
    assertTrue(
        report
            .toString()
            .contains("1 of 3 layers: INT8 is computed in FP16, as int8 by gemm sm90_int8"),
        report::toString);
    String html = HtmlPage.render(KernelsHtml.of(report));
    assertTrue(html.contains("INT8 is computed in FP16") && html.contains("sm90_int8"), html);
  }

  @Test
  void aWordThatIsNotKnownStays() {
    assertEquals("FP8", PrecisionFindings.word("FP8"));
    assertEquals("BF16", PrecisionFindings.word("bfloat16"));
  }
}
