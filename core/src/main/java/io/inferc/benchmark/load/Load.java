package io.inferc.benchmark.load;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How requests arrive.
 *
 * <p>In a closed loop each client waits for its answer before it asks again: when the subject slows
 * down, so does the load, and the requests that users would have sent meanwhile are never counted.
 * An open load ({@link Open}) sends by a schedule that is fixed before the run and does not care
 * how the subject fares, as users do. Schroeder, Wierman and Harchol-Balter, "Open Versus Closed: A
 * Cautionary Tale", NSDI 2006, show how far the two are apart.
 *
 * <p>Rates are requests a second. The text of a load is what {@link #parse} takes.
 *
 * <pre>{@code
 * Load load = Load.parse("poisson:200"); // the same as Load.poisson(200)
 * }</pre>
 */
public sealed interface Load {
  /**
   * Each of some clients sends its next request when its last one was answered.
   *
   * @param clients how many
   * @return the load
   * @throws IllegalArgumentException if there is not at least one
   */
  static Load closed(int clients) {
    return new Closed(clients);
  }

  /**
   * Requests at equal distances.
   *
   * @param rate requests a second
   * @return the load
   * @throws IllegalArgumentException if the rate is not positive and finite
   */
  static Open constant(double rate) {
    return new Constant(rate);
  }

  /**
   * Requests of many users who know nothing of each other: a Poisson process.
   *
   * @param rate requests a second on average
   * @return the load
   * @throws IllegalArgumentException if the rate is not positive and finite
   */
  static Open poisson(double rate) {
    return new Poisson(rate);
  }

  /**
   * Bursts and pauses in turns, each a Poisson process of its rate; a burst comes first.
   *
   * @param rateOn requests a second in a burst
   * @param on how long a burst lasts
   * @param rateOff requests a second between bursts; may be 0
   * @param off how long a pause lasts
   * @return the load
   * @throws IllegalArgumentException if a duration or the first rate is not positive, or a rate is
   *     negative or infinite
   */
  static Open bursts(double rateOn, Duration on, double rateOff, Duration off) {
    Objects.requireNonNull(off, "off");
    Objects.requireNonNull(on, "on");
    return new Bursts(rateOn, on, rateOff, off);
  }

  /**
   * A rate that changes steadily over the whole run, with requests as evenly spaced as it allows.
   *
   * @param from requests a second at the start; may be 0
   * @param to requests a second at the end; may be 0, but not both
   * @return the load
   * @throws IllegalArgumentException if a rate is negative or infinite, or both are 0
   */
  static Open ramp(double from, double to) {
    return new Ramp(from, to);
  }

  /**
   * A day: a Poisson process whose rate follows a smooth curve from the quiet of night to one peak,
   * half a day later, and back.
   *
   * @param mean requests a second over the whole day
   * @param peakRatio how many times the mean the peak is, 1 or more
   * @param day how long the day is; a short one shows in minutes what a real one does
   * @return the load
   * @throws IllegalArgumentException if the rate or the length is not positive, or the ratio is not
   *     from 1 to 100
   */
  static Open daily(double mean, double peakRatio, Duration day) {
    Objects.requireNonNull(day, "day");
    return new Daily(mean, peakRatio, day);
  }

  /**
   * Requests at the times of a recording. The run is over when the recording is.
   *
   * @param offsets nanoseconds from the start of the recording, in order, at least one
   * @param speed how many times as fast as recorded; 1 is the recording's own pace
   * @return the load
   * @throws IllegalArgumentException if there are no offsets, one is negative or less than the one
   *     before, or the speed is not positive and finite
   */
  static Open replay(long[] offsets, double speed) {
    Objects.requireNonNull(offsets, "offsets");
    return new Replay(offsets, speed);
  }

  /**
   * Reads a load from a text, as a command line gives it: {@code closed:4}, {@code constant:200},
   * {@code poisson:200}, {@code bursts:400,2s,50,8s}, {@code ramp:10,500}, {@code daily:200,3,24h}.
   * The numbers are those of the methods of the same names, in their order. Durations take the
   * units ms, s, m and h. A recording is no text: see {@link #replay}.
   *
   * @param text the text
   * @return the load
   * @throws IllegalArgumentException if it cannot be read; the message says how to write it
   */
  static Load parse(String text) {
    return LoadText.parse(Objects.requireNonNull(text, "text"));
  }

  /**
   * A closed loop; see {@link Load#closed}.
   *
   * @param clients how many clients, 1 or more
   */
  record Closed(int clients) implements Load {
    public Closed {
      if (clients < 1) {
        throw new IllegalArgumentException(
            "Tried to load a subject with " + clients + " clients; it takes at least 1.");
      }
    }

    @Override
    public String toString() {
      return "closed:" + clients;
    }
  }

  /** A load whose requests come by a schedule. */
  sealed interface Open extends Load {
    /**
     * Returns when each request is meant to start.
     *
     * @param length how long the run is
     * @param seed what random loads depend on; the same seed gives the same schedule
     * @return nanoseconds from the start of the run, in order, all less than the length
     * @throws IllegalArgumentException if the length is not positive, or so many requests would
     *     come that their times do not fit into memory
     */
    long[] schedule(Duration length, long seed);

    /**
     * Returns how many requests are to be expected.
     *
     * @param length how long the run is
     * @return the mean over all seeds
     */
    double expected(Duration length);

    /**
     * Returns after which time the pattern begins anew: what is tried for part of it shows where
     * that part lay.
     *
     * @return the time, such as a burst with its pause; zero if there is none
     */
    default Duration period() {
      return Duration.ZERO;
    }

    /**
     * Returns how many requests of a length are expected from a moment on.
     *
     * @param from the moment, within the length
     * @param length how long the load lasts
     * @return the number, of which a fraction is the mean over seeds
     */
    default double expected(Duration from, Duration length) {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(length, "length");
      return expected(length) - (from.isZero() ? 0 : expected(from));
    }

    /**
     * Returns the same pattern with more or fewer requests in the same time. A recording is played
     * faster or slower instead.
     *
     * @param factor how many times the rate
     * @return the load
     * @throws IllegalArgumentException if the factor is not positive and finite
     */
    Open scaled(double factor);
  }

  /**
   * Requests at equal distances; see {@link Load#constant}.
   *
   * @param rate requests a second
   */
  record Constant(double rate) implements Open {
    public Constant {
      Schedules.requirePositive(rate);
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      Objects.requireNonNull(length, "length");
      return Schedules.constant(rate, Schedules.nanos(length, expected(length)));
    }

    @Override
    public double expected(Duration length) {
      Objects.requireNonNull(length, "length");
      return rate * Schedules.seconds(length);
    }

    @Override
    public Open scaled(double factor) {
      return new Constant(rate * factor);
    }

    @Override
    public String toString() {
      return "constant:" + LoadText.number(rate);
    }
  }

  /**
   * A Poisson process; see {@link Load#poisson}.
   *
   * @param rate requests a second on average
   */
  record Poisson(double rate) implements Open {
    public Poisson {
      Schedules.requirePositive(rate);
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      Objects.requireNonNull(length, "length");
      return Schedules.poisson(rate, Schedules.nanos(length, expected(length)), seed);
    }

    @Override
    public double expected(Duration length) {
      Objects.requireNonNull(length, "length");
      return rate * Schedules.seconds(length);
    }

    @Override
    public Open scaled(double factor) {
      return new Poisson(rate * factor);
    }

    @Override
    public String toString() {
      return "poisson:" + LoadText.number(rate);
    }
  }

  /**
   * Bursts and pauses; see {@link Load#bursts}.
   *
   * @param rateOn requests a second in a burst
   * @param on how long a burst lasts
   * @param rateOff requests a second between bursts
   * @param off how long a pause lasts
   */
  record Bursts(double rateOn, Duration on, double rateOff, Duration off) implements Open {
    public Bursts {
      Schedules.requirePositive(rateOn);
      Schedules.requireRate(rateOff);
      Schedules.requirePositive(on);
      Schedules.requirePositive(off);
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      Objects.requireNonNull(length, "length");
      return Schedules.bursts(this, Schedules.nanos(length, expected(length)), seed);
    }

    @Override
    public double expected(Duration length) {
      Objects.requireNonNull(length, "length");
      double burst = Schedules.seconds(on);
      double cycle = burst + Schedules.seconds(off);
      double whole = Math.floor(Schedules.seconds(length) / cycle);
      double rest = Schedules.seconds(length) - whole * cycle;
      return whole * (rateOn * burst + rateOff * (cycle - burst))
          + rateOn * Math.min(rest, burst)
          + rateOff * Math.max(0, rest - burst);
    }

    @Override
    public Duration period() {
      return on.plus(off);
    }

    @Override
    public Open scaled(double factor) {
      return new Bursts(rateOn * factor, on, rateOff * factor, off);
    }

    @Override
    public String toString() {
      return "bursts:"
          + String.join(
              ",",
              LoadText.number(rateOn),
              LoadText.duration(on),
              LoadText.number(rateOff),
              LoadText.duration(off));
    }
  }

  /**
   * A rate that changes steadily; see {@link Load#ramp}.
   *
   * @param from requests a second at the start
   * @param to requests a second at the end
   */
  record Ramp(double from, double to) implements Open {
    public Ramp {
      Schedules.requireRate(from);
      Schedules.requireRate(to);
      Schedules.requirePositive(Math.max(from, to));
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      Objects.requireNonNull(length, "length");
      return Schedules.ramp(from, to, Schedules.nanos(length, expected(length)));
    }

    @Override
    public double expected(Duration length) {
      Objects.requireNonNull(length, "length");
      return (from + to) / 2 * Schedules.seconds(length);
    }

    /** A ramp is as long as the load: its first part is no ramp of its own. */
    @Override
    public double expected(Duration begin, Duration length) {
      Objects.requireNonNull(begin, "begin");
      Objects.requireNonNull(length, "length");
      double whole = Schedules.seconds(length);
      double part = Schedules.seconds(begin);
      double rate = from + (to - from) * part / whole;
      return (rate + to) / 2 * (whole - part);
    }

    @Override
    public Open scaled(double factor) {
      return new Ramp(from * factor, to * factor);
    }

    @Override
    public String toString() {
      return "ramp:" + LoadText.number(from) + "," + LoadText.number(to);
    }
  }

  /**
   * A day; see {@link Load#daily}.
   *
   * @param mean requests a second over the whole day
   * @param peakRatio how many times the mean the peak is
   * @param day how long the day is
   */
  record Daily(double mean, double peakRatio, Duration day) implements Open {
    private static final double LARGEST_RATIO = 100;

    public Daily {
      Schedules.requirePositive(mean);
      Schedules.requirePositive(day);
      if (!(peakRatio >= 1 && peakRatio <= LARGEST_RATIO)) {
        throw new IllegalArgumentException(
            "Tried to make a day whose peak is "
                + peakRatio
                + " times its mean; give a ratio from 1 to 100.");
      }
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      return Schedules.daily(
          this, Schedules.nanos(length, mean * peakRatio * Schedules.seconds(length)), seed);
    }

    @Override
    public double expected(Duration length) {
      return DayCurve.of(this).requestsUntil(Schedules.seconds(length));
    }

    @Override
    public Duration period() {
      return day;
    }

    @Override
    public Open scaled(double factor) {
      return new Daily(mean * factor, peakRatio, day);
    }

    @Override
    public String toString() {
      return "daily:"
          + LoadText.number(mean)
          + ","
          + LoadText.number(peakRatio)
          + ","
          + LoadText.duration(day);
    }
  }

  /** A recording; see {@link Load#replay}. */
  final class Replay implements Open {
    private final long[] offsets;
    private final double speed;

    private Replay(long[] offsets, double speed) {
      this.offsets = offsets.clone();
      this.speed = speed;
      Schedules.requirePositive(speed);
      if (offsets.length == 0) {
        throw new IllegalArgumentException("Tried to replay a recording without any request.");
      }
      for (int i = 0; i < offsets.length; i++) {
        long before = i == 0 ? 0 : offsets[i - 1];
        if (offsets[i] < before) {
          throw new IllegalArgumentException(
              "Tried to replay a request "
                  + offsets[i]
                  + " ns after the start, behind one at "
                  + before
                  + " ns; give offsets that are not negative, in order.");
        }
      }
    }

    /**
     * Returns when requests came.
     *
     * @return a copy, in nanoseconds from the start of the recording
     */
    public long[] offsets() {
      return offsets.clone();
    }

    /**
     * Returns how fast it is played.
     *
     * @return how many times as fast as recorded
     */
    public double speed() {
      return speed;
    }

    /**
     * Returns how long it takes to play, up to and including the last request.
     *
     * @return the duration
     */
    public Duration playingTime() {
      return Duration.ofNanos(at(offsets.length - 1) + 1);
    }

    private long at(int index) {
      return Math.round(offsets[index] / speed);
    }

    @Override
    public long[] schedule(Duration length, long seed) {
      long nanos = Schedules.nanos(length, offsets.length);
      int count = 0;
      while (count < offsets.length && at(count) < nanos) {
        count++;
      }
      long[] times = new long[count];
      Arrays.setAll(times, this::at);
      return times;
    }

    @Override
    public double expected(Duration length) {
      return schedule(length, 0).length;
    }

    @Override
    public Open scaled(double factor) {
      return new Replay(offsets, speed * factor);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Replay o
          && Double.compare(speed, o.speed) == 0
          && Arrays.equals(offsets, o.offsets);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(offsets) + Double.hashCode(speed);
    }

    /** Returns for example {@code replay of 5000 requests at 2 times their pace}. */
    @Override
    public String toString() {
      return "replay of "
          + offsets.length
          + " requests at "
          + LoadText.number(speed)
          + " times their pace";
    }
  }
}
