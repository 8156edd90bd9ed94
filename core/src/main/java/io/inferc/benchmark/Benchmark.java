package io.inferc.benchmark;

import io.inferc.benchmark.platform.CpuTimes;
import io.inferc.benchmark.platform.ProcessMemory;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Measures two models in turns.
 *
 * <p>Every round runs both models, in an order drawn by the seed, so that a machine that slows down
 * for a while slows both. The bound form is measured: buffers are filled once, and only {@code
 * run()} is timed.
 */
public final class Benchmark {
  private final CompiledModel original;
  private final CompiledModel compiled;
  private ProgressListener progress = ProgressListener.none();
  private Cancellation cancellation = new Cancellation();
  private LongSupplier nanoClock = System::nanoTime;

  private Benchmark(CompiledModel original, CompiledModel compiled) {
    this.original = original;
    this.compiled = compiled;
  }

  /**
   * Measures a compiled model against its original.
   *
   * @param original the model to compare with
   * @param compiled the model in question
   * @param workload the request
   * @param options how to measure
   * @return the figures and the ratio with its interval
   * @throws io.inferc.common.InfercException if a run fails
   */
  public static BenchmarkComparison compare(
      CompiledModel original, CompiledModel compiled, Workload workload, BenchmarkOptions options) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(compiled, "compiled");
    Objects.requireNonNull(workload, "workload");
    Objects.requireNonNull(options, "options");
    return comparison(original, compiled).run(workload, options);
  }

  /**
   * Starts a comparison with settings of the caller's.
   *
   * @param original the model to compare with
   * @param compiled the model in question
   * @return the comparison, not yet run
   */
  public static Benchmark comparison(CompiledModel original, CompiledModel compiled) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(compiled, "compiled");
    return new Benchmark(original, compiled);
  }

  /**
   * Sets who hears of progress.
   *
   * @param listener the listener
   * @return this
   */
  public Benchmark progress(ProgressListener listener) {
    Objects.requireNonNull(listener, "listener");
    progress = listener;
    return this;
  }

  /**
   * Sets the switch that stops the measurement.
   *
   * @param cancellation the switch
   * @return this
   */
  public Benchmark cancellation(Cancellation cancellation) {
    Objects.requireNonNull(cancellation, "cancellation");
    this.cancellation = cancellation;
    return this;
  }

  /** Sets the clock, for tests. */
  Benchmark clock(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    return this;
  }

  /**
   * Measures.
   *
   * @param workload the request
   * @param options how to measure
   * @return the figures and the ratio with its interval
   * @throws io.inferc.common.InfercException if a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public BenchmarkComparison run(Workload workload, BenchmarkOptions options) {
    Objects.requireNonNull(workload, "workload");
    Objects.requireNonNull(options, "options");
    ProcessMemory before = ProcessMemory.now();
    Environment environment = Environment.current().withBackEnds(original, compiled);
    Optional<CpuTimes> ticks = CpuTimes.now();
    int clients = ((LoadPattern.ClosedLoop) options.load()).clients();
    String task = "measuring " + workload.name();
    Collected first = new Collected();
    Collected second = new Collected();
    try (Clients a = new Clients(original, workload, clients, nanoClock, cancellation);
        Clients b = new Clients(compiled, workload, clients, nanoClock, cancellation)) {
      progress.onProgress(Stage.BENCHMARK, task + " (warming up)", 0, options.rounds());
      a.turn(options.warmUp().toNanos());
      b.turn(options.warmUp().toNanos());
      Random order = new Random(options.seed());
      for (int round = 0; round < options.rounds(); round++) {
        cancellation.throwIfCancelled(Stage.BENCHMARK);
        boolean originalFirst = order.nextBoolean();
        if (originalFirst) {
          first.add(a.turn(options.round().toNanos()));
        }
        second.add(b.turn(options.round().toNanos()));
        if (!originalFirst) {
          first.add(a.turn(options.round().toNanos()));
        }
        progress.onProgress(Stage.BENCHMARK, task, round + 1L, options.rounds());
      }
    }
    return new BenchmarkComparison(
        workload.name(),
        options,
        ticks.map(environment::stolenSince).orElse(environment),
        first.result(original),
        second.result(compiled),
        RatioInterval.ofPairs(first.medians(), second.medians()),
        RatioInterval.ofPairs(second.throughputs(), first.throughputs()),
        MemoryUsage.between(before, ProcessMemory.now()));
  }

  /** One turn of one model. */
  record Turn(Histogram nanos, double seconds) {}

  private static final class Collected {
    private final Histogram all = new Histogram(3);
    private final List<Measurement.Round> rounds = new ArrayList<>();
    private double seconds;

    void add(Turn turn) {
      all.add(turn.nanos());
      seconds += turn.seconds();
      rounds.add(
          new Measurement.Round(
              LatencySummary.of(turn.nanos()), turn.nanos().getTotalCount() / turn.seconds()));
    }

    double[] medians() {
      return rounds.stream().mapToDouble(r -> r.latency().p50()).toArray();
    }

    double[] throughputs() {
      return rounds.stream().mapToDouble(Measurement.Round::throughput).toArray();
    }

    Measurement result(CompiledModel model) {
      return new Measurement(
          model.name() + " on " + model.target(),
          LatencySummary.of(all),
          all.getTotalCount() / seconds,
          rounds);
    }
  }
}
