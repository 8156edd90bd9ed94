package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.Difference;
import io.inferc.benchmark.statistics.SteadyState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
  private static final int LEAST_BLOCKS = 5;

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
   * Returns what the baseline did.
   *
   * @return its blocks
   */
  public LoadBlocks ofBaseline() {
    return new LoadBlocks(settings, baseline, blocks.stream().map(Block::baseline).toList());
  }

  /**
   * Returns what the candidate did.
   *
   * @return its blocks
   */
  public LoadBlocks ofCandidate() {
    return new LoadBlocks(settings, candidate, blocks.stream().map(Block::candidate).toList());
  }

  /**
   * Returns the latencies of the baseline.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution baselineLatency() {
    return ofBaseline().latency();
  }

  /**
   * Returns the latencies of the candidate.
   *
   * @return those of all blocks together
   */
  public LatencyDistribution candidateLatency() {
    return ofCandidate().latency();
  }

  /**
   * Tells whether {@link #latency} can be compared.
   *
   * @param percentile above 0 and below 100
   * @return whether there are five blocks or more {@linkplain #withRequests with requests}, and in
   *     none of them so many were left without an answer that the percentile is endless
   */
  public boolean isComparable(double percentile) {
    List<Block> asked = withRequests().blocks();
    return asked.size() >= LEAST_BLOCKS
        && asked.stream()
            .flatMap(block -> Stream.of(block.baseline(), block.candidate()))
            .allMatch(run -> Double.isFinite(run.latency().percentile(percentile).value()));
  }

  /**
   * Compares a percentile of the latency, that of each block.
   *
   * @param percentile above 0 and below 100; what few requests of a block exceed varies much, so
   *     long blocks are needed for a high one
   * @return the candidate's over the baseline's
   * @throws IllegalArgumentException if it is not {@linkplain #isComparable comparable}; where
   *     requests had no answer, the load is more than one of both can take, see {@link LoadSearch}
   */
  public Difference latency(double percentile) {
    LoadComparison asked = withRequests();
    return Difference.ofTimes(
        asked.ofBaseline().each(run -> run.latency().percentile(percentile).value()),
        asked.ofCandidate().each(run -> run.latency().percentile(percentile).value()),
        CONFIDENCE,
        settings.seed());
  }

  /**
   * Returns the comparison without blocks in which no request came, as in pauses between bursts, or
   * none was answered.
   *
   * @return a comparison of the blocks in which both sides have latencies
   */
  public LoadComparison withRequests() {
    return new LoadComparison(
        settings,
        baseline,
        candidate,
        blocks.stream()
            .filter(b -> b.baseline().latency().count() > 0 && b.candidate().latency().count() > 0)
            .toList());
  }

  /**
   * Compares the mean latency of each block.
   *
   * @return the candidate's over the baseline's
   * @throws IllegalArgumentException if there are fewer than five blocks
   */
  public Difference meanLatency() {
    LoadComparison asked = withRequests();
    return Difference.ofTimes(
        asked.ofBaseline().each(run -> run.latency().mean().orElse(Double.NaN)),
        asked.ofCandidate().each(run -> run.latency().mean().orElse(Double.NaN)),
        CONFIDENCE,
        settings.seed());
  }

  /**
   * Compares the answers a second. In an open loop that both keep up with they are equal: what they
   * could be, a closed loop or a {@link LoadSearch} shows.
   *
   * @return the candidate's over the baseline's, by the blocks in which requests came, as in pauses
   *     between bursts none does; empty if there are fewer than five, or one in which a side
   *     answered none well
   */
  public Optional<Difference> throughput() {
    List<Block> asked =
        blocks.stream()
            .filter(b -> b.baseline().requests() > 0 || b.candidate().requests() > 0)
            .toList();
    double[] before = asked.stream().mapToDouble(b -> b.baseline().throughput()).toArray();
    double[] after = asked.stream().mapToDouble(b -> b.candidate().throughput()).toArray();
    boolean told =
        asked.size() >= LEAST_BLOCKS
            && Arrays.stream(before).allMatch(rate -> rate > 0)
            && Arrays.stream(after).allMatch(rate -> rate > 0);
    return told
        ? Optional.of(Difference.ofRates(before, after, CONFIDENCE, settings.seed()))
        : Optional.empty();
  }

  /**
   * Says why the comparison cannot be trusted.
   *
   * @return whole sentences, none if it can
   */
  public List<String> voidReasons() {
    List<String> reasons = new ArrayList<>(ofBaseline().voidReasons());
    reasons.addAll(ofCandidate().voidReasons());
    return reasons;
  }

  /**
   * Tells whether the baseline was steady over the blocks: the median latency of each.
   *
   * @return the verdict
   */
  public SteadyState baselineSteadiness() {
    return ofBaseline().steadiness();
  }

  /**
   * Tells whether the candidate was steady over the blocks: the median latency of each.
   *
   * @return the verdict
   */
  public SteadyState candidateSteadiness() {
    return ofCandidate().steadiness();
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
