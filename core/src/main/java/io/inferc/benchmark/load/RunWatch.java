package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.EffectiveSampleSize;
import io.inferc.benchmark.statistics.LittlesLaw;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What one thread sees of a run from outside, apart from what workers note of each request. */
final class RunWatch {
  /** A look that took longer was interrupted, and its parts do not belong to one moment. */
  private static final long LONGEST_LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** Systems wake threads late by less, unless the processors are busy. */
  private static final long LONGEST_DELAY_NANOS = TimeUnit.MICROSECONDS.toNanos(250);

  private static final double MOST_LATE = 0.95;

  private final long @Nullable [] schedule;
  private final long warmUp;
  private final long length;
  private final List<Tally> tallies;
  private final ProcessClock clock = new ProcessClock();
  private double[] inSystem = new double[256];
  private int looks;
  private int lateLooks;
  private int due;
  private long answers;

  /**
   * Prepares to watch.
   *
   * @param schedule when requests are due, in nanoseconds from the start; null in a closed loop
   * @param warmUp when the measured time begins
   * @param length when it ends
   * @param tallies what each worker counts
   */
  RunWatch(long @Nullable [] schedule, long warmUp, long length, List<Tally> tallies) {
    this.schedule = schedule;
    this.warmUp = warmUp;
    this.length = length;
    this.tallies = tallies;
  }

  /**
   * Looks at a moment that is now, by the clock that the run started at {@code base} by.
   *
   * @param late by how much it is later than it was meant to be
   */
  void look(long moment, long base, long late) {
    long spun = 0;
    answers = 0;
    for (Tally tally : tallies) {
      answers += tally.answers();
      spun += tally.spinning();
    }
    long took = System.nanoTime() - moment;
    long time = moment - base + took / 2;
    if (time < warmUp || time >= length) {
      return;
    }
    clock.tick(answers, spun);
    if (schedule != null && took < LONGEST_LOOK_NANOS) {
      due = dueBy(schedule, due, time);
      if (looks == inSystem.length) {
        inSystem = Arrays.copyOf(inSystem, 2 * looks);
      }
      inSystem[looks++] = due - answers;
      lateLooks += late > LONGEST_DELAY_NANOS ? 1 : 0;
    }
  }

  /** How many that count and were due by a time had no answer at the last look. */
  long waiting(long time) {
    return schedule == null
        ? 0
        : dueBy(schedule, 0, time) - Math.max(answers, dueBy(schedule, 0, warmUp));
  }

  /**
   * Where a subject keeps all processors busy, this thread gets one when it is done: late looks see
   * too few requests, by all that they might have seen at the most.
   */
  private double lateError() {
    double late = Math.min(MOST_LATE, (double) lateLooks / looks);
    return late / (1 - late) / LittlesLaw.STANDARD_ERRORS;
  }

  private static int dueBy(long[] times, int from, long time) {
    int at = Arrays.binarySearch(times, from, times.length, time);
    int count = at < 0 ? -at - 1 : at;
    // Several may be due at the same time.
    while (count < times.length && times[count] <= time) {
      count++;
    }
    return count;
  }

  Observed observed(long ended) {
    double[] numbers = Arrays.copyOf(inSystem, looks);
    OptionalDouble mean = Arrays.stream(numbers).average();
    double error = 0;
    if (looks > 1) {
      double center = mean.orElseThrow();
      double squares = Arrays.stream(numbers).map(n -> (n - center) * (n - center)).sum();
      double variance = squares / (looks - 1);
      double sampling = Math.sqrt(variance / EffectiveSampleSize.of(numbers).effective());
      // Where nothing was seen in so many looks, one in as many may have been missed.
      error = Math.max(1.0 / looks, sampling) + center * lateError();
    }
    return new Observed(length, ended, clock.secondsPerRequest(), mean, error);
  }
}
