package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.SteadyState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Two subjects under the same load, in turns.
 *
 * <p>The time is cut into blocks, and each block is run with both, one straight after the other, in
 * an order drawn by the seed: the same arrivals and the same requests. Whatever slows the machine
 * for a while slows both. Look at {@link #voidReasons} first.
 *
 * @param settings how each side was measured, all blocks together
 * @param baseline the subject to compare with
 * @param candidate the subject in question
 * @param blocks the runs, in the order of time
 */
public record LoadComparison(
    LoadSettings settings, String baseline, String candidate, List<Block> blocks) {
  private static final double CONFIDENCE = 0.95;

  public LoadComparison {
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(baseline, "baseline");
    Objects.requireNonNull(candidate, "candidate");
    blocks = List.copyOf(blocks);
  }

  /**
   * One block.
   *
   * @param baseline what the baseline did
   * @param candidate what the candidate did
   * @param baselineFirst whether the baseline's turn came first
   */
  public record Block(LoadRun baseline, LoadRun candidate, boolean baselineFirst) {
    public Block {
      Objects.requireNonNull(baseline, "baseline");
      Objects.requireNonNull(candidate, "candidate");
    }
  }

  /**
   * Returns the latencies of the baseline.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution baselineLatency() {
    return pooled(Block::baseline, LoadRun::latency);
  }

  /**
   * Returns the latencies of the candidate.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution candidateLatency() {
    return pooled(Block::candidate, LoadRun::latency);
  }

  /**
   * Compares a percentile of the latency, that of each block.
   *
   * @param percentile above 0 and below 100; what few requests of a block exceed varies much, so
   *     long blocks are needed for a high one
   * @return the candidate's over the baseline's
   * @throws IllegalArgumentException if there are fewer than five blocks, or requests of a block
   *     had no answer; then the load is more than one of both can take, see {@link LoadSearch}
   */
  public Difference latency(double percentile) {
    return Difference.ofTimes(
        each(Block::baseline, run -> run.latency().percentile(percentile).value()),
        each(Block::candidate, run -> run.latency().percentile(percentile).value()),
        CONFIDENCE,
        settings.seed());
  }

  /**
   * Compares the mean latency of each block.
   *
   * @return the candidate's over the baseline's
   * @throws IllegalArgumentException if there are fewer than five blocks
   */
  public Difference meanLatency() {
    return Difference.ofTimes(
        each(Block::baseline, run -> run.latency().mean().orElse(Double.NaN)),
        each(Block::candidate, run -> run.latency().mean().orElse(Double.NaN)),
        CONFIDENCE,
        settings.seed());
  }

  /**
   * Compares the answers a second. In an open loop that both keep up with they are equal: what they
   * could be, a closed loop or a {@link LoadSearch} shows.
   *
   * @return the candidate's over the baseline's
   * @throws IllegalArgumentException if there are fewer than five blocks
   */
  public Difference throughput() {
    return Difference.ofRates(
        each(Block::baseline, LoadRun::throughput),
        each(Block::candidate, LoadRun::throughput),
        CONFIDENCE,
        settings.seed());
  }

  /**
   * Says why the comparison cannot be trusted.
   *
   * @return whole sentences, none if it can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>();
    reasonsOf(baseline, Block::baseline, reasons);
    reasonsOf(candidate, Block::candidate, reasons);
    return reasons;
  }

  private void reasonsOf(String side, Function<Block, LoadRun> runs, List<String> reasons) {
    List<LoadRun> all = blocks.stream().map(runs).toList();
    LatencyDistribution latency = pooled(runs, LoadRun::latency);
    // A block alone is short, and one hiccup of the machine much of it; both sides have their
    // share.
    LagCheck.reason(
            latency,
            pooled(runs, LoadRun::lag),
            () -> pooled(runs, LoadRun::withoutLag),
            settings.lagShare())
        .ifPresent(reason -> reasons.add(side + ": " + reason));
    long unsent = all.stream().mapToLong(LoadRun::unsent).sum();
    if (unsent > 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: it fell behind, and %,d requests were never sent. Compare at a lower rate.",
              side,
              unsent));
    }
    long failed = all.stream().mapToLong(LoadRun::failed).sum();
    if (failed > 0) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s: %,d requests failed (%s), and latencies leave them out.",
              side,
              failed,
              all.stream()
                  .flatMap(run -> run.failures().stream())
                  .findFirst()
                  .map(Failure::message)
                  .orElse("")));
    }
    long breaches =
        all.stream().flatMap(run -> run.littlesLaw().stream()).filter(law -> !law.holds()).count();
    if (2 * breaches > all.size()) {
      reasons.add(side + ": Little's law is broken in " + breaches + " blocks.");
    }
  }

  /**
   * Tells whether the baseline was steady over the blocks: the median latency of each.
   *
   * @return the verdict
   */
  public SteadyState baselineSteadiness() {
    return SteadyState.of(each(Block::baseline, run -> run.latency().percentile(50).value()));
  }

  /**
   * Tells whether the candidate was steady over the blocks: the median latency of each.
   *
   * @return the verdict
   */
  public SteadyState candidateSteadiness() {
    return SteadyState.of(each(Block::candidate, run -> run.latency().percentile(50).value()));
  }

  private double[] each(Function<Block, LoadRun> runs, ToDoubleFunction<LoadRun> value) {
    return blocks.stream().map(runs).mapToDouble(value).toArray();
  }

  private LatencyDistribution pooled(
      Function<Block, LoadRun> runs, Function<LoadRun, LatencyDistribution> times) {
    return LatencyDistribution.ofMillis(
        blocks.stream()
            .map(runs)
            .map(times)
            .flatMapToDouble(each -> Arrays.stream(each.toArray()))
            .toArray());
  }

  /** Returns one line. */
  @Override
  public String toString() {
    List<String> reasons = voidReasons();
    return String.format(
        Locale.ROOT,
        "%s against %s under %s in %d blocks%s",
        candidate,
        baseline,
        settings.load(),
        blocks.size(),
        reasons.isEmpty()
            ? ""
            : reasons.stream().collect(Collectors.joining(" ", " (void: ", ")")));
  }
}
