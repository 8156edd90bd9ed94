package io.inferc.examples;

import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadComparison;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.statistics.Difference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/** How often a comparison says the truth of two subjects whose difference is made. */
final class LoadStudies {
  /** A slowdown that is small, and yet worth finding. */
  static final double SLOWER = 1.05;

  private static final int REQUESTS = 1 << 16;
  private static final int BLOCKS = 30;
  private static final int RATE = 300;
  private static final double MEDIAN_NANOS = 1e6;
  private static final double SPREAD = 0.3;

  private final Duration duration;

  LoadStudies(boolean quick) {
    duration = Duration.ofSeconds(quick ? 3 : 12);
  }

  /**
   * Compares again and again.
   *
   * @param runs how often
   * @param factor how many times the baseline's time the candidate takes
   * @return lines of Markdown
   */
  List<String> study(int runs, double factor) {
    Map<Difference.Verdict, Integer> verdicts = new EnumMap<>(Difference.Verdict.class);
    int voids = 0;
    List<Double> ratios = new ArrayList<>();
    Requests requests = TimedSubject.requests(REQUESTS);
    for (int run = 0; run < runs; run++) {
      SplittableRandom random = new SplittableRandom(run);
      long[] times = new long[REQUESTS];
      Arrays.setAll(times, i -> (long) (MEDIAN_NANOS * Math.exp(SPREAD * random.nextGaussian())));
      long[] slower = Arrays.stream(times).map(t -> Math.round(t * factor)).toArray();
      LoadComparison comparison =
          LoadTest.builder(Load.poisson(RATE))
              .warmUp(Duration.ofSeconds(1))
              .duration(duration)
              .blocks(BLOCKS)
              .workers(1)
              .seed(run)
              .build()
              .compare(
                  new TimedSubject("baseline", times, true),
                  new TimedSubject("candidate", slower, true),
                  requests);
      Difference difference = comparison.latency(50);
      verdicts.merge(difference.verdict(), 1, Integer::sum);
      ratios.add(difference.ratio().ratio());
      voids += comparison.voidReasons().isEmpty() ? 0 : 1;
    }
    return lines(runs, factor, verdicts, voids, ratios);
  }

  private List<String> lines(
      int runs,
      double factor,
      Map<Difference.Verdict, Integer> verdicts,
      int voids,
      List<Double> ratios) {
    List<Double> sorted = ratios.stream().sorted().toList();
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        factor == 1
            ? "## The same subject twice"
            : String.format(Locale.ROOT, "## A subject that takes %.2f times as long", factor));
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%d comparisons of the median latency under poisson:%d, %d pairs of blocks, %d s of"
                + " each side; a request keeps a processor busy for a time that is lognormal with a"
                + " median of 1 ms. Goal: %s.",
            runs,
            RATE,
            BLOCKS,
            duration.toSeconds(),
            factor == 1 ? "a difference in at most 5 %" : "found in at least 80 %"));
    lines.add("");
    lines.add("| slower | faster | no difference shown | void | ratio: least, median, greatest |");
    lines.add("|---|---|---|---|---|");
    lines.add(
        String.format(
            Locale.ROOT,
            "| %d | %d | %d | %d | %.3f, %.3f, %.3f |",
            verdicts.getOrDefault(Difference.Verdict.SLOWER, 0),
            verdicts.getOrDefault(Difference.Verdict.FASTER, 0),
            verdicts.getOrDefault(Difference.Verdict.NO_DIFFERENCE_SHOWN, 0),
            voids,
            sorted.get(0),
            sorted.get(sorted.size() / 2),
            sorted.get(sorted.size() - 1)));
    return lines;
  }
}
