package io.inferc.benchmark.statistics;

import java.util.Locale;
import java.util.Objects;

/**
 * Whether two subjects that were measured in turns differ: only if an interval of their ratio and a
 * test of ranks say so both, each at the same confidence and in the same direction. One is moved by
 * all values, the other by no outlier.
 *
 * <p>Equal subjects are told apart in no more than the share of comparisons that the confidence
 * leaves, also where neighbouring blocks correlate: by up to 0.5 from 20 pairs on, and by up to
 * 0.85 from 60 on. Fewer pairs do not tell how they correlate, and keep that share only if they
 * hardly do. What was not shown may still be: the interval says how great a difference may have
 * gone unseen.
 *
 * <p>Ranks are compared after what both have in common in neighbouring pairs, the machine's drift,
 * is taken out; without that, a slow drift would hide a difference that each single pair shows.
 *
 * @param verdict what was shown
 * @param ratio the candidate's quantity over the baseline's
 * @param ranks of the candidate's blocks against the baseline's
 * @param pairs how many pairs of blocks there were
 * @param groups into how many they were joined because neighbours resemble each other
 */
public record Difference(
    Verdict verdict, RatioEstimate ratio, MannWhitney ranks, int pairs, int groups) {
  /** What a comparison shows of the candidate. */
  public enum Verdict {
    /** It takes less time, or does more in the same. */
    FASTER,
    /** It takes more time, or does less in the same. */
    SLOWER,
    /** Neither was shown: there is no difference, or one too small for this run. */
    NO_DIFFERENCE_SHOWN
  }

  /**
   * Compares times, of which less is better.
   *
   * @param baseline one positive value a block, such as its median latency, in the order of time
   * @param candidate as many, each measured next to the baseline's of the same index
   * @param confidence above 0 and below 1, for example 0.95
   * @param seed of the bootstrap
   * @return the difference
   * @throws IllegalArgumentException if there are fewer than five pairs, the numbers of values
   *     differ, or one is not positive and finite
   */
  public static Difference ofTimes(
      double[] baseline, double[] candidate, double confidence, long seed) {
    Objects.requireNonNull(baseline, "baseline");
    Objects.requireNonNull(candidate, "candidate");
    return of(baseline, candidate, confidence, seed, Verdict.SLOWER, Verdict.FASTER);
  }

  /**
   * Compares rates, of which more is better.
   *
   * @param baseline one positive value a block, such as its throughput, in the order of time
   * @param candidate as many, each measured next to the baseline's of the same index
   * @param confidence above 0 and below 1, for example 0.95
   * @param seed of the bootstrap
   * @return the difference
   * @throws IllegalArgumentException if there are fewer than five pairs, the numbers of values
   *     differ, or one is not positive and finite
   */
  public static Difference ofRates(
      double[] baseline, double[] candidate, double confidence, long seed) {
    Objects.requireNonNull(baseline, "baseline");
    Objects.requireNonNull(candidate, "candidate");
    return of(baseline, candidate, confidence, seed, Verdict.FASTER, Verdict.SLOWER);
  }

  /** Returns text such as {@code faster: 0.930 [0.911, 0.948], p = 0.0002, …}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s, %s, %d pairs of blocks",
        verdict.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        ratio,
        ranks,
        pairs);
  }

  private static Difference of(
      double[] baseline,
      double[] candidate,
      double confidence,
      long seed,
      Verdict ifMore,
      Verdict ifLess) {
    Checks.requireConfidence(confidence);
    PairedBlocks blocks = PairedBlocks.of(candidate, baseline);
    RatioEstimate ratio = RatioBootstrap.of(blocks, confidence, seed);
    MannWhitney ranks =
        MannWhitney.of(blocks.levelled(true), blocks.levelled(false))
            .stretched(blocks.levelledStretch());
    boolean ranked = ranks.pValue() <= 1 - confidence;
    Verdict verdict = Verdict.NO_DIFFERENCE_SHOWN;
    if (ranked && ratio.low() > 1 && ranks.superiority() > 0.5) {
      verdict = ifMore;
    } else if (ranked && ratio.high() < 1 && ranks.superiority() < 0.5) {
      verdict = ifLess;
    }
    return new Difference(verdict, ratio, ranks, candidate.length, blocks.groups());
  }
}
