package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.UnfusedQuantization.Reason;
import io.inferc.runtime.KernelInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FusionReportTest {
  private static final String FLOAT = "FLOAT32";

  @TempDir Path folder;

  private static KernelInfo kernel(String type, String precision, String... nodes) {
    return new KernelInfo(
        "k_" + type + String.join("_", nodes),
        type,
        Optional.of(precision),
        List.of(nodes),
        Optional.empty());
  }

  private static GraphBuilder graph() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, "1, 4"))
        .initializer(Initializer.floats("s", new float[] {0.1f}))
        .initializer(Initializer.longs("z", DataType.UINT8, new long[] {3}))
        .output(TensorSpec.of("y", DataType.FLOAT32, "1, 4"));
  }

  private static Node node(String operator, String output, String... inputs) {
    return Node.builder(operator).name("n_" + output).inputs(inputs).outputs(output).build();
  }

  private static OnnxModel gelu() {
    return OnnxModel.of(
        graph()
            .node(node("QuantizeLinear", "q", "x", "s", "z"))
            .node(node("DequantizeLinear", "d", "q", "s", "z"))
            .node(node("Selu", "a", "d"))
            .node(node("QuantizeLinear", "aq", "a", "s", "z"))
            .node(node("DequantizeLinear", "y", "aq", "s", "z"))
            .build(),
        17);
  }

  private static List<KernelInfo> oneEach(OnnxModel model) {
    return model.graph().nodes().stream().map(n -> kernel(n.opType(), FLOAT, n.label())).toList();
  }

  @Test
  void kernelsAreCountedByPrecisionWithoutConversions() {
    FusionReport report =
        FusionReport.of(
            SmallModels.perceptron(4, 8, 2, 1),
            List.of(
                kernel("QuantizeLinear", FLOAT),
                kernel("ReorderInput", FLOAT),
                kernel("Transpose", "UINT8"),
                kernel("QGemm", "INT8", "fc1", "relu1"),
                kernel("Gemm", FLOAT, "fc2"),
                kernel("Softmax", FLOAT)));
    assertEquals(Map.of("INT8", 1L, FLOAT, 2L), report.kernelsByPrecision());
    assertEquals(FLOAT, report.kernelsByPrecision().keySet().iterator().next());
    assertEquals(1, report.fused().size());
    assertEquals(4, report.added().size());
    assertEquals(3, report.nodes());
    assertEquals(List.of(), report.withoutKernel());
    assertEquals(List.of(), report.unfused());
  }

  @Test
  void nodesThatNoKernelStandsForAreListed() {
    FusionReport report =
        FusionReport.of(SmallModels.perceptron(4, 8, 2, 1), List.of(kernel("Gemm", FLOAT, "fc1")));
    assertEquals(List.of("relu1", "fc2"), report.withoutKernel());
  }

  @Test
  void anOperatorWithoutAnIntegerKernelIsNamedAtEachConversionAroundIt() {
    FusionReport report = FusionReport.of(gelu(), oneEach(gelu()));
    Map<String, Reason> reasons =
        report.unfused().stream()
            .collect(Collectors.toMap(UnfusedQuantization::node, UnfusedQuantization::reason));
    assertEquals(
        Map.of(
            "n_q", Reason.MODEL_BOUNDARY,
            "n_d", Reason.NO_INTEGER_KERNEL,
            "n_aq", Reason.NO_INTEGER_KERNEL,
            "n_y", Reason.MODEL_BOUNDARY),
        reasons);
    UnfusedQuantization first = report.unfused().get(1);
    assertEquals("n_a", first.neighbour());
    assertTrue(first.explanation().contains("Selu n_a"), first.explanation());
    assertTrue(Reason.MODEL_BOUNDARY.expected() && !first.reason().expected());
  }

  @Test
  void conversionsTakenIntoIntegerKernelsAreNoFindings() {
    OnnxModel model = gelu();
    FusionReport report =
        FusionReport.of(
            model,
            List.of(
                kernel("QuantizeLinear", FLOAT, "n_q"),
                kernel("QSelu", "INT8", "n_d", "n_a", "n_aq"),
                kernel("DequantizeLinear", FLOAT, "n_y")));
    assertTrue(report.unfused().stream().allMatch(u -> u.reason().expected()), report.toString());
    assertEquals(2, report.unfused().size());
  }

  @Test
  void aTensorQuantizedTwiceAndAScaleOfTheRunTimeAreFound() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.floats("s2", new float[] {0.2f}))
                .node(node("QuantizeLinear", "q", "x", "s", "z"))
                .node(node("DequantizeLinear", "d", "q", "s", "z"))
                .node(node("QuantizeLinear", "q2", "d", "s2", "z"))
                .node(node("Abs", "dynamic", "s2"))
                .node(node("DequantizeLinear", "d2", "q2", "dynamic", "z"))
                .node(node("Sigmoid", "a", "d2"))
                .node(node("QuantizeLinear", "aq", "a", "s", "z"))
                .node(node("DequantizeLinear", "y", "aq", "s", "z"))
                .build(),
            17);
    List<UnfusedQuantization> unfused = FusionReport.of(model, oneEach(model)).unfused();
    assertEquals(Reason.RESCALED, unfused.get(1).reason());
    assertEquals(Reason.RESCALED, unfused.get(2).reason());
    assertEquals(Reason.NOT_CONSTANT, unfused.get(3).reason());
  }

  @Test
  void theReportGoesIntoBothPages() throws Exception {
    FusionReport fusion = FusionReport.of(gelu(), oneEach(gelu()));
    OptimizationReport report = OptimizationReport.builder("<gelu>").fusion(fusion).build();
    report.writeHtml(folder.resolve("r.html"));
    report.writeJson(folder.resolve("r.json"));
    String html = Files.readString(folder.resolve("r.html"));
    assertTrue(html.contains("5 nodes became 5 kernels"), html);
    assertTrue(html.contains(Reason.NO_INTEGER_KERNEL.label()), html);
    assertTrue(html.contains("<td>Selu</td><td>FLOAT32</td>"), html);
    assertFalse(html.contains("<gelu>"), html);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("r.json").toFile()).get("fusion");
    assertEquals(1, json.get("kernelsByPrecision").get(FLOAT).asInt());
    assertEquals(4, json.get("unfusedQuantization").size());
    assertEquals("n_a", json.get("unfusedQuantization").get(1).get("neighbour").asText());
    assertEquals("n_q", json.get("kernels").get(0).get("nodes").get(0).asText());
  }

  @Test
  void aReportWithoutKernelsHasNoSectionOnThem() throws Exception {
    OptimizationReport.builder("empty").build().writeHtml(folder.resolve("r.html"));
    assertFalse(Files.readString(folder.resolve("r.html")).contains("Kernels"));
  }
}
