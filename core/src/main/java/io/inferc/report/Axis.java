package io.inferc.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Where values stand along an axis, and which of them are named.
 *
 * @param label what it shows, with the unit
 * @param from the value at its start
 * @param to the value at its end
 * @param scale what is spread evenly, such as the logarithm
 * @param ticks those that are named
 */
record Axis(String label, double from, double to, DoubleUnaryOperator scale, List<Tick> ticks) {
  private static final int TICKS = 7;
  private static final double[] STEPS = {1, 2, 5, 10};

  /** From this ratio on, small values would be crushed on an even axis. */
  private static final double WIDE = 20;

  /** A value with its name. */
  record Tick(double value, String name) {}

  /** Where a value stands: 0 at the start, 1 at the end, in between or beyond. */
  double share(double value) {
    double start = scale.applyAsDouble(from);
    return (scale.applyAsDouble(value) - start) / (scale.applyAsDouble(to) - start);
  }

  /**
   * An axis from 0 on, or a logarithmic one where values of very different sizes are to be seen.
   */
  static Axis fitting(String label, double[] values) {
    double[] shown = Arrays.stream(values).filter(v -> Double.isFinite(v) && v > 0).toArray();
    double most = Arrays.stream(shown).max().orElse(1);
    double least = Arrays.stream(shown).min().orElse(1);
    return most > WIDE * least ? logarithmic(label, least, most) : even(label, 0, most * 1.05);
  }

  /** An axis on which equal differences are equally far. */
  static Axis even(String label, double from, double to) {
    double step = step((to - from) / TICKS);
    List<Tick> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to * (1 + 1e-9); i++) {
      ticks.add(new Tick(i * step, name(i * step)));
    }
    return new Axis(label, from, to, v -> v, ticks);
  }

  /** An axis on which equal ratios are equally far. */
  static Axis logarithmic(String label, double least, double most) {
    double from = least / 1.1;
    double to = most * 1.1;
    boolean isLong = Math.log10(to / from) > 2.5;
    List<Tick> ticks = new ArrayList<>();
    int last = (int) Math.ceil(Math.log10(to));
    for (int power = (int) Math.floor(Math.log10(from)); power <= last; power++) {
      for (double digit : isLong ? new double[] {1} : new double[] {1, 2, 5}) {
        double value = digit * Math.pow(10, power);
        if (value >= from && value <= to) {
          ticks.add(new Tick(value, name(value)));
        }
      }
    }
    return new Axis(label + ", logarithmic", from, to, Math::log10, ticks);
  }

  /** An axis of percentiles, from the median on, that gives each nine the same room. */
  static Axis tail(String label) {
    List<Tick> ticks = new ArrayList<>();
    for (double p : new double[] {50, 75, 90, 95, 99, 99.9}) {
      ticks.add(new Tick(p, "P" + name(p)));
    }
    return new Axis(label, 50, 99.9, p -> -Math.log10(1 - p / 100), ticks);
  }

  /** An axis with a name at each of some values, equal ratios being equally far. */
  static Axis doubling(String label, int[] values) {
    int least = Arrays.stream(values).min().orElse(1);
    int most = Arrays.stream(values).max().orElse(1);
    return new Axis(
        label,
        least / 1.15,
        most * 1.15,
        Math::log,
        Arrays.stream(values).sorted().distinct().mapToObj(v -> new Tick(v, name(v))).toList());
  }

  private static double step(double about) {
    double power = Math.pow(10, Math.floor(Math.log10(about)));
    return Arrays.stream(STEPS).map(s -> s * power).filter(s -> s >= about).findFirst().orElse(1);
  }

  private static String name(double value) {
    return value == 0
        ? "0"
        : new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }
}
