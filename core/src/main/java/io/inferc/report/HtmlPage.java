package io.inferc.report;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.LatencySummary;
import io.inferc.benchmark.Measurement;
import io.inferc.onnx.ModelSummary;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report for people: one page with its style inside. */
final class HtmlPage {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8884; --dim: #777; --one: #7a8aa0; --two: #1f8a5b; }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.6rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
      table { border-collapse: collapse; width: 100%; } td, th { padding: .3rem .6rem; text-align: left;
      border-bottom: 1px solid var(--line); vertical-align: top; } th { font-weight: 600; }
      td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      .dim { color: var(--dim); } .badge { padding: .1rem .6rem; border-radius: 1rem; color: #fff; }
      .passed { background: #1f8a5b; } .failed { background: #b3372f; } .headline { font-size: 1.3rem; }
      h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; } .wide { width: 30%; } .names { overflow-wrap: anywhere; font-size: .9em; }
      .bar { display: flex; height: 1.3rem; border-radius: .3rem; overflow: hidden; margin: .5rem 0 1rem; }
      .bar span { font-size: .75rem; line-height: 1.3rem; text-align: center; color: #fff; overflow: hidden; }
      .int8 { background: #1f8a5b; } .half { background: #2f6fb3; } .full { background: #7a8aa0; }
      .rest { background: #a9a9a9; } details { margin: 1rem 0; } summary { cursor: pointer; }
      svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
      """;

  private final StringBuilder html = new StringBuilder();

  private HtmlPage() {}

  static String of(OptimizationReport report) {
    HtmlPage page = new HtmlPage();
    page.add("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    page.add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.add("<title>" + escape(report.title()) + " – inferc</title>");
    page.add("<style>" + STYLE + "</style></head><body>");
    page.add("<h1>" + escape(report.title()) + "</h1><p class=\"dim\">Compiled with inferc</p>");
    if (!report.facts().isEmpty()) {
      page.add("<table>");
      report.facts().forEach((label, value) -> page.row(label, escape(value)));
      page.add("</table>");
    }
    report
        .warnings()
        .forEach(
            w -> page.add("<p><span class=\"badge failed\">warning</span> " + escape(w) + "</p>"));
    report.accuracy().ifPresent(page::accuracy);
    report.layerDiff().ifPresent(d -> page.add(LayersHtml.of(d)));
    report.benchmarks().forEach(page::benchmark);
    report.search().ifPresent(s -> page.add(LayersHtml.of(s)));
    report.precision().ifPresent(p -> page.add(LayersHtml.of(p)));
    report.fusion().ifPresent(f -> page.add(FusionHtml.of(f)));
    report.summary().ifPresent(page::summary);
    if (!report.notes().isEmpty()) {
      page.add("<h2>Notes</h2><ul>");
      report.notes().forEach(n -> page.add("<li>" + escape(n) + "</li>"));
      page.add("</ul>");
    }
    page.add("</body></html>");
    return page.html.toString();
  }

  private void add(String text) {
    html.append(text).append('\n');
  }

  private void row(String label, String value) {
    add("<tr><th>" + escape(label) + "</th><td>" + value + "</td></tr>");
  }

  private void accuracy(AccuracyReport a) {
    add(
        "<h2>Accuracy <span class=\"badge "
            + (a.passed() ? "passed\">passed" : "failed\">failed")
            + "</span></h2>");
    add(
        "<p>"
            + escape(a.compiled())
            + " against "
            + escape(a.original())
            + ", limits for "
            + escape(a.tolerance().name())
            + "</p>");
    if (!a.passed()) {
      add("<ul>");
      a.violations().forEach(v -> add("<li>" + escape(v) + "</li>"));
      add("</ul>");
    }
    for (OutputAccuracy o : a.outputs()) {
      add(
          "<table><tr><th>"
              + escape(o.output())
              + " <span class=\"dim\">"
              + String.format(Locale.ROOT, "%,d samples, %,d elements", o.samples(), o.elements())
              + "</span></th><th class=\"n\">value</th><th class=\"n\">limit</th>"
              + "<th class=\"n\">worst sample</th></tr>");
      o.metrics()
          .forEach(
              (metric, value) -> {
                Double limit = o.limits().get(metric);
                OutputAccuracy.WorstSample worst = o.worst().get(metric);
                add(
                    "<tr><td>"
                        + metric.label()
                        + "</td><td class=\"n\">"
                        + number(value)
                        + "</td><td class=\"n\">"
                        + (limit == null
                            ? ""
                            : (metric.higherIsBetter() ? "≥ " : "≤ ") + number(limit))
                        + "</td><td class=\"n\">"
                        + (worst == null ? "" : "#" + worst.sample() + ": " + number(worst.value()))
                        + "</td></tr>");
              });
      if (o.otherShapes() > 0) {
        row("another shape", o.otherShapes() + " samples");
      }
      add("</table>");
    }
  }

  private void benchmark(BenchmarkComparison b) {
    add("<h2>Gain: " + escape(b.workload()) + "</h2>");
    add(
        String.format(
            Locale.ROOT,
            "<p class=\"headline\">%.2f× the throughput <span class=\"dim\">[%.2f, %.2f]</span>, "
                + "%.2f× faster at the median <span class=\"dim\">[%.2f, %.2f]</span></p>",
            b.throughputRatio().ratio(),
            b.throughputRatio().low(),
            b.throughputRatio().high(),
            b.latencyRatio().ratio(),
            b.latencyRatio().low(),
            b.latencyRatio().high()));
    add(
        "<table><tr><th></th><th class=\"n\">p50 ms</th><th class=\"n\">p95 ms</th><th"
            + " class=\"n\">p99 ms</th><th class=\"n\">runs/s</th><th class=\"n\">runs</th></tr>");
    measured("original", b.original());
    measured("compiled", b.compiled());
    add("</table>");
    add(LatencyPlot.of(b));
    String memory =
        b.memory().peakResident().isPresent()
            ? String.format(
                Locale.ROOT,
                "; peak memory of the process %.0f MiB",
                b.memory().peakResident().getAsLong() / 0x1p20)
            : "";
    add(
        "<p class=\"dim\">"
            + escape(
                String.format(
                    Locale.ROOT,
                    "%d interleaved rounds of %d ms, %s; 95 %% intervals over rounds. %s%s.",
                    b.options().rounds(),
                    b.options().round().toMillis(),
                    b.options().load(),
                    b.environment().describe(),
                    memory))
            + "</p>");
  }

  private void measured(String label, Measurement m) {
    LatencySummary l = m.latency();
    add(
        "<tr><td>"
            + label
            + " <span class=\"dim\">"
            + escape(m.model())
            + String.format(
                Locale.ROOT,
                "</span></td><td class=\"n\">%.3f</td><td class=\"n\">%.3f</td><td"
                    + " class=\"n\">%.3f</td><td class=\"n\">%.1f</td><td"
                    + " class=\"n\">%,d</td></tr>",
                l.p50(),
                l.p95(),
                l.p99(),
                m.throughput(),
                l.count()));
  }

  private void summary(ModelSummary s) {
    add("<h2>Model</h2><table>");
    row("graph", escape(s.name()));
    row("producer", escape(s.producer()));
    String opsets =
        s.opsets().entrySet().stream()
            .map(e -> (e.getKey().isEmpty() ? "ai.onnx" : e.getKey()) + " " + e.getValue())
            .sorted()
            .collect(Collectors.joining(", "));
    row("format", escape("IR " + s.irVersion() + ", opset " + opsets));
    row(
        "inputs",
        s.inputs().stream().map(i -> escape(i.toString())).collect(Collectors.joining("<br>")));
    row(
        "outputs",
        s.outputs().stream().map(o -> escape(o.toString())).collect(Collectors.joining("<br>")));
    row(
        "size",
        String.format(
            Locale.ROOT,
            "%,d nodes, %,d parameters, %.1f MiB of weights",
            s.nodes(),
            s.parameters(),
            s.weightBytes() / 0x1p20));
    row(
        "operators",
        s.operators().stream()
            .map(o -> escape(o.operator()) + "&nbsp;" + o.count())
            .collect(Collectors.joining(", ")));
    add("</table>");
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "-∞";
    }
    double magnitude = Math.abs(value);
    return magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e6)
        ? String.format(Locale.ROOT, "%.3e", value)
        : String.format(Locale.ROOT, "%.6f", value);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
