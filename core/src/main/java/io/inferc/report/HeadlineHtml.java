package io.inferc.report;

import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.RatioInterval;
import j2html.tags.DomContent;
import j2html.tags.specialized.DivTag;
import j2html.tags.specialized.DlTag;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** The first screen: what was gained and kept, in plain words, and where the figures come from. */
final class HeadlineHtml {
  static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);
  private static final double MEGABYTE = 1e6;
  private static final double NEARLY = 1.1;

  private HeadlineHtml() {}

  static DomContent of(OptimizationReport report) {
    List<DivTag> tiles = new ArrayList<>();
    if (!report.benchmarks().isEmpty()) {
      tiles.add(speed(report.benchmarks()));
    }
    report.accuracy().ifPresent(a -> tiles.add(answers(a)));
    report.summary().ifPresent(s -> tiles.add(size(s.weightBytes(), report.compiledWeightBytes())));
    return each(div(tiles.toArray(DivTag[]::new)).withClass("tiles"), origin(report));
  }

  private static DlTag origin(OptimizationReport report) {
    DlTag list = dl().withClass("origin");
    report.precision().ifPresent(p -> entry(list, "Layers", text(p.summary())));
    report
        .facts()
        .forEach(
            (label, value) -> {
              // Which a tile tells already.
              if (!label.equals("weights") || report.summary().isEmpty()) {
                entry(list, capital(label), text(value));
              }
            });
    entry(list, "Date", text(DATE.format(report.created())));
    entry(list, "Version", text("inferc " + report.version()));
    report.command().ifPresent(c -> entry(list, "Command", code(c)));
    return list;
  }

  static void entry(DlTag list, String label, DomContent value) {
    list.with(dt(label), dd(value));
  }

  private static String capital(String label) {
    return label.isEmpty()
        ? label
        : label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1);
  }

  static DivTag tile(String kind, String what, String figure, List<String> details) {
    return div(
            p(what).withClass("what"),
            p(figure).withClass("figure"),
            each(details, d -> p(d).withClass("detail")))
        .withClass("tile " + kind);
  }

  private static DivTag speed(List<BenchmarkComparison> benchmarks) {
    List<RatioInterval> all = benchmarks.stream().map(BenchmarkComparison::latencyRatio).toList();
    List<RatioInterval> certain = all.stream().filter(HeadlineHtml::isCertain).toList();
    boolean faster = certain.stream().allMatch(r -> r.ratio() > 1);
    String kind = "";
    if (certain.size() == all.size() && certain.stream().allMatch(r -> r.ratio() > 1 == faster)) {
      kind = faster ? "good" : "bad";
    }
    return tile(
        kind,
        "Speed",
        figure(all, certain, faster),
        benchmarks.stream().map(HeadlineHtml::speed).toList());
  }

  /** Whether the whole interval is on one side of 1. */
  private static boolean isCertain(RatioInterval ratio) {
    return ratio.low() > 1 || ratio.high() < 1;
  }

  private static String figure(
      List<RatioInterval> all, List<RatioInterval> certain, boolean faster) {
    if (certain.isEmpty()) {
      return all.stream().allMatch(r -> r.low() > 1 / NEARLY && r.high() < NEARLY)
          ? "About as fast as before"
          : "No certain difference";
    }
    String least = times(certain.stream().mapToDouble(RatioInterval::ratio).min().orElse(1));
    String most = times(certain.stream().mapToDouble(RatioInterval::ratio).max().orElse(1));
    if (certain.size() < all.size() && faster) {
      return "Up to " + most + " times as fast";
    }
    return (least.equals(most) ? most : least + " to " + most) + " times as fast";
  }

  private static String speed(BenchmarkComparison b) {
    return String.format(
        Locale.ROOT,
        "%s: %s ms before, %s ms after%s",
        b.workload(),
        millis(b.original().latency().p50()),
        millis(b.compiled().latency().p50()),
        isCertain(b.latencyRatio()) ? "" : ", no certain difference");
  }

  /** One digit after the point, two where that would hide the difference from 1. */
  private static String times(double ratio) {
    return String.format(Locale.ROOT, Math.abs(ratio - 1) < 0.1 ? "%.2f" : "%.1f", ratio);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private static DivTag answers(AccuracyReport accuracy) {
    List<String> details = new ArrayList<>();
    for (OutputAccuracy output : accuracy.outputs()) {
      String of = accuracy.outputs().size() == 1 ? "" : output.output() + ": ";
      output
          .limits()
          .forEach(
              (metric, limit) ->
                  output
                      .metric(metric)
                      .ifPresent(value -> details.add(of + kept(metric, value, limit))));
    }
    if (!accuracy.outputs().isEmpty()) {
      details.add(
          String.format(
              Locale.ROOT,
              "Compared with the original model on %,d samples",
              accuracy.outputs().get(0).samples()));
    }
    if (accuracy.outputs().stream().noneMatch(HeadlineHtml::missesALimit)) {
      details.addAll(accuracy.violations());
    }
    return tile(
        accuracy.passed() ? "good" : "bad",
        "Answers",
        accuracy.passed() ? "✓ Answers kept" : "✗ Answers not kept",
        details);
  }

  private static boolean missesALimit(OutputAccuracy output) {
    return output.limits().entrySet().stream()
        .anyMatch(
            e -> {
              double value = output.metric(e.getKey()).orElse(Double.NaN);
              return e.getKey().higherIsBetter() ? value < e.getValue() : value > e.getValue();
            });
  }

  /** Says a metric as somebody would who never heard its name. */
  private static String kept(Metric metric, double value, double limit) {
    String percent =
        switch (metric) {
          case MEAN_COSINE -> "alike on average";
          case MIN_COSINE -> "alike at worst";
          case EXACT_MATCH -> "exactly the same";
          case TEXT_MATCH -> "of the texts the same";
          case TOP1_AGREEMENT -> "with the same first choice";
          case TOPK_AGREEMENT -> "of the first choices in common";
          case DECISION_AGREEMENT -> "of the decisions the same";
          case BOX_F1 -> "of the boxes found again";
          default -> "";
        };
    if (percent.isEmpty()) {
      return String.format(
          Locale.ROOT,
          "%s %s (%s %s asked)",
          metric.label(),
          AccuracyHtml.number(value),
          metric.higherIsBetter() ? "at least" : "at most",
          AccuracyHtml.number(limit));
    }
    return String.format(
        Locale.ROOT, "%s %% %s (at least %s %% asked)", percent(value), percent, percent(limit));
  }

  /**
   * Rounded down, so that nothing that is below a limit, or short of all, reads as if it were not.
   */
  private static String percent(double fraction) {
    double tenths = Math.floor(fraction * 1000 + 1e-6) / 10;
    return String.format(Locale.ROOT, tenths == 100 ? "%.0f" : "%.1f", tenths);
  }

  private static DivTag size(long before, OptionalLong after) {
    if (after.isEmpty()) {
      return tile(
          "",
          "Size of the weights",
          megabytes(before) + " MB before",
          List.of("The runtime does not tell how large they are after."));
    }
    String from = megabytes(before);
    String to = megabytes(after.getAsLong());
    return tile(
        after.getAsLong() < before && !from.equals(to) ? "good" : "",
        "Size of the weights",
        from.equals(to) ? to + " MB, as before" : from + " → " + to + " MB",
        List.of(
            from
                + " MB before, "
                + to
                + " MB after"
                + (before > 0 && !from.equals(to)
                    ? String.format(
                        Locale.ROOT, ": %.0f %% of it", 100.0 * after.getAsLong() / before)
                    : "")));
  }

  private static String megabytes(long bytes) {
    double value = bytes / MEGABYTE;
    return String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 100 ? "%.1f" : "%,.0f", value);
  }
}
