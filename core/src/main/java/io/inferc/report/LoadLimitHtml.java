package io.inferc.report;

import static io.inferc.report.HtmlTable.cell;
import static io.inferc.report.HtmlTable.figure;
import static io.inferc.report.HtmlTable.names;
import static j2html.TagCreator.details;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;

import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.LoadLimit;
import io.inferc.benchmark.load.LoadLimits;
import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import j2html.tags.specialized.DetailsTag;
import j2html.tags.specialized.FigureTag;
import j2html.tags.specialized.MainTag;
import j2html.tags.specialized.SectionTag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** Latency against load, and the highest load that each variant keeps the limit at. */
final class LoadLimitHtml {
  private static final double NANOS_PER_MILLI = 1e6;

  /** What is so far beyond the limit says no more than that it is beyond. */
  private static final double HIGHEST = 4;

  private LoadLimitHtml() {}

  static void write(MainTag page, StudyFacts facts) {
    facts.result().limits().ifPresent(limits -> page.with(searched(facts, limits)));
  }

  private static SectionTag searched(StudyFacts facts, LoadLimits limits) {
    SectionTag section =
        section(
            h2("Latency against load"),
            p("The highest rate at which "
                    + limits.condition()
                    + " is shown to be kept, from "
                    + searches(limits)
                    + ", with intervals of 95 % confidence over the searches.")
                .withClass("lead"),
            rates(facts, limits).tag());
    facts.variants().forEach(v -> limits.reason(v.place()).ifPresent(r -> section.with(p(r))));
    plot(facts, limits).ifPresent(section::with);
    return section.with(probes(facts, limits));
  }

  private static String searches(LoadLimits limits) {
    return limits.rounds().isEmpty()
        ? "one search each"
        : limits.rounds().size() + " searches each, in turns";
  }

  private static HtmlTable rates(StudyFacts facts, LoadLimits limits) {
    HtmlTable table =
        new HtmlTable("highest rates within the limit")
            .text("")
            .number("requests/s")
            .number("times the baseline's");
    for (StudyFacts.Measured variant : facts.variants()) {
      Optional<Estimate> rate = limits.rate(variant.place());
      Optional<RatioEstimate> ratio =
          variant.place() == 0 ? Optional.empty() : limits.ratio(0, variant.place());
      table.row(
          names(variant.name()),
          rate.map(r -> figure(Amounts.number(r.value()), Amounts.interval(r)))
              .orElseGet(() -> figure(Amounts.NOT_KNOWN)),
          ratio
              .map(r -> figure(Amounts.ratio(r), Amounts.interval(r)))
              .orElseGet(() -> figure(Amounts.NOT_KNOWN)));
    }
    return table;
  }

  /**
   * What a run's percentile was, requests that failed being ones that took forever; empty where it
   * was ended before it could be told.
   */
  static Optional<Double> achieved(LoadLimit.Probe probe, double percentile) {
    LatencyDistribution latency = probe.run().latencyWithFailures();
    return probe.bound().isEmpty()
        ? Optional.empty()
        : StudyFacts.percentile(latency, percentile).map(PercentileEstimate::value);
  }

  private static Optional<FigureTag> plot(StudyFacts facts, LoadLimits limits) {
    double limit = limits.limit().toNanos() / NANOS_PER_MILLI;
    List<Double> latencies = new ArrayList<>(List.of(limit));
    List<Double> rates = new ArrayList<>();
    for (StudyFacts.Measured variant : facts.variants()) {
      for (LoadLimit.Probe probe : limits.curve(variant.place())) {
        rates.add(probe.rate());
        achieved(probe, limits.percentile())
            .filter(v -> v <= HIGHEST * limit)
            .ifPresent(latencies::add);
      }
    }
    double least = rates.stream().mapToDouble(r -> r).min().orElse(0);
    double most = rates.stream().mapToDouble(r -> r).max().orElse(0);
    if (!(least > 0)) {
      return Optional.empty();
    }
    Plot plot =
        new Plot(
            "load",
            "Latency against load",
            "The percentile that is held to the limit at each rate that was tried, and the highest"
                + " rate of each variant.",
            most > HIGHEST * least
                ? Axis.logarithmic("requests/s", least, most)
                : Axis.even("requests/s", least * 0.9, most * 1.05),
            Axis.fitting(
                Amounts.percentile(limits.percentile()) + " in ms",
                latencies.stream().flatMapToDouble(v -> DoubleStream.of(v, 1.15 * v)).toArray()));
    facts.variants().forEach(variant -> draw(plot, variant, limits));
    plot.level(limit, "limit " + Amounts.plain(limit) + " ms");
    return Optional.of(
        plot.tag(
            facts.series(),
            "Each mark is a run: full where the limit is shown to be kept, hollow where not; thin"
                + " lines join those of the first search. A"
                + " cross at the upper edge is a run above the plot, or one that was ended early"
                + " as too many requests waited. Upright lines are the highest rates, with bands"
                + " of 95 % confidence."));
  }

  private static void draw(Plot plot, StudyFacts.Measured variant, LoadLimits limits) {
    limits
        .rate(variant.place())
        .ifPresent(r -> plot.upright(variant.series(), r.value(), r.low(), r.high()));
    plot.line(
        variant.series(),
        limits.first().get(variant.place()).probes().stream()
            .filter(probe -> probe.verdict() != LoadLimit.Verdict.VOID)
            .sorted(Comparator.comparingDouble(LoadLimit.Probe::rate))
            .map(probe -> new Plot.Value(probe.rate(), shown(probe, limits)))
            .toList(),
        1);
    for (LoadLimit.Probe probe : limits.curve(variant.place())) {
      if (probe.verdict() != LoadLimit.Verdict.VOID) {
        plot.mark(
            variant.series(),
            new Plot.Value(probe.rate(), shown(probe, limits)),
            probe.verdict() == LoadLimit.Verdict.KEPT);
      }
    }
  }

  private static double shown(LoadLimit.Probe probe, LoadLimits limits) {
    return achieved(probe, limits.percentile()).orElse(Double.POSITIVE_INFINITY);
  }

  private static DetailsTag probes(StudyFacts facts, LoadLimits limits) {
    String percentile = Amounts.percentile(limits.percentile());
    HtmlTable table =
        new HtmlTable("runs of the search")
            .text("")
            .number("requests/s")
            .number(percentile + " ms")
            .number("at most ms")
            .text("limit");
    int count = 0;
    for (StudyFacts.Measured variant : facts.variants()) {
      for (LoadLimit.Probe probe : limits.curve(variant.place())) {
        count++;
        table.row(
            names(variant.name()),
            figure(Amounts.number(probe.rate())),
            figure(
                achieved(probe, limits.percentile())
                    .map(Amounts::number)
                    .orElse(Amounts.NOT_KNOWN)),
            figure(probe.bound().map(b -> Amounts.number(b.bound())).orElse(Amounts.NOT_KNOWN)),
            cell(words(probe.verdict())));
      }
    }
    return details(
        summary(String.format(Locale.ROOT, "All %d runs of the search", count)), table.tag());
  }

  private static String words(LoadLimit.Verdict verdict) {
    return switch (verdict) {
      case KEPT -> "kept";
      case NOT_SHOWN -> "not shown to be kept";
      case HOPELESS -> "ended early: too many requests waited";
      case VOID -> "void";
    };
  }
}
