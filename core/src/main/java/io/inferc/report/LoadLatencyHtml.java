package io.inferc.report;

import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;

import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.PercentileEstimate;
import j2html.tags.specialized.FigureTag;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SectionTag;
import j2html.tags.specialized.TdTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** How long requests took under equal load: percentiles, over time, and what of it was waiting. */
final class LoadLatencyHtml {
  private static final List<Double> CURVE =
      List.of(50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.75, 99.9);
  private static final List<Double> PARTS = List.of(50.0, 95.0, 99.0);

  private LoadLatencyHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    SectionTag section =
        section(
            h2("Latency"),
            p("Milliseconds from the moment that a request was meant to start, under "
                    + facts.result().rounds().settings().load()
                    + ", with intervals of 95 % confidence below each figure.")
                .withClass("lead"),
            percentiles(facts).tag());
    long endless = facts.variants().stream().mapToLong(v -> v.latency().endless()).sum();
    if (endless > 0) {
      section.with(
          p(
              Amounts.count(endless)
                  + " requests had no answer when the run ended, and count as ones that took"
                  + " forever (∞)."));
    }
    curves(facts).ifPresent(section::with);
    if (!facts.candidates().isEmpty()) {
      section.with(h3("Against " + facts.baseline().name()), differences(facts).tag());
    }
    List<FigureTag> overTime = LatencyOverTime.plots(facts);
    if (!overTime.isEmpty()) {
      section.with(h3("Latency over time"), each(overTime, plot -> plot));
    }
    section.with(
        h3("Waiting and service"),
        p("A request's latency has three parts: waiting until a worker is free, the load"
                + " generator's own lateness, and the service itself.")
            .withClass("lead"),
        parts(facts).tag());
    page.with(section);
  }

  private static HtmlTable percentiles(StudyFacts facts) {
    HtmlTable table = new HtmlTable("percentiles of the latency").text("ms");
    LatencyDistribution.PERCENTILES.forEach(p -> table.number(Amounts.percentile(p)));
    table.number("mean").number("longest").number("requests");
    for (StudyFacts.Measured variant : facts.variants()) {
      LatencyDistribution latency = variant.latency();
      List<TdTag> cells = new ArrayList<>();
      cells.add(names(variant.name()));
      LatencyDistribution.PERCENTILES.forEach(p -> cells.add(percentile(latency, p)));
      cells.add(
          figure(
              Amounts.number(
                  latency.endless() > 0
                      ? Double.POSITIVE_INFINITY
                      : latency.mean().orElse(Double.NaN))));
      cells.add(figure(Amounts.number(latency.max().orElse(Double.NaN))));
      cells.add(figure(Amounts.count(latency.count())));
      table.row(cells.toArray(TdTag[]::new));
    }
    return table;
  }

  static TdTag percentile(LatencyDistribution times, double percentile) {
    return StudyFacts.percentile(times, percentile)
        .map(e -> figure(Amounts.number(e.value()), Amounts.interval(e)))
        .orElseGet(() -> figure(Amounts.NOT_KNOWN));
  }

  private static Optional<FigureTag> curves(StudyFacts facts) {
    double[] shown =
        facts.variants().stream()
            .flatMap(v -> estimates(v.latency()))
            .flatMap(e -> Stream.of(e.value(), e.low(), e.high()))
            .filter(v -> Double.isFinite(v) && v > 0)
            .mapToDouble(Double::doubleValue)
            .toArray();
    if (shown.length == 0) {
      return Optional.empty();
    }
    Axis y = Axis.fitting("latency in ms", shown);
    Plot plot =
        new Plot(
            "percentiles",
            "Latency by percentile",
            "One curve a variant, with its interval as a band; the table above has the figures.",
            Axis.tail("percentile of the requests"),
            y);
    for (StudyFacts.Measured variant : facts.variants()) {
      List<Plot.Value> line = new ArrayList<>();
      List<Plot.Value> low = new ArrayList<>();
      List<Plot.Value> high = new ArrayList<>();
      estimates(variant.latency())
          .filter(e -> Double.isFinite(e.value()))
          .forEach(
              e -> {
                line.add(new Plot.Value(e.percentile(), e.value()));
                low.add(new Plot.Value(e.percentile(), Math.max(e.low(), y.from())));
                high.add(new Plot.Value(e.percentile(), Math.min(e.high(), y.to())));
              });
      plot.band(variant.series(), low, high);
      plot.line(variant.series(), line, 2);
      line.stream()
          .filter(v -> LatencyDistribution.PERCENTILES.contains(v.x()))
          .forEach(v -> plot.mark(variant.series(), v, true));
    }
    return Optional.of(
        plot.tag(
            facts.series(),
            "Latency by percentile, with bands of 95 % confidence. Where a band reaches an edge,"
                + " the requests were too few to bound the percentile."));
  }

  private static Stream<PercentileEstimate> estimates(LatencyDistribution latency) {
    return CURVE.stream().flatMap(p -> StudyFacts.percentile(latency, p).stream());
  }

  private static HtmlTable differences(StudyFacts facts) {
    HtmlTable table =
        new HtmlTable("latencies against the baseline's")
            .text("times the baseline's")
            .number("P50")
            .number("P95")
            .number("P99")
            .number("mean")
            .number("answers/s");
    for (StudyFacts.Measured candidate : facts.candidates()) {
      int place = candidate.place();
      table.row(
          names(candidate.name()),
          difference(facts.result().latency(place, StudyFacts.MEDIAN)),
          difference(facts.result().latency(place, StudyFacts.P95)),
          difference(facts.result().latency(place, StudyFacts.P99)),
          difference(facts.meanLatency(place)),
          difference(facts.throughput(place)));
    }
    return table;
  }

  static TdTag difference(Optional<Difference> found) {
    return found
        .map(d -> figure(Amounts.ratio(d.ratio()), Amounts.interval(d.ratio()), words(d)))
        .orElseGet(() -> figure(Amounts.NOT_KNOWN));
  }

  static String words(Difference difference) {
    return switch (difference.verdict()) {
      case FASTER -> "better";
      case SLOWER -> "worse";
      case NO_DIFFERENCE_SHOWN -> "no difference shown";
    };
  }

  private static VariantTable parts(StudyFacts facts) {
    VariantTable table = new VariantTable("waiting and service", "ms", facts.variants());
    part(table, "waiting", StudyFacts.Measured::queueing);
    part(table, "service", StudyFacts.Measured::service);
    part(table, "lateness", StudyFacts.Measured::lag);
    return table;
  }

  private static void part(
      VariantTable table, String what, Function<StudyFacts.Measured, LatencyDistribution> times) {
    PARTS.forEach(
        p -> table.cells(what + " " + Amounts.percentile(p), v -> percentile(times.apply(v), p)));
  }
}
