package io.inferc.benchmark.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Whether a series of times became steady, and when, so that what is measured is not the warm-up.
 *
 * <p>The series is cut where its level or its spread changes (PELT, R. Killick, P. Fearnhead and I.
 * A. Eckley, "Optimal Detection of Changepoints With a Linear Computational Cost", Journal of the
 * American Statistical Association 107 (2012)), and the segments are judged as in E. Barrett, C. F.
 * Bolz-Tereick, R. Killick, S. Mount and L. Tratt, "Virtual Machine Warmup Blows Hot and Cold",
 * OOPSLA 2017: those at the end whose level equals that of the last are the steady part, which must
 * be a quarter of the series at least.
 *
 * <p>A segment costs what a normal distribution of the logarithms with mean and variance of its own
 * makes of it, and each further one 15 log n, the penalty of that paper, which tells changes from
 * noise also where neighbours resemble each other somewhat. Single outliers are put to the level of
 * their neighbours before, and levels closer than 1 % or two standard errors count as equal. A
 * steady part that still drifts from its first half to its second is none.
 *
 * @param verdict what the series did
 * @param start the index at which the steady part begins, empty if there is none
 * @param segments of equal level and spread, in the order of time
 */
public record SteadyState(Verdict verdict, OptionalInt start, List<Segment> segments) {
  private static final int LEAST_VALUES = 12;
  private static final double STEADY_SHARE = 0.25;
  private static final double EQUAL_LEVELS = 0.01;
  private static final double STANDARD_ERRORS = 2;
  private static final double STANDARD_ERRORS_OF_DRIFT = 4;

  /** What a series of times did. */
  public enum Verdict {
    /** It was steady from the beginning. */
    FLAT,
    /** It became faster, and then steady. */
    WARM_UP,
    /** It was faster before it became steady. */
    SLOWDOWN,
    /** It did not become steady, or too late to tell. */
    NO_STEADY_STATE,
    /** Fewer than twelve values: too few to tell. */
    TOO_SHORT
  }

  /**
   * Values of equal level and spread.
   *
   * @param from the first index
   * @param to the index after the last
   * @param level the geometric mean without outliers, in the unit of the values
   * @param spread the standard deviation of the logarithms without outliers: 0.02 is about 2 %
   */
  public record Segment(int from, int to, double level, double spread) {
    /**
     * Returns the number of values.
     *
     * @return 1 or more
     */
    public int length() {
      return to - from;
    }
  }

  /** Takes the segments as they are. */
  public SteadyState {
    segments = List.copyOf(segments);
  }

  /**
   * Judges a series.
   *
   * @param times positive values in the order of time, less being better, for example the median
   *     latency of each second, or the time of each iteration; up to some thousand, as the effort
   *     may grow with the square of their number where nothing changes
   * @return the judgement; one of fewer than twelve values is {@link Verdict#TOO_SHORT}
   * @throws IllegalArgumentException if a value is not positive and finite
   */
  public static SteadyState of(double[] times) {
    Objects.requireNonNull(times, "times");
    Checks.requireSamples(times, 0, "find a steady state");
    Checks.requirePositive(times, "find a steady state");
    if (times.length < LEAST_VALUES) {
      return new SteadyState(Verdict.TOO_SHORT, OptionalInt.empty(), List.of());
    }
    double[] logs = Outliers.levelled(Arrays.stream(times).map(Math::log).toArray());
    List<Segment> segments = ChangePoints.segments(logs);
    int first = segments.size() - 1;
    while (first > 0 && equalLevels(segments.get(first - 1), segments.get(segments.size() - 1))) {
      first--;
    }
    int start = segments.get(first).from();
    int steady = times.length - start;
    if (steady < STEADY_SHARE * times.length || drifts(logs, start)) {
      return new SteadyState(Verdict.NO_STEADY_STATE, OptionalInt.empty(), segments);
    }
    return new SteadyState(verdict(segments, first), OptionalInt.of(start), segments);
  }

  /** Returns text such as {@code warm up, steady from 12 on, 3 segments}. */
  @Override
  public String toString() {
    String steady = start.isPresent() ? ", steady from " + start.getAsInt() + " on" : "";
    return verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + steady
        + ", "
        + segments.size()
        + (segments.size() == 1 ? " segment" : " segments");
  }

  private static Verdict verdict(List<Segment> segments, int first) {
    if (first == 0) {
      return Verdict.FLAT;
    }
    Segment last = segments.get(segments.size() - 1);
    boolean wasFaster =
        segments.subList(0, first).stream()
            .anyMatch(each -> each.level() < last.level() && !equalLevels(each, last));
    return wasFaster ? Verdict.SLOWDOWN : Verdict.WARM_UP;
  }

  private static boolean equalLevels(Segment segment, Segment last) {
    // A few values that vary much are not the same level measured badly, but a way down to it.
    double spread =
        segment.length() < LEAST_VALUES
            ? Math.min(segment.spread(), last.spread())
            : segment.spread();
    double error =
        Math.sqrt(
            spread * spread / segment.length() + last.spread() * last.spread() / last.length());
    double apart = Math.abs(Math.log(segment.level() / last.level()));
    return apart <= Math.max(EQUAL_LEVELS, STANDARD_ERRORS * error);
  }

  /** A slow climb may be too smooth to be cut, but its halves differ. */
  private static boolean drifts(double[] logs, int start) {
    if (logs.length - start < LEAST_VALUES) {
      return false;
    }
    int middle = start + (logs.length - start) / 2;
    Half early = Half.of(Arrays.copyOfRange(logs, start, middle));
    Half late = Half.of(Arrays.copyOfRange(logs, middle, logs.length));
    double error = Math.sqrt(early.error * early.error + late.error * late.error);
    return Math.abs(late.mean - early.mean)
        > Math.max(EQUAL_LEVELS, STANDARD_ERRORS_OF_DRIFT * error);
  }

  private record Half(double mean, double error) {
    static Half of(double[] values) {
      double mean = Arrays.stream(values).average().orElseThrow();
      double variance =
          Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum() / (values.length - 1);
      return new Half(mean, Math.sqrt(variance / EffectiveSampleSize.of(values).effective()));
    }
  }
}
