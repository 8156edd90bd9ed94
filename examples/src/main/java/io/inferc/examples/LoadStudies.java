package io.inferc.examples;

import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadComparison;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.statistics.Difference;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

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
  private final int beside;

  LoadStudies(boolean quick, int beside) {
    duration = Duration.ofSeconds(quick ? 3 : 12);
    this.beside = beside;
  }

  /**
   * Compares again and again.
   *
   * @param runs how often
   * @param factor how many times the baseline's time the candidate takes
   * @return lines of Markdown
   */
  List<String> study(int runs, double factor) {
    Requests requests = TimedSubject.requests(REQUESTS);
    List<Callable<LoadComparison>> tasks =
        IntStream.range(0, runs)
            .<Callable<LoadComparison>>mapToObj(run -> () -> compare(requests, run, factor))
            .toList();
    ExecutorService threads = Executors.newFixedThreadPool(beside);
    try {
      List<LoadComparison> comparisons = new ArrayList<>();
      for (Future<LoadComparison> done : threads.invokeAll(tasks)) {
        comparisons.add(done.get());
      }
      return lines(comparisons, factor);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.BENCHMARK);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A comparison failed: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
  }

  private LoadComparison compare(Requests requests, int run, double factor) {
    SplittableRandom random = new SplittableRandom(run);
    long[] times = new long[REQUESTS];
    Arrays.setAll(times, i -> (long) (MEDIAN_NANOS * Math.exp(SPREAD * random.nextGaussian())));
    long[] slower = Arrays.stream(times).map(t -> Math.round(t * factor)).toArray();
    return LoadTest.builder(Load.poisson(RATE))
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
  }

  private List<String> lines(List<LoadComparison> comparisons, double factor) {
    Map<Difference.Verdict, Integer> verdicts = new EnumMap<>(Difference.Verdict.class);
    List<Double> sorted = new ArrayList<>();
    for (LoadComparison comparison : comparisons) {
      Difference difference = comparison.latency(50);
      verdicts.merge(difference.verdict(), 1, Integer::sum);
      sorted.add(difference.ratio().ratio());
    }
    Collections.sort(sorted);
    long voids = comparisons.stream().filter(c -> !c.voidReasons().isEmpty()).count();
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
                + " median of 1 ms. %s. Goal: %s.",
            comparisons.size(),
            RATE,
            BLOCKS,
            duration.toSeconds(),
            beside == 1 ? "One at a time" : beside + " comparisons at once",
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
