package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferc.Inferc;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.LatencySummary;
import io.inferc.benchmark.Measurement;
import io.inferc.benchmark.MemoryUsage;
import io.inferc.benchmark.RatioInterval;
import io.inferc.onnx.ModelSummary;
import io.inferc.onnx.OnnxModel;
import io.inferc.spi.NumericPrecision;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that one shows to people who never heard of a cosine. */
class PageTest {
  private static final String HOSTILE = "<script>alert('x')</script>\"&";
  private static final Tolerance CLOSE =
      Tolerance.custom().named("close").limit(Metric.MEAN_COSINE, 0.99).build();
  private static final OnnxModel MODEL = SmallModels.perceptron(4, 8, 2, 1);

  @TempDir Path folder;

  private static OptimizationReport.Builder builder() {
    return OptimizationReport.builder("network").created(Instant.parse("2026-11-29T11:05:30Z"));
  }

  private String html(OptimizationReport.Builder builder) throws IOException {
    Path file = folder.resolve("report.html");
    builder.build().writeHtml(file);
    return Files.readString(file);
  }

  /** What the first screen says, without tags. */
  private String firstScreen(OptimizationReport.Builder builder) throws IOException {
    String html = html(builder);
    int end = html.indexOf("<section>");
    return html.substring(html.indexOf("<main>"), end < 0 ? html.length() : end)
        .replaceAll("<[^>]*>", " ")
        .replaceAll("\\s+", " ");
  }

  private static AccuracyReport accuracy(double cosine) {
    return new AccuracyReport(
        "a",
        "b",
        CLOSE,
        List.of(
            new OutputAccuracy(
                "y",
                1234,
                5,
                Map.of(Metric.MEAN_COSINE, cosine, Metric.RMSE, 0.125),
                Map.of(),
                Map.of(Metric.MEAN_COSINE, 0.99),
                new OutputAccuracy.NotFinite(0, 0),
                new OutputAccuracy.NotFinite(0, 0),
                0,
                0)),
        cosine >= 0.99 ? List.of() : List.of("y strays: its mean cosine is below 0.99."));
  }

  private static Measurement measurement(String model, double... medians) {
    List<Measurement.Round> rounds = new ArrayList<>();
    for (double m : medians) {
      rounds.add(new Measurement.Round(latency(m), 1000 / m));
    }
    return new Measurement(model, latency(medians[0]), 1000 / medians[0], rounds);
  }

  private static LatencySummary latency(double millis) {
    return new LatencySummary(100, millis, millis, millis, millis, millis);
  }

