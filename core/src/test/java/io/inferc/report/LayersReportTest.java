package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.LayerDrift;
import io.inferc.runtime.KernelInfo;
import io.inferc.search.LayerCost;
import io.inferc.spi.NumericPrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersReportTest {
  @TempDir Path folder;

  private static PrecisionReport.Layer layer(String node, NumericPrecision p, String reason) {
    return new PrecisionReport.Layer(node, "MatMul", p, reason);
  }

  private static OptimizationReport report() {
    PrecisionReport precision =
        new PrecisionReport(
            List.of(
                layer("first", NumericPrecision.FP32, "by the rule: keep <first>"),
                layer("second", NumericPrecision.INT8, "search"),
                layer("third", NumericPrecision.INT8, "search")));
    LayerDiffReport diff =
        new LayerDiffReport(
            List.of(
                new LayerDrift("a", "first", "MatMul", 40, 0.999, 0.99, 80, 0, 0),
                new LayerDrift("b", "second", "MatMul", 12, 0.95, 0.9, 28, 3, 0)),
            8,
            20,
            0.99,
            List.of());
    return OptimizationReport.builder("network").precision(precision).layerDiff(diff).build();
  }

  @Test
  void thePageSaysWhatEachNodeEndedWithAndWhichLayerDriftsFirst() throws IOException {
    Path file = folder.resolve("report.html");
    report().writeHtml(file);
    String html = Files.readString(file);
    assertTrue(html.contains("The first layer that drifts is <strong>second</strong> (MatMul)"));
    assertTrue(html.contains("by the rule: keep &lt;first&gt;"), "escaped");
    assertTrue(html.contains("MatMul\u00a02"), "two layers share a fate");
    assertTrue(html.indexOf("<td>INT8</td>") < html.indexOf("<td>FP32</td>"), "reduced first");
    for (String node : List.of("first", "second", "third")) {
      assertTrue(html.contains("<td class=\"names\">" + node + "</td>"), node);
    }
  }

  @Test
  void nodesLeftAloneForTheSameCauseAreOneGroup() {
    PrecisionReport report =
        new PrecisionReport(
            List.of(
                layer("a", NumericPrecision.FP32, "left at FP32: its input 'x' is not quantized."),
                layer("b", NumericPrecision.FP32, "left at FP32: its input 'y' is not quantized."),
                layer("c", NumericPrecision.FP32, "by the rule: keep nodes named 'c*'"),
                layer("d", NumericPrecision.FP32, "by the rule: keep nodes named 'd*'")));
    assertEquals(List.of(2, 1, 1), report.groups().stream().map(g -> g.layers().size()).toList());
    assertEquals("left at FP32: its input '…' is not quantized.", report.groups().get(0).reason());
  }

  @Test
  void theDocumentForProgramsHasEveryNode() throws IOException {
    Path file = folder.resolve("report.json");
    report().writeJson(file);
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    assertEquals(3, root.path("precision").size());
    assertEquals("INT8", root.path("precision").path(1).path("precision").asText());
    assertEquals("search", root.path("precision").path(1).path("reason").asText());
    assertEquals("second", root.path("layerDiff").path("firstDrift").asText());
    assertEquals(12.0, root.path("layerDiff").path("layers").path(1).path("sqnrDb").asDouble());
    assertFalse(root.has("search"), "nothing was searched");
  }

  @Test
  void aLayerThatChangesNothingHasNoNoiseToSpeakOf() {
    LayerCost none =
        new LayerCost(
            "a",
            "Conv",
            NumericPrecision.INT8,
            Double.POSITIVE_INFINITY,
            1,
            OptionalDouble.empty(),
            false);
    assertEquals("inf", none.sqnrText());
    LayerCost some =
        new LayerCost("b", "Conv", NumericPrecision.INT8, 12.34, 0.99, OptionalDouble.of(1), true);
    assertEquals("12.3", some.sqnrText());
  }

  @Test
  void timesOfKernelsAreAddedUpByType() {
    KernelInfo fast =
        new KernelInfo("k1", "Add", Optional.of("FLOAT32"), List.of("a"), Optional.of(0.5));
    KernelInfo slow =
        new KernelInfo("k2", "MatMul", Optional.of("FLOAT32"), List.of("b"), Optional.of(2.0));
    KernelInfo again =
        new KernelInfo("k3", "Add", Optional.of("FLOAT32"), List.of("c"), Optional.of(0.5));
    FusionReport fusion =
        new FusionReport(3, List.of(fast, slow, again), List.of(), List.of(), List.of(), List.of());
    assertEquals(3.0, fusion.timeMillis(), 1e-9);
    assertEquals(Map.of("MatMul", 2.0, "Add", 1.0), fusion.timeByType());
    assertEquals(List.of("MatMul", "Add"), List.copyOf(fusion.timeByType().keySet()));
    assertTrue(fusion.toString().contains("66.7 % of the time in MatMul"), fusion.toString());
  }
}
