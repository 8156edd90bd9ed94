package io.inferc.report;

import static io.inferc.report.HtmlTable.figure;
import static j2html.TagCreator.div;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;

import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.LatencySummary;
import io.inferc.benchmark.Measurement;
import io.inferc.benchmark.RatioInterval;
import j2html.tags.DomContent;
import j2html.tags.specialized.SectionTag;
import java.util.Locale;

/** What was gained on one workload. */
final class BenchmarkHtml {
  private BenchmarkHtml() {}

  static SectionTag of(BenchmarkComparison b) {
    HtmlTable table =
        new HtmlTable("times of " + b.workload())
            .text("")
            .number("p50 ms")
            .number("p95 ms")
            .number("p99 ms")
            .number("runs/s")
            .number("runs");
    measured(table, "original", b.original());
    measured(table, "compiled", b.compiled());
    return section(
        h2("Gain: " + b.workload()),
        p(
                text(format("%.2f times as fast at the median ", b.latencyRatio().ratio())),
                interval(b.latencyRatio()),
                text(format(", %.2f times the throughput ", b.throughputRatio().ratio())),
                interval(b.throughputRatio()))
            .withClass("lead"),
        table.tag(),
        div(LatencyPlot.of(b))
            .withClass("scroll")
            .attr("role", "region")
            .attr("aria-label", "median of each round")
            .attr("tabindex", "0"),
        p(how(b)).withClass("dim small"));
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  private static DomContent interval(RatioInterval ratio) {
    return span(String.format(Locale.ROOT, "[%.2f, %.2f]", ratio.low(), ratio.high()))
        .withClass("dim");
  }

  private static void measured(HtmlTable table, String label, Measurement m) {
    LatencySummary l = m.latency();
    table.row(
        td(text(label + " "), span(m.model()).withClass("dim")),
        figure(format("%.3f", l.p50())),
        figure(format("%.3f", l.p95())),
        figure(format("%.3f", l.p99())),
        figure(format("%.1f", m.throughput())),
        figure(String.format(Locale.ROOT, "%,d", l.count())));
  }

  private static String how(BenchmarkComparison b) {
    String memory =
        b.memory().peakResident().isPresent()
            ? format(
                "; peak memory of the process %.0f MB", b.memory().peakResident().getAsLong() / 1e6)
            : "";
    return String.format(
        Locale.ROOT,
        "%d interleaved rounds of %d ms, %s; [95 %% intervals] over rounds. %s%s.",
        b.options().rounds(),
        b.options().round().toMillis(),
        b.options().load(),
        b.environment().describe(),
        memory);
  }
}
