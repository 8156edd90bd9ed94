package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.MadeLoad.Fate;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.study.Gate;
import io.inferc.benchmark.study.GateResult;
import io.inferc.benchmark.study.LoadStudy;
import io.inferc.benchmark.study.StudyResult;
import io.inferc.benchmark.study.Variant;
import io.inferc.common.InfercException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a study under load, for those who decide by it. */
class LoadReportTest {
  private static final String HOSTILE = "<script>alert('x')</script>\"&";

  @TempDir Path folder;

  private static String html(MadeStudies study, GateResult... gates) {
    return LoadReport.of(study.result(gates)).toHtml();
  }

  private static void assertInOrder(String text, String... parts) {
    int from = 0;
    for (String part : parts) {
      int found = text.indexOf(part, from);
      assertTrue(found >= 0, () -> part + " is missing, or too early, in " + text);
      from = found + part.length();
    }
  }

  @Test
  void theVerdictComesFirstThenFiguresThenHowTheyCameAbout() {
    String html =
        html(
            MadeStudies.of("FP32", "INT8").streamed(6),
            MadeStudies.gate("INT8", GateResult.Verdict.PASSED),
            MadeStudies.gate("INT8", GateResult.Verdict.FAILED),
            MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN));
    assertInOrder(
        html,
        "At equal latency (P95 within 50ms), INT8 serves",
        "At equal load (poisson:120), the P95 latency of INT8",
        "A million requests (at P95 within 50ms) cost",
        "<h2>Gates</h2>",
        "1 of 3 passed, 1 failed, 1 not shown",
        "✓ PASSED",
        "✗ FAILED",
        "? NOT SHOWN",
        "<h2>Latency</h2>",
        "<title id=\"percentiles-title\">",
        "Latency over time",
        "Waiting and service",
        "<h2>Latency against load</h2>",
        "limit 50 ms",
        "<h2>Throughput by size of batch</h2>",
        "<h2>Outcomes</h2>",
        "<h2>Startup and memory</h2>",
        "<h2>Streams</h2>",
        "inter token latency",
        "tokens/s",
        "<h2>Energy</h2>",
        "<h2>Cost</h2>",
        "<h2>Useful tokens</h2>",
        "<h2>Share of the roofline</h2>",
        "<h2>Noise</h2>",
        "<h2>Settings</h2>",
        "<dt>Seed</dt><dd>7</dd>",
        "<h2>Environment</h2>",
        "<dt>Frequency governor</dt><dd>performance</dd>",
        "<dt>Time given to others by the host</dt><dd>0.12 %</dd>");
    assertFalse(html.contains("VOID"), "nothing speaks against it");
  }

  @Test
  void aVoidStudySaysSoBeforeAllElseAndPraisesNothing() {
    String html =
        html(
            MadeStudies.of("FP32", "INT8").wrong(9, Fate.failed("out of memory")),
            MadeStudies.gate("INT8", GateResult.Verdict.NOT_SHOWN));
    assertInOrder(html, "<h1>", "VOID", "requests failed (out of memory)", "class=\"tiles\"");
    assertFalse(html.contains("tile good"), html);
    assertInOrder(html, "lower (void)", "What was said of failures", "out of memory");
  }

  @Test
  void whatWasNotFoundIsNotKnown() {
    String html = html(MadeStudies.of("FP32", "INT8").hopeless());
    assertInOrder(html, "Not known", "No highest", "was not shown to keep P95 within 50ms");
    assertFalse(html.contains("VOID"), "what was not found is missing, not wrong");
    assertTrue(html.contains("from one search each"), html);
    String none = html(MadeStudies.of("FP32", "INT8").withoutLimits());
    assertInOrder(none, "No highest load within a latency limit was searched for.", "28 % lower");
    assertFalse(none.contains("Latency against load"), none);
    assertTrue(none.contains("Not known: no highest load"), "the cost");
  }

  @Test
  void allRequestsMayHaveFailedOrHaveNoAnswer() {
    for (Fate fate : List.of(Fate.failed("gone"), Fate.unanswered())) {
      String html = html(MadeStudies.of("FP32", "INT8").bare().wrong(1, fate));
      PageTags.assertClosedInOrder(html);
      assertFalse(html.contains("NaN") || html.contains("Infinity"), html);
      assertTrue(html.contains("so that none was compared"), html);
    }
    String some = html(MadeStudies.of("FP32", "INT8").bare().wrong(50, Fate.unanswered()));
    assertTrue(some.contains("had no answer when the run ended, and count as"), some);
    assertTrue(some.contains("∞"), some);
  }

  @Test
  void oneVariantIsReportedByItself() {
    String html =
        html(
            MadeStudies.of("FP32").batches(4), MadeStudies.gate("FP32", GateResult.Verdict.PASSED));
    assertInOrder(html, "P95 latency", "FP32 takes", "Highest load within the limit", "Cost of a");
    assertTrue(html.contains("no baseline to compare"), html);
    assertFalse(html.contains("Against FP32"), html);
    assertTrue(html.contains("Throughput by size of batch"), html);
    assertFalse(html.contains("id=\"batches-title\""), "one size makes no line");
    String bare = html(MadeStudies.of("FP32").bare());
    assertFalse(bare.contains("<h2>Noise") || bare.contains("<h2>Energy"), bare);
  }

  @Test
  void fourVariantsTellWhetherGainsAdd() {
    String html = html(MadeStudies.of("neither", "compiled", "pooled", "both"));
    assertInOrder(
        html,
        "<h3>compiled against neither</h3>",
        "<h3>both against neither</h3>",
        "<h2>Several processes</h2>",
        "In 2 processes the P95 of ",
        "<h2>Do the gains add?</h2>",
        "Together the changes give less than added");
    assertTrue(html.contains("id=\"over-time-p95-title\""), "medians and P95 apart");
  }

  @Test
  void plotsHaveTheirWordsAndAreToldApartWithoutColours() {
    String html = html(MadeStudies.of("a", "b", "c", "d"));
    List<String> plots = new ArrayList<>();
    Matcher found =
        Pattern.compile("<svg class=\"plot fit\".*?</svg>", Pattern.DOTALL).matcher(html);
    while (found.find()) {
      plots.add(found.group());
    }
    assertEquals(5, plots.size());
    HashSet<String> ids = new HashSet<>();
    for (String plot : plots) {
      Matcher names =
          Pattern.compile(
                  "role=\"img\" aria-labelledby=\"([a-z0-9-]+) ([a-z0-9-]+)\">"
                      + "<title id=\"\\1\">[^<]+</title><desc id=\"\\2\">[^<]+</desc>")
              .matcher(plot);
      assertTrue(names.find(), plot);
      assertTrue(ids.add(names.group(1)) && ids.add(names.group(2)), "ids are of one plot each");
      assertFalse(plot.contains("NaN") || plot.contains("Infinity"), plot);
      assertTrue(plot.length() < 40_000, "thin enough: " + plot.length());
    }
    for (String shape : List.of("<circle", "<rect", "<polygon")) {
      assertTrue(plots.get(0).contains(shape), shape);
    }
    for (String dashes : List.of("7 5", "none", "2 4", "12 4 2 4")) {
      assertTrue(plots.get(0).contains("stroke-dasharray=\"" + dashes + "\""), dashes);
    }
  }

  @Test
  void latencyOverTimeIsOfAFewHundredPointsAtMost() {
    StudyResult result = MadeStudies.of("a", "b").result();
    List<LatencyOverTime.Span> spans = LatencyOverTime.of(result.rounds().of(0).runs());
    assertTrue(spans.size() > 10 && spans.size() <= 120, spans::toString);
    assertEquals(
        result.rounds().of(0).requests(),
        spans.stream().mapToLong(LatencyOverTime.Span::requests).sum(),
        "each request is in one span");
    for (int i = 0; i < spans.size(); i++) {
      assertTrue(spans.get(i).p95() >= spans.get(i).median(), "a median above the P95");
      assertTrue(i == 0 || spans.get(i).seconds() > spans.get(i - 1).seconds(), "in order");
    }
  }

  @Test
  void thePageRefersToNothingOutsideAndNeedsNoScript() {
    String html = html(MadeStudies.of("FP32", "INT8").streamed(4));
    assertFalse(
        html.matches("(?si).*(https?:|src=|href=|@import|url\\(|<script|<link|<iframe).*"), html);
    PageTags.assertClosedInOrder(html);
    PageTags.assertTablesScrollAndHaveTheirHeadsMarked(html);
  }

  @Test
  void hostileTextStaysText() {
    String html =
        html(
            MadeStudies.of(HOSTILE, HOSTILE + "2")
                .title(HOSTILE)
                .saying(HOSTILE)
                .wrong(9, Fate.failed(HOSTILE)),
            new GateResult(HOSTILE, HOSTILE, GateResult.Verdict.FAILED, HOSTILE));
    assertFalse(html.contains("<script"), html);
    assertFalse(html.contains("alert('x')"), "quotes are escaped too");
    PageTags.assertClosedInOrder(html);
  }

  @Test
  void aStudyThatTookPlaceIsReportedInAllFormats() throws IOException {
    StudyResult result =
        LoadStudy.builder(Load.constant(200))
            .duration(Duration.ofMillis(400))
            .warmUp(Duration.ZERO)
            .blocks(5)
            .workers(2)
            .withoutSearch()
            .gate(Gate.notSlower(50, 0.05))
            .gate(Gate.throughputGain(1.1))
            .build()
            .run(
                List.of(
                    Variant.of("slow", subject("slow", 2)), Variant.of("fast", subject("fast", 1))),
                place -> new PromptRequest("kind", Long.toString(place), 1));
    LoadReport report = LoadReport.of(result);
    report.writeHtml(folder.resolve("r/load.html"));
    report.writeJson(folder.resolve("r/load.json"));
    report.writeMarkdown(folder.resolve("r/load.md"));
    report.writeJUnitXml(folder.resolve("r/load.xml"));
    PageTags.assertClosedInOrder(Files.readString(folder.resolve("r/load.html")));
    assertEquals(
        List.of(), LoadReportJsonTest.errors(Files.readString(folder.resolve("r/load.json"))));
    assertEquals(report.toMarkdown(), Files.readString(folder.resolve("r/load.md")));
    assertEquals(
        3, Files.readString(folder.resolve("r/load.xml")).split("<testcase ", -1).length - 1);
  }

  private static Subject subject(String name, int millis) {
    return Subject.of(name, request -> LockSupport.parkNanos(millis * 1_000_000L));
  }

  @Test
  void aFileIsReplacedAsAWholeAndAFolderIsNot() throws IOException {
    LoadReport report = LoadReport.of(MadeStudies.of("FP32").bare().result());
    Path file = folder.resolve("load.md");
    Files.writeString(file, "before");
    report.writeMarkdown(file);
    assertEquals(report.toMarkdown(), Files.readString(file));
    Path taken = Files.createDirectory(folder.resolve("load.html"));
    assertThrows(InfercException.class, () -> report.writeHtml(taken));
    assertTrue(Files.isDirectory(taken), "an empty folder was replaced");
    try (var left = Files.list(folder)) {
      assertEquals(2, left.count(), "a draft was left");
    }
  }
}
