package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.RatioBootstrap;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * Measures throughput at each of some sizes of batch, in rounds of all of them in an order drawn
 * anew, so that whatever slows the machine for a while slows all.
 *
 * <pre>{@code
 * LoadTest test = LoadTest.builder(Load.closed(1)).duration(Duration.ofSeconds(20)).build();
 * List<BatchThroughput> curve =
 *     BatchSweep.of(test).run(subject, batch -> Requests.of(request(batch)), 1, 2, 4, 8);
 * }</pre>
 */
public final class BatchSweep {
  private static final int ROUNDS = 10;
  private static final int LEAD_SHARE = 10;
  private static final double CONFIDENCE = 0.95;

  private final LoadTest test;

  private BatchSweep(LoadTest test) {
    this.test = test;
  }

  /**
   * Describes a sweep.
   *
   * @param test how to load the subject: a closed loop, whose duration is that of each size, cut
   *     into ten rounds
   * @return the sweep
   * @throws IllegalArgumentException if the load is open: its rate is not what the subject can do
   */
  public static BatchSweep of(LoadTest test) {
    Objects.requireNonNull(test, "test");
    if (!(test.load() instanceof Load.Closed)) {
      throw new IllegalArgumentException(
          "Tried to measure the throughput at each size of batch under "
              + test.load()
              + ", whose rate is given. Use a closed loop, such as closed:1.");
    }
    return new BatchSweep(test);
  }

  /**
   * Measures.
   *
   * @param subject what to measure
   * @param requests what to ask it, for a size of batch
   * @param batches the sizes, at least one, each 1 or more
   * @return the figures of each size, in the order given
   * @throws io.inferc.common.InfercException if a caller cannot be opened, or throws where it
   *     should answer
   * @throws io.inferc.common.CancelledException if it was stopped, or the thread interrupted
   */
  public List<BatchThroughput> run(
      Subject subject, IntFunction<? extends Requests> requests, int... batches) {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(requests, "requests");
    if (batches.length == 0 || Arrays.stream(batches).anyMatch(b -> b < 1)) {
      throw new IllegalArgumentException(
          "Tried to measure batches of the sizes "
              + Arrays.toString(batches)
              + "; give at least one, each 1 or more.");
    }
    LoadSettings settings = test.settings(subject);
    List<Size> sizes = new ArrayList<>();
    for (int batch : batches) {
      sizes.add(new Size(batch, requests.apply(batch)));
    }
    try (Callers callers = Callers.open(subject, settings.workers())) {
      LoadSettings warming = settings.withDuration(round(settings));
      for (Size size : sizes) {
        test.quietly(warming, callers, size.requests, 0).run();
      }
      Random order = new Random(settings.seed());
      for (int round = 0; round < ROUNDS; round++) {
        List<Size> turn = new ArrayList<>(sizes);
        Collections.shuffle(turn, order);
        LoadSettings chosen =
            settings
                .withWarmUp(round(settings).dividedBy(LEAD_SHARE))
                .withDuration(round(settings));
        test.progress("sizes of batch of " + subject.name(), round, ROUNDS);
        for (Size size : turn) {
          size.runs.add(test.quietly(chosen, callers, size.requests, 0).run());
        }
      }
    }
    return sizes.stream().map(size -> size.throughput(sizes.get(0), settings.seed())).toList();
  }

  private static Duration round(LoadSettings settings) {
    return settings.duration().dividedBy(ROUNDS);
  }

  private static final class Size {
    final int batch;
    final Requests requests;
    final List<LoadRun> runs = new ArrayList<>();

    Size(int batch, Requests requests) {
      this.batch = batch;
      this.requests = requests;
    }

    double[] samplesPerSecond() {
      return runs.stream().mapToDouble(run -> run.throughput() * batch).toArray();
    }

    BatchThroughput throughput(Size first, long seed) {
      double[] own = samplesPerSecond();
      double[] others = first.samplesPerSecond();
      Optional<RatioEstimate> ratio =
          Arrays.stream(own).allMatch(s -> s > 0) && Arrays.stream(others).allMatch(s -> s > 0)
              ? Optional.of(RatioBootstrap.ofPairs(own, others, CONFIDENCE, seed))
              : Optional.empty();
      double mean = Arrays.stream(own).average().orElseThrow();
      return new BatchThroughput(
          batch,
          mean / batch,
          mean,
          ratio,
          LatencyDistribution.together(runs.stream().map(LoadRun::latency).toList()));
    }
  }
}
