package io.inferc.benchmark.statistics;

import java.util.Arrays;
import java.util.Objects;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.stat.StatUtils;

/**
 * The interval of the ratio of two quantities that were measured in turns, by the bootstrap.
 *
 * <p>Each pair of blocks gives one ratio, so what slows the machine for a while slows both; the
 * estimate is the geometric mean of the ratios. Pairs are drawn anew {@value #RESAMPLES} times, and
 * the interval is the bias-corrected and accelerated one of B. Efron, "Better Bootstrap Confidence
 * Intervals", Journal of the American Statistical Association 82 (1987), with levels expanded for
 * few pairs as in T. C. Hesterberg, "What Teachers Should Know About the Bootstrap", The American
 * Statistician 69 (2015), section 4.2: without, few pairs would hold 95 % in name only. Draws lie
 * within the ratios seen, and n ratios lie all on one side of the truth once in 2^(n-1) times:
 * where that is more often than the confidence allows, the interval is at least Student's.
 *
 * <p>Neighbouring pairs that resemble each other are joined before, and the interval is stretched
 * for the resemblance that this leaves, so that it does not take them for independent.
 */
public final class RatioBootstrap {
  private static final int RESAMPLES = 10_000;
  private static final NormalDistribution NORMAL = new NormalDistribution();

  private RatioBootstrap() {}

  /**
   * Estimates a ratio.
   *
   * @param numerators one positive value a block, such as its median latency, in the order of time
   * @param denominators as many, each measured next to the numerator of the same index
   * @param confidence above 0 and below 1, for example 0.95
   * @param seed of the draws: the same gives the same interval
   * @return numerator over denominator
   * @throws IllegalArgumentException if there are fewer than five pairs, the numbers of values
   *     differ, or one is not positive and finite
   */
  public static RatioEstimate ofPairs(
      double[] numerators, double[] denominators, double confidence, long seed) {
    Objects.requireNonNull(denominators, "denominators");
    Objects.requireNonNull(numerators, "numerators");
    Checks.requireConfidence(confidence);
    return of(PairedBlocks.of(numerators, denominators), confidence, seed);
  }

  static RatioEstimate of(PairedBlocks blocks, double confidence, long seed) {
    double[] ratios = blocks.ratios();
    double mean = mean(ratios);
    double[] means = resampledMeans(ratios, seed);
    int n = ratios.length;
    double t = new TDistribution(n - 1).inverseCumulativeProbability((1 + confidence) / 2);
    double z = t * Math.sqrt(n / (n - 1.0));
    double stretch = blocks.ratioStretch();
    double bias = bias(means, mean);
    double acceleration = acceleration(ratios, mean);
    double below = at(means, level(bias, acceleration, -z)) - mean;
    double above = at(means, level(bias, acceleration, z)) - mean;
    if (Math.pow(2, 1 - n) > 1 - confidence) {
      // Draws lie within the ratios seen, which all lie on one side of the truth that often.
      double student = t * Math.sqrt(StatUtils.variance(ratios) / n);
      below = Math.min(below, -student);
      above = Math.max(above, student);
    }
    return new RatioEstimate(
        Math.exp(mean),
        Math.exp(mean + stretch * below),
        Math.exp(mean + stretch * above),
        confidence);
  }

  private static double[] resampledMeans(double[] values, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += values[random.nextInt(values.length)];
      }
      means[r] = sum / values.length;
    }
    Arrays.sort(means);
    return means;
  }

  /** Returns by how much, in standard deviations, the estimate is off the median of the draws. */
  private static double bias(double[] sortedMeans, double mean) {
    // Draws of equal ratios differ from their mean in the last digits alone, which is no bias.
    double slack = 1e-12 * Math.max(1, Math.abs(mean));
    double below = 0;
    for (double each : sortedMeans) {
      below += each < mean - slack ? 1 : each <= mean + slack ? 0.5 : 0;
    }
    double share = Math.min(1 - 0.5 / RESAMPLES, Math.max(0.5 / RESAMPLES, below / RESAMPLES));
    return NORMAL.inverseCumulativeProbability(share);
  }

  /** Returns the skewness of the mean over 6, which is what the jackknife gives for a mean. */
  private static double acceleration(double[] values, double mean) {
    double squares = 0;
    double cubes = 0;
    for (double value : values) {
      double away = value - mean;
      squares += away * away;
      cubes += away * away * away;
    }
    return squares > 0 ? cubes / (6 * Math.pow(squares, 1.5)) : 0;
  }

  private static double level(double bias, double acceleration, double z) {
    double moved = bias + z;
    double stretched = moved / Math.max(0.1, 1 - acceleration * moved);
    return NORMAL.cumulativeProbability(bias + stretched);
  }

  private static double at(double[] sorted, double level) {
    return sorted[
        (int) Math.max(0, Math.min(sorted.length - 1, Math.floor(level * sorted.length)))];
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