  private static BenchmarkComparison benchmark(String workload, double low, double high) {
    double ratio = Math.sqrt(low * high);
    return new BenchmarkComparison(
        workload,
        BenchmarkOptions.defaults(),
        new Environment("cpu", 2, "os", "jvm"),
        measurement("original", 10, 11, 10),
        measurement("compiled", 10 / ratio, 11 / ratio, 10 / ratio),
        new RatioInterval(ratio, low, high),
        new RatioInterval(ratio, low, high),
        new MemoryUsage(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
  }

  @Test
  void theFirstScreenSaysInPlainWordsWhatWasGainedAndKeptWhenAndHow() throws IOException {
    ModelSummary summary = MODEL.summary();
    String seen =
        firstScreen(
            builder()
                .summary(summary)
                .accuracy(accuracy(0.9967))
                .benchmark(benchmark("one sentence", 1.8, 1.9))
                .benchmark(benchmark("eight sentences", 2.4, 2.6))
                .fact("target", "onnxruntime 1.29.0")
                .command("java Example --quick"));
    for (String words :
        List.of(
            "1.8 to 2.5 times as fast",
            "one sentence: 10.0 ms before, 5.4 ms after",
            "✓ Answers kept",
            "99.6 % alike on average (at least 99.0 % asked)",
            "Compared with the original model on 1,234 samples",
            "MB before",
            "29 November 2026, 11:05 UTC",
            "inferc " + Inferc.version(),
            "java Example --quick",
            "onnxruntime 1.29.0")) {
      assertTrue(seen.contains(words), words + " in: " + seen);
    }
    assertFalse(seen.contains("RMSE") || seen.contains("p95"), seen);
  }

  @Test
  void whatIsNotGoodIsNotSaidToBe() throws IOException {
    String failed = firstScreen(builder().accuracy(accuracy(0.98999)));
    assertTrue(failed.contains("✗ Answers not kept"), failed);
    assertTrue(failed.contains("98.9 % alike"), "not rounded up to the limit: " + failed);
    String unsteady =
        firstScreen(
            builder().benchmark(benchmark("calm", 1.2, 1.4)).benchmark(benchmark("mad", 0.1, 10)));
    assertTrue(unsteady.contains("Up to 1.3 times as fast"), unsteady);
    assertTrue(unsteady.contains("mad: 10.0 ms before, 10.0 ms after, no certain diff"), unsteady);
    assertFalse(html(builder().benchmark(benchmark("mad", 0.1, 10.5))).contains("tile good"));
    String vague = firstScreen(builder().benchmark(benchmark("mad", 0.1, 10.5)));
    assertTrue(vague.contains("No certain difference"), vague);
    String same = firstScreen(builder().benchmark(benchmark("w", 0.97, 1.04)));
    assertTrue(same.contains("About as fast as before"), same);
    String slower = html(builder().benchmark(benchmark("w", 0.6, 0.7)));
    assertTrue(slower.contains("0.6 times as fast"), slower);
    assertTrue(slower.contains("<div class=\"tile bad\">"), slower);
    String nothing = firstScreen(builder());
    assertFalse(nothing.contains("kept") || nothing.contains("times as fast"), nothing);
  }

  @Test
  void metricsWithoutALimitAreFoldedAway() throws IOException {
    String html = html(builder().accuracy(accuracy(0.9967)));
    int folded = html.indexOf("<details><summary>1 metric of y without a limit</summary>");
    assertTrue(folded > 0, html);
    assertTrue(html.indexOf("<td>mean cosine</td>") < folded, html);
    assertTrue(html.indexOf("<td>RMSE</td>") > folded, html);
  }

  @Test
  void everyTableScrollsByItselfAndHasItsHeadsMarked() throws IOException {
    String html =
        html(
            builder()
                .summary(MODEL.summary())
                .accuracy(accuracy(0.9967))
                .benchmark(benchmark("w", 1.8, 1.9))
                .precision(
                    new PrecisionReport(List.of(layer("m", "MatMul", NumericPrecision.INT8)))));
    int tables = html.split("<table>", -1).length - 1;
    assertTrue(tables >= 6, html);
    PageTags.assertTablesScrollAndHaveTheirHeadsMarked(html);
    assertTrue(html.contains("overflow-x: auto"), html);
  }

  @Test
  void onPaperHeadingsStayWithTheirTablesAndNothingIsCutOff() {
    String paper = PageStyle.css().substring(PageStyle.css().indexOf("@media print"));
    assertTrue(
        paper.matches("(?s).*h1, h2, h3, \\.lead, thead \\{ break-after: avoid; }.*"), paper);
    assertTrue(paper.contains("tbody tr:first-child { break-before: avoid; }"), paper);
    assertTrue(paper.contains(".scroll { overflow: visible; }"), paper);
  }

  @Test
  void theLinesOfTheChartAreToldApartWithoutColours() throws IOException {
    String html = html(builder().benchmark(benchmark("w", 1.8, 1.9)));
    String svg = html.substring(html.indexOf("<svg"), html.indexOf("</svg>"));
    assertEquals(1, svg.split("stroke-dasharray", -1).length - 1, "one dashed line");
    assertEquals(3, svg.split("<circle", -1).length - 1, "a ring a round");
    assertEquals(3, svg.split("<rect", -1).length - 1, "a square a round");
    assertTrue(svg.contains(">original</text>") && svg.contains(">compiled</text>"), svg);
    String close = html(builder().benchmark(benchmark("w", 0.999, 1.001)));
    List<Double> heights =
        List.of("original", "compiled").stream()
            .map(n -> close.replaceAll("(?s).* y=\"([0-9.]+)\">" + n + "</text>.*", "$1"))
            .map(Double::valueOf)
            .toList();
    assertTrue(Math.abs(heights.get(0) - heights.get(1)) >= 15, "names apart: " + heights);
  }

  private static PrecisionReport.Layer layer(String node, String operator, NumericPrecision p) {
    return new PrecisionReport.Layer(node, operator, p, "as asked");
  }

  @Test
  void layersThatDoTheWorkAreCountedOfThoseThereAre() throws IOException {
    List<PrecisionReport.Layer> layers = new ArrayList<>();
    layers.addAll(Collections.nCopies(47, layer("m", "MatMul", NumericPrecision.INT8)));
    layers.add(layer("g", "Gemm", NumericPrecision.INT8));
    layers.addAll(Collections.nCopies(383, layer("a", "Add", NumericPrecision.FP32)));
    PrecisionReport report = new PrecisionReport(layers);
    assertEquals("48 of 48 matrix products at INT8", report.summary());
    String html = html(builder().precision(report));
    assertTrue(html.contains("48 of 48 matrix products at INT8."), html);
    int folded = html.indexOf("<details><summary>383 other nodes</summary>");
    assertTrue(folded > 0, html);
    assertTrue(html.indexOf(">383 of 383<") > folded, "folded away");
    assertTrue(firstScreen(builder().precision(report)).contains("48 of 48 matrix products"), html);

    assertEquals(
        "1 of 2 matrix products at FP16, 0 of 1 convolutions below FP32",
        new PrecisionReport(
                List.of(
                    layer("a", "MatMul", NumericPrecision.FP16),
                    layer("b", "MatMul", NumericPrecision.FP32),
                    layer("c", "Conv", NumericPrecision.FP32)))
            .summary());
    assertEquals(
        "No matrix product and no convolution among 0 nodes",
        new PrecisionReport(List.of()).summary());
  }

  @Test
  void hostileTextStaysText() throws IOException {
    String html =
        html(
            OptimizationReport.builder(HOSTILE)
                .fact(HOSTILE, HOSTILE)
                .command(HOSTILE)
                .warning(HOSTILE)
                .note(HOSTILE)
                .benchmark(benchmark(HOSTILE, 1, 2))
                .precision(
                    new PrecisionReport(
                        List.of(
                            new PrecisionReport.Layer(
                                HOSTILE, HOSTILE, NumericPrecision.INT8, HOSTILE)))));
    assertFalse(html.contains("<script"), html);
    assertFalse(html.contains("alert('x')"), "quotes are escaped too");
    String attributes = html.substring(html.indexOf("<main>"));
    assertTrue(attributes.contains("&quot;&amp;"), attributes);
    // Whatever is in quotes inside of a tag is an attribute's value, which a quote must not end.
    assertFalse(attributes.matches("(?s).*<[a-z]+ [^>]*</script.*"), attributes);
  }

  @Test
  void programsLearnWhenByWhatAndHowTheReportWasMade() throws IOException {
    Path file = folder.resolve("report.json");
    builder().command("java Example").build().writeJson(file);
    JsonNode root = new ObjectMapper().readTree(file.toFile());
    assertEquals("2026-11-29T11:05:30Z", root.path("created").asText());
    assertEquals(Inferc.version(), root.path("version").asText());
    assertEquals("java Example", root.path("command").asText());
    Instant before = Instant.now();
    assertFalse(OptimizationReport.builder("now").build().created().isBefore(before));
  }

  @Test
  void theTagsOfThePageAreClosedInOrder() throws IOException {
    String html =
        html(
            builder()
                .summary(MODEL.summary())
                .accuracy(accuracy(0.5))
                .benchmark(benchmark("w", 1.8, 1.9))
                .note("n")
                .warning("w"));
    PageTags.assertClosedInOrder(html);
  }
}
