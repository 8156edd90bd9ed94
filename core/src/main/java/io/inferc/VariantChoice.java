package io.inferc;

import io.inferc.spi.WeightOnlyForm.Variant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Decides by a short measurement how weights are written: runtimes differ by ten times between
 * block sizes and ways to multiply, and which of them is slow differs between processors and
 * versions.
 *
 * <p>All ways are run in turns, round after round, so that what else the machine does meets all of
 * them. Of each way, layer and number of rows the fastest run counts; ways are compared by the mean
 * over layers, by their share of the work, and over numbers of rows of how many times the fastest
 * way's time they take. Of those that take at most half as long again as the best, the most
 * accurate is taken: none may be ten times as slow, but weights are stored as integers for their
 * size first.
 */
final class VariantChoice {
  static final int LEAST_ROUNDS = 3;
  static final int MOST_ROUNDS = 20;
  private static final double NEARLY = 1.5;

  /** Runs single layers. */
  interface Stopwatch {
    /**
     * Runs a layer once.
     *
     * @return how long that took in ns; empty if the way cannot be run, or computes it wrongly
     */
    OptionalLong run(Variant variant, Layer layer, int rows);
  }

  /**
   * A matrix product to be measured.
   *
   * @param inner the inner size
   * @param outer how many columns the result has
   * @param share of all the work, above 0
   */
  record Layer(int inner, int outer, double share) {}

  /**
   * What was decided.
   *
   * @param variant the way
   * @param why what was measured, a whole sentence; empty if nothing was
   */
  record Chosen(Variant variant, String why) {}

  private final Stopwatch watch;
  private final LongSupplier clock;
  private final long budget;

  /**
   * Prepares a measurement.
   *
   * @param clock the time in ns
   * @param budget for how many ns to go on after the least number of rounds
   */
  VariantChoice(Stopwatch watch, LongSupplier clock, long budget) {
    this.watch = watch;
    this.clock = clock;
    this.budget = budget;
  }

  /**
   * Decides.
   *
   * @param variants the ways, the most accurate first
   * @param layers the layers, one or more
   * @param rows the numbers of rows, one or more
   */
  Chosen choose(List<Variant> variants, List<Layer> layers, List<Integer> rows) {
    int places = layers.size() * rows.size();
    long[][] fastest = new long[variants.size()][places];
    for (long[] times : fastest) {
      Arrays.fill(times, Long.MAX_VALUE);
    }
    boolean[] out = new boolean[variants.size()];
    long started = clock.getAsLong();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      if (round >= LEAST_ROUNDS && clock.getAsLong() - started >= budget) {
        break;
      }
      for (int place = 0; place < places; place++) {
        for (int v = 0; v < out.length; v++) {
          if (!out[v]) {
            OptionalLong time =
                watch.run(
                    variants.get(v),
                    layers.get(place / rows.size()),
                    rows.get(place % rows.size()));
            out[v] = time.isEmpty();
            fastest[v][place] = Math.min(fastest[v][place], time.orElse(Long.MAX_VALUE));
          }
        }
      }
    }
    return decide(variants, layers, rows, fastest, out);
  }

  private static Chosen decide(
      List<Variant> variants,
      List<Layer> layers,
      List<Integer> rows,
      long[][] fastest,
      boolean[] out) {
    double[] relative = new double[out.length];
    double best = Double.POSITIVE_INFINITY;
    for (int v = 0; v < out.length; v++) {
      relative[v] = out[v] ? Double.POSITIVE_INFINITY : mean(layers, rows, fastest, out, v);
      best = Math.min(best, relative[v]);
    }
    for (int v = 0; v < out.length; v++) {
      if (relative[v] <= best * NEARLY && relative[v] < Double.POSITIVE_INFINITY) {
        return new Chosen(variants.get(v), text(variants, layers, rows, relative, v));
      }
    }
    return new Chosen(
        variants.get(0),
        "No way to write weights ran rightly in a measurement, so the most accurate was taken: "
            + variants.get(0)
            + ".");
  }

  private static double mean(
      List<Layer> layers, List<Integer> rows, long[][] fastest, boolean[] out, int variant) {
    double sum = 0;
    double shares = 0;
    for (int place = 0; place < fastest[variant].length; place++) {
      long least = Long.MAX_VALUE;
      for (int v = 0; v < out.length; v++) {
        least = out[v] ? least : Math.min(least, fastest[v][place]);
      }
      double share = layers.get(place / rows.size()).share();
      sum += share * fastest[variant][place] / Math.max(1, least);
      shares += share;
    }
    return sum / shares;
  }

  private static String text(
      List<Variant> variants,
      List<Layer> layers,
      List<Integer> rows,
      double[] relative,
      int chosen) {
    List<String> all = new ArrayList<>();
    for (int v = 0; v < relative.length; v++) {
      all.add(
          variants.get(v)
              + ": "
              + (Double.isInfinite(relative[v])
                  ? "not right"
                  : String.format(Locale.ROOT, "%.2f", relative[v])));
    }
    return String.format(
        Locale.ROOT,
        "Weights are written as %s, by a measurement of products of %s with %s rows; times the"
            + " fastest: %s.",
        variants.get(chosen),
        layers.stream().map(l -> l.inner() + "x" + l.outer()).collect(Collectors.joining(", ")),
        rows.stream().map(String::valueOf).collect(Collectors.joining(" and ")),
        String.join("; ", all));
  }
}
