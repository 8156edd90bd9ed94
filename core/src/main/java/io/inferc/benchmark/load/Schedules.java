package io.inferc.benchmark.load;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;

/** The arithmetic of {@link Load}s: when each request is meant to start. */
final class Schedules {
  private static final int MOST_REQUESTS = 50_000_000;

  /**
   * A run keeps 37 bytes for each request, and twice as many while its samples are put in order.
   */
  private static final int BYTES_OF_A_REQUEST = 100;

  private static final double NANOS = 1e9;

  private Schedules() {}

  /** How many requests a run may have: those that half of the heap keeps. */
  static int mostRequests() {
    long fitting = Runtime.getRuntime().maxMemory() / 2 / BYTES_OF_A_REQUEST;
    return (int) Math.min(MOST_REQUESTS, fitting);
  }

  static double seconds(Duration length) {
    return length.toNanos() / NANOS;
  }

  /** Checks a length before anything is made for it. */
  static long nanos(Duration length, double atMost) {
    requirePositive(length);
    if (atMost > mostRequests()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Tried to plan %.0f requests within %s; this JVM's heap keeps those of a run of at"
                  + " most %d. Choose a lower rate or a shorter run, or raise the heap with -Xmx.",
              atMost,
              LoadText.duration(length),
              mostRequests()));
    }
    return length.toNanos();
  }

  static void requirePositive(double rate) {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "Tried to load a subject with a rate of " + rate + "; give a positive number.");
    }
  }

  static void requireRate(double rate) {
    if (!(rate >= 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException(
          "Tried to load a subject with a rate of " + rate + "; give 0 or a positive number.");
    }
  }

  static void requirePositive(Duration duration) {
    Objects.requireNonNull(duration, "duration");
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(
          "Tried to load a subject for " + duration + "; give a time longer than 0.");
    }
  }

  static long[] constant(double rate, long length) {
    Times times = new Times(rate * length / NANOS);
    // Multiplied, not added up, so that rounding does not drift.
    for (long i = 0; times.addBefore(length, i / rate * NANOS); i++) {}
    return times.toArray();
  }

  static long[] poisson(double rate, long length, long seed) {
    Times times = new Times(rate * length / NANOS);
    SplittableRandom random = new SplittableRandom(seed);
    double at = gap(random, rate);
    while (times.addBefore(length, at)) {
      at += gap(random, rate);
    }
    return times.toArray();
  }

  static long[] bursts(Load.Bursts load, long length, long seed) {
    Times times = new Times(load.expected(Duration.ofNanos(length)));
    SplittableRandom random = new SplittableRandom(seed);
    long start = 0;
    for (boolean on = true; start < length; on = !on) {
      long end = Math.min(length, start + (on ? load.on() : load.off()).toNanos());
      double rate = on ? load.rateOn() : load.rateOff();
      if (rate > 0) {
        // A Poisson process has no memory, so each phase begins anew.
        double at = start + gap(random, rate);
        while (times.addBefore(end, at)) {
          at += gap(random, rate);
        }
      }
      start = end;
    }
    return times.toArray();
  }

  /** The k-th request comes when the integral of the rate reaches k. */
  static long[] ramp(double from, double to, long length) {
    double seconds = length / NANOS;
    double slope = (to - from) / seconds;
    double all = (from + to) / 2 * seconds;
    Times times = new Times(all);
    for (long k = 0; k < all; k++) {
      double root = Math.sqrt(Math.max(0, from * from + 2 * slope * k));
      // The usual formula divides by the slope, which may be 0; this form of it does not.
      double at = k == 0 ? 0 : 2 * k / (from + root);
      if (!times.addBefore(length, at * NANOS)) {
        break;
      }
    }
    return times.toArray();
  }

  /**
   * Thins a Poisson process of the peak's rate: P. A. W. Lewis and G. S. Shedler, "Simulation of
   * Nonhomogeneous Poisson Processes by Thinning", Naval Research Logistics 26 (1979).
   */
  static long[] daily(Load.Daily load, long length, long seed) {
    DayCurve curve = DayCurve.of(load);
    double peak = load.mean() * load.peakRatio();
    Times times = new Times(load.expected(Duration.ofNanos(length)));
    SplittableRandom random = new SplittableRandom(seed);
    for (double at = gap(random, peak); at < length; at += gap(random, peak)) {
      if (random.nextDouble() * peak < curve.rateAt(at / NANOS)) {
        times.addBefore(length, at);
      }
    }
    return times.toArray();
  }

  /** An exponential distance in nanoseconds, the same on every platform. */
  private static double gap(SplittableRandom random, double rate) {
    return -StrictMath.log1p(-random.nextDouble()) / rate * NANOS;
  }

  /** Times that are collected in order. */
  private static final class Times {
    private long[] values;
    private int count;

    Times(double expected) {
      values = new long[(int) (expected + 4 * Math.sqrt(expected) + 16)];
    }

    /** Returns false if it is too late. */
    boolean addBefore(long end, double time) {
      if (!(time < end)) {
        return false;
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, values.length + values.length / 2 + 16);
      }
      values[count++] = (long) time;
      return true;
    }

    long[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }
}
