package io.inferc.report;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadSamples;
import j2html.tags.specialized.FigureTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Median and P95 of short spans, one after the other, few enough for a thin drawing. */
final class LatencyOverTime {
  private static final int MOST_SPANS = 120;
  private static final int LEAST_REQUESTS = 20;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double HIGH = 0.95;
  private static final int TOGETHER = 2;

  private LatencyOverTime() {}

  /**
   * The latencies of a span.
   *
   * @param seconds of the variant's measured time, in the middle of the span
   * @param requests that were answered well or not at all
   * @param median in milliseconds
   * @param p95 in milliseconds
   */
  record Span(double seconds, int requests, double median, double p95) {}

  /** Cuts a variant's turns, put one behind the other, into spans of equal length. */
  static List<Span> of(List<LoadRun> runs) {
    List<double[]> points = new ArrayList<>();
    long before = 0;
    for (LoadRun run : runs) {
      long from = run.warmedUpAfter().toNanos();
      long length = run.measured().toNanos();
      LoadSamples samples = run.samples();
      for (int i = 0; i < samples.size(); i++) {
        long at = samples.intended(i) - from;
        boolean answered = samples.isAnswered(i);
        if (at >= 0 && at < length && (!answered || samples.outcome(i) == Answer.Outcome.OK)) {
          double millis =
              answered ? samples.latency(i) / NANOS_PER_MILLI : Double.POSITIVE_INFINITY;
          points.add(new double[] {before + at, millis});
        }
      }
      before += length;
    }
    return spans(points, before);
  }

  private static List<Span> spans(List<double[]> points, long length) {
    int count = Math.max(1, Math.min(MOST_SPANS, points.size() / LEAST_REQUESTS));
    List<List<Double>> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(new ArrayList<>());
    }
    points.forEach(p -> values.get((int) Math.min(count - 1, p[0] * count / length)).add(p[1]));
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] sorted = values.get(i).stream().mapToDouble(v -> v).sorted().toArray();
      spans.add(
          new Span(
              (i + 0.5) * length / count / NANOS_PER_SECOND,
              sorted.length,
              quantile(sorted, 0.5),
              quantile(sorted, HIGH)));
    }
    return spans;
  }

  private static double quantile(double[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }

  /** The spans of all variants; none if there are too few requests for a line. */
  static List<FigureTag> plots(StudyFacts facts) {
    List<List<Span>> all = facts.variants().stream().map(v -> of(v.blocks().runs())).toList();
    if (all.stream().allMatch(spans -> spans.stream().filter(s -> s.requests() > 0).count() < 2)) {
      return List.of();
    }
    String spans =
        " of up to "
            + all.stream().mapToInt(List::size).max().orElse(0)
            + " spans of each variant's turns, put one behind the other. Turns of all variants"
            + " alternate, so what disturbs the machine is in all lines at the same place.";
    if (all.size() <= TOGETHER) {
      return plot(
              facts, all, "Latency", List.of(new Line(Span::p95, 1), new Line(Span::median, 2.5)))
          .map(
              p ->
                  p.tag(
                      facts.series(),
                      "Thick lines are medians, thin ones the P95, broken where nothing was"
                          + " answered,"
                          + spans))
          .stream()
          .toList();
    }
    // More lines than can be told apart would cross in one plot.
    return Stream.of("Median", "P95")
        .flatMap(
            what ->
                plot(
                    facts,
                    all,
                    what,
                    List.of(new Line(what.equals("P95") ? Span::p95 : Span::median, 2)))
                    .map(p -> p.tag(facts.series(), what + spans))
                    .stream())
        .toList();
  }

  /** Which figure of a span is drawn, and how thick. */
  private record Line(ToDoubleFunction<Span> figure, double width) {}

  private static Optional<Plot> plot(
      StudyFacts facts, List<List<Span>> all, String what, List<Line> lines) {
    double[] shown =
        all.stream()
            .flatMap(List::stream)
            .flatMapToDouble(s -> lines.stream().mapToDouble(l -> l.figure().applyAsDouble(s)))
            .filter(v -> Double.isFinite(v) && v > 0)
            .toArray();
    double end = all.stream().flatMap(List::stream).mapToDouble(Span::seconds).max().orElse(0);
    if (shown.length == 0) {
      return Optional.empty();
    }
    Plot plot =
        new Plot(
            "over-time-" + what.toLowerCase(Locale.ROOT),
            what + " over time",
            "Each variant over its turns, one after the other: how steady it was.",
            Axis.even("seconds of each variant's measured time", 0, end * 1.02),
            Axis.fitting(what.equals("Latency") ? "latency in ms" : what + " in ms", shown));
    for (StudyFacts.Measured variant : facts.variants()) {
      for (Line line : lines) {
        plot.line(
            variant.series(),
            all.get(variant.place()).stream()
                .map(s -> new Plot.Value(s.seconds(), line.figure().applyAsDouble(s)))
                .toList(),
            line.width());
      }
    }
    return Optional.of(plot);
  }
}
