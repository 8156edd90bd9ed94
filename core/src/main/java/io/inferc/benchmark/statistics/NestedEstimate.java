package io.inferc.benchmark.statistics;

import java.util.Locale;
import java.util.Objects;

/**
 * The ratio of two quantities measured in several processes, each with several blocks: what differs
 * from process to process, such as the layout of memory and the order of compilation, does not even
 * out in however long a run of one. So the processes are the samples, and their blocks tell only
 * how well each is known: A. Georges, D. Buytaert and L. Eeckhout, "Statistically Rigorous Java
 * Performance Evaluation", OOPSLA 2007, section 3.2.1.
 *
 * <p>The interval of the ratio of means is Fieller's, that of pairs Student's of logarithms, and
 * the advice how to spend time that of T. Kalibera and R. Jones, "Rigorous Benchmarking in
 * Reasonable Time", ISMM 2013, sections 6 and 8.
 *
 * @param ratio the mean of the first over that of the second, of pairs the geometric mean of their
 *     ratios
 * @param first how the first varies
 * @param second how the second varies
 */
public record NestedEstimate(RatioEstimate ratio, Variation first, Variation second) {

  /**
   * How a quantity varies within and between processes.
   *
   * @param mean of the means of the processes; of ratios of pairs the geometric mean
   * @param withinVariance of blocks about the mean of their process
   * @param betweenVariance of the true means of processes, 0 if what is seen comes from blocks
   * @param meanVariance of the means of processes as they were measured
   * @param processes 2 or more
   * @param blocks of each process, on average (harmonic)
   */
  public record Variation(
      double mean,
      double withinVariance,
      double betweenVariance,
      double meanVariance,
      int processes,
      double blocks) {

    /**
     * Returns how many blocks are best measured in each process.
     *
     * @param processCost what a further process costs before its first block, such as start and
     *     warm-up, in any unit
     * @param blockCost what a block costs, in the same unit
     * @return the number that gives the narrowest interval for the whole cost, 1 or more; {@link
     *     Integer#MAX_VALUE} if processes do not differ, so that one is enough
     */
    public int bestBlocks(double processCost, double blockCost) {
      if (!(processCost > 0) || !(blockCost > 0)) {
        throw new IllegalArgumentException(
            "Tried to plan blocks with costs of "
                + processCost
                + " for a process and "
                + blockCost
                + " for a block; both must be positive.");
      }
      double best = Math.sqrt(processCost / blockCost * withinVariance / betweenVariance);
      return withinVariance == 0 ? 1 : (int) Math.max(1, Math.ceil(best));
    }
  }

  /**
   * How many processes and blocks to measure.
   *
   * @param processes of each of both quantities, 2 or more; 1,000,000 if no fewer are enough
   * @param blocks of each process, 1 or more
   */
  public record Plan(int processes, int blocks) {}

  /**
   * Estimates a ratio of quantities that were measured in processes of their own.
   *
   * @param first positive values, {@code first[process][block]}
   * @param second positive values, {@code second[process][block]}
   * @param confidence above 0 and below 1, for example 0.95
   * @return first over second
   * @throws IllegalArgumentException if there are fewer than two processes of one, or fewer than
   *     two blocks of a process, or a value is not positive and finite
   */
  public static NestedEstimate of(double[][] first, double[][] second, double confidence) {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
    Checks.requireConfidence(confidence);
    Variation x = NestedVariance.of(first);
    Variation y = NestedVariance.of(second);
    return new NestedEstimate(Fieller.ratio(x, y, confidence), x, y);
  }

  /**
   * Estimates a ratio of quantities that were measured in turns in the same processes, so that what
   * a process does to both does not count: the geometric mean of the ratios of blocks next to each
   * other, with Student's interval of the mean of their logarithms. So the ratio the other way
   * round is the inverse, and a quantity against itself gives 1 on average, where the mean of
   * ratios that vary is above 1.
   *
   * @param first positive values, {@code first[process][block]}
   * @param second as many, each measured next to the first of the same process and block
   * @param confidence above 0 and below 1, for example 0.95
   * @return first over second; {@link #first()} is how their ratio varies: its mean is the
   *     geometric mean, and its variances, over the square of that mean, are those of the
   *     logarithms; {@link #second()} is 1 and does not vary
   * @throws IllegalArgumentException if there are fewer than two processes, or fewer than two
   *     blocks of a process, the numbers differ, or a value is not positive and finite
   */
  public static NestedEstimate ofPairs(double[][] first, double[][] second, double confidence) {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(second, "second");
    Checks.requireConfidence(confidence);
    Variation logs = NestedVariance.split(NestedVariance.logRatios(first, second));
    double mean = Math.exp(logs.mean());
    double half =
        Fieller.quantile(logs.processes() - 1, confidence)
            * Math.sqrt(logs.meanVariance() / logs.processes());
    RatioEstimate ratio =
        new RatioEstimate(
            mean, Math.exp(logs.mean() - half), Math.exp(logs.mean() + half), confidence);
    Variation ratios =
        new Variation(
            mean,
            logs.withinVariance() * mean * mean,
            logs.betweenVariance() * mean * mean,
            logs.meanVariance() * mean * mean,
            logs.processes(),
            logs.blocks());
    Variation one = new Variation(1, 0, 0, 0, logs.processes(), logs.blocks());
    return new NestedEstimate(ratio, ratios, one);
  }

  /**
   * Plans a further measurement from this one.
   *
   * @param precision half the width of the interval that is asked for, as a share of the ratio:
   *     0.01 for ± 1 %
   * @param processCost what a process costs before its first block, such as start and warm-up
   * @param blockCost what a block costs, in the same unit
   * @param mostBlocks the most blocks that a process shall measure, 1 or more
   * @return the plan that reaches the precision at the least cost
   * @throws IllegalArgumentException if an argument is not positive
   */
  public Plan plan(double precision, double processCost, double blockCost, int mostBlocks) {
    if (!(precision > 0) || mostBlocks < 1) {
      throw new IllegalArgumentException(
          "Tried to plan for a precision of "
              + precision
              + " with at most "
              + mostBlocks
              + " blocks; the precision must be positive, for example 0.01, and it takes at least 1"
              + " block.");
    }
    int blocks =
        Math.min(
            mostBlocks,
            Math.max(
                first.bestBlocks(processCost, blockCost),
                second.bestBlocks(processCost, blockCost)));
    double variance = relativeVariance(first, blocks) + relativeVariance(second, blocks);
    return new Plan(Fieller.processes(variance, precision, ratio.confidence()), blocks);
  }

  /** Returns text such as {@code 1.050 [1.021, 1.080], 10 and 10 processes}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, %d and %d processes", ratio, first.processes(), second.processes());
  }

  private static double relativeVariance(Variation variation, int blocks) {
    return (variation.betweenVariance() + variation.withinVariance() / blocks)
        / (variation.mean() * variation.mean());
  }
}
