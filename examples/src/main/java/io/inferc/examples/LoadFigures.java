package io.inferc.examples;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.LatencyDistribution;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadSamples;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Request;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.statistics.PercentileEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;

/** The figures of {@link LoadBenchmark} that one run each gives. */
final class LoadFigures {
  private static final int RATE = 1000;
  private static final int WORKERS = 24;
  private static final int STALL_RATE = 500;
  private static final long STALL_NANOS = 200_000_000;
  private static final long STALL_EVERY_SECONDS = 10;
  private static final int FAST_RATE = 50_000;
  private static final double MEDIAN_NANOS = 3e6;
  private static final double SPREAD = 0.5;
  private static final double NANOS_PER_MILLI = 1e6;

  private final Duration warmUp;
  private final Duration duration;

  LoadFigures(boolean quick) {
    warmUp = Duration.ofSeconds(quick ? 1 : 5);
    duration = Duration.ofSeconds(quick ? 10 : 60);
  }

  /** A subject whose times are drawn, against the queue that those times make. */
  List<String> knownDistribution() {
    Load load = Load.poisson(RATE);
    int most = (int) (2 * RATE * warmUp.plus(duration).toSeconds());
    SplittableRandom random = new SplittableRandom(17);
    long[] times = new long[most];
    for (int i = 0; i < most; i++) {
      times[i] = (long) (MEDIAN_NANOS * Math.exp(SPREAD * random.nextGaussian()));
    }
    TimedSubject subject = new TimedSubject("lognormal", times, false);
    LoadRun run = test(load).workers(WORKERS).build().run(subject, TimedSubject.requests(most));
    double[] drawn = queue(run, i -> times[i]);
    double[] taken = queue(run, subject::taken);
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("## A known distribution of latency");
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%s for %d s, %d workers; times of service are lognormal with a median of %.0f ms."
                + " Truth is the queue that they make, first come first served: once with the times"
                + " as drawn, once with those that the subject took by its own clock, as no thread"
                + " wakes exactly when it should.",
            load,
            duration.toSeconds(),
            WORKERS,
            MEDIAN_NANOS / NANOS_PER_MILLI));
    lines.add("");
    lines.add("| | reported, ms | truth as taken | off | truth as drawn | off | goal |");
    lines.add("|---|---|---|---|---|---|---|");
    for (double percentile : LatencyDistribution.PERCENTILES) {
      double reported = run.latency().percentile(percentile).value();
      double byTaken = quantile(taken, percentile);
      double byDrawn = quantile(drawn, percentile);
      lines.add(
          String.format(
              Locale.ROOT,
              "| P%s | %s | %.3f | %+.2f %% | %.3f | %+.2f %% | %d %% |",
              number(percentile),
              interval(run.latency().percentile(percentile)),
              byTaken,
              100 * (reported / byTaken - 1),
              byDrawn,
              100 * (reported / byDrawn - 1),
              percentile > 99 ? 3 : 1));
    }
    lines.addAll(remarks(run));
    return lines;
  }

  /** A subject that stands still now and then, against the arithmetic of who has to wait. */
  List<String> stalls() {
    int most = (int) (STALL_RATE * warmUp.plus(duration).toSeconds()) + 1;
    long[] times = new long[most];
    int every = (int) (STALL_EVERY_SECONDS * STALL_RATE);
    for (int i = 0; i < most; i++) {
      times[i] = i % every == every / 2 ? STALL_NANOS : 0;
    }
    TimedSubject subject = new TimedSubject("stalls", times, false);
    LoadRun run =
        test(Load.constant(STALL_RATE))
            .workers(1)
            .build()
            .run(subject, TimedSubject.requests(most));
    double[] expected = queue(run, i -> times[i]);
    LoadRun closed =
        test(Load.closed(1))
            .build()
            .run(new TimedSubject("stalls", paced(times), false), TimedSubject.requests(most));
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("## A subject that stands still");
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "constant:%d for %d s, one worker; a request takes no time, but for one in %d s, which"
                + " takes %d ms. Those behind it wait 2 ms less each. Beside it what a closed loop"
                + " of one client says of a subject that takes 2 ms and stands still as often: it"
                + " sends nothing while it waits.",
            STALL_RATE,
            duration.toSeconds(),
            STALL_EVERY_SECONDS,
            (long) (STALL_NANOS / NANOS_PER_MILLI)));
    lines.add("");
    lines.add("| | reported, ms | arithmetic, ms | off | goal | closed loop, ms |");
    lines.add("|---|---|---|---|---|---|");
    for (double percentile : List.of(99.0, 99.5, 99.9)) {
      PercentileEstimate reported = run.latency().percentile(percentile);
      double truth = quantile(expected, percentile);
      lines.add(
          String.format(
              Locale.ROOT,
              "| P%s | %.2f | %.2f | %+.2f %% | 5 %% | %.2f |",
              number(percentile),
              reported.value(),
              truth,
              100 * (reported.value() / truth - 1),
              closed.latency().percentile(percentile).value()));
    }
    lines.addAll(remarks(run));
    return lines;
  }

  /** What the generator itself takes. */
  List<String> overhead() {
    Subject empty = Subject.of("nothing", request -> {});
    Request one = new PromptRequest("nothing", "", 1);
    Requests requests = Requests.of(one);
    LoadRun closed =
        LoadTest.builder(Load.closed(1))
            .warmUp(Duration.ofMillis(300))
            .duration(Duration.ofMillis(500))
            .build()
            .run(empty, requests);
    LoadRun open =
        LoadTest.builder(Load.constant(FAST_RATE))
            .warmUp(warmUp)
            .duration(Duration.ofSeconds(10))
            .workers(1)
            .build()
            .run(empty, requests);
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("## What the generator takes");
    lines.add("");
    lines.add(
        "An empty subject, one thread. In the closed loop nothing but the generator takes time.");
    lines.add("");
    lines.add("| | measured | goal |");
    lines.add("|---|---|---|");
    lines.add(
        String.format(
            Locale.ROOT,
            "| closed loop, a request | %.3f µs | at most 2 µs |",
            1e6 / closed.throughput()));
    lines.add(
        String.format(
            Locale.ROOT,
            "| constant:%d, answered | %,.0f/s | %,d/s |",
            FAST_RATE,
            open.throughput(),
            FAST_RATE));
    lines.add(
        String.format(
            Locale.ROOT,
            "| its lag, P50, P99, P99.9 | %.2f, %.2f, %.2f µs | |",
            1000 * open.lag().percentile(50).value(),
            1000 * open.lag().percentile(99).value(),
            1000 * open.lag().percentile(99.9).value()));
    return lines;
  }

  private LoadTest.Builder test(Load load) {
    return LoadTest.builder(load).warmUp(warmUp).duration(duration);
  }

  /** The same pauses, with a pace of its own in between, for a closed loop to have one. */
  private static long[] paced(long[] times) {
    return Arrays.stream(times)
        .map(t -> t == 0 ? Duration.ofSeconds(1).toNanos() / STALL_RATE : t)
        .toArray();
  }

  private static List<String> remarks(LoadRun run) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%,d requests, all but %d answered; the generator's lag: P50 %.3f ms, P99 %.3f ms,"
                + " P99.9 %.3f ms. %s",
            run.requests(),
            run.requests() - run.outcomes().getOrDefault(Answer.Outcome.OK, 0L),
            run.lag().percentile(50).value(),
            run.lag().percentile(99).value(),
            run.lag().percentile(99.9).value(),
            run.isVoid() ? "Void: " + String.join(" ", run.voidReasons()) : ""));
    return lines;
  }

  /** Goes through the queue before so many servers with given times of service. */
  private static double[] queue(LoadRun run, IntToLongFunction service) {
    LoadSamples samples = run.samples();
    PriorityQueue<Long> free = new PriorityQueue<>();
    for (int i = 0; i < run.settings().workers(); i++) {
      free.add(0L);
    }
    long from = run.settings().warmUp().toNanos();
    List<Double> latencies = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      long end = Math.max(free.remove(), samples.intended(i)) + service.applyAsLong(i);
      free.add(end);
      if (samples.intended(i) >= from) {
        latencies.add((end - samples.intended(i)) / NANOS_PER_MILLI);
      }
    }
    return latencies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private static double quantile(double[] sorted, double percentile) {
    return sorted[(int) Math.ceil(percentile / 100 * sorted.length) - 1];
  }

  private static String interval(PercentileEstimate estimate) {
    return String.format(
        Locale.ROOT, "%.3f [%.3f, %.3f]", estimate.value(), estimate.low(), estimate.high());
  }

  private static String number(double percentile) {
    return percentile == Math.rint(percentile)
        ? Long.toString((long) percentile)
        : Double.toString(percentile);
  }
}
