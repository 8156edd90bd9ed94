package io.inferc.benchmark.load;

import io.inferc.benchmark.statistics.EffectiveSampleSize;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What one thread sees of a run from outside, apart from what workers note of each request. */
final class RunWatch {
  /** A look that took longer was interrupted, and its parts do not belong to one moment. */
  private static final long LONGEST_LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final long @Nullable [] schedule;
  private final long warmUp;
  private final long length;
  private final List<Tally> tallies;
  private final ProcessClock clock = new ProcessClock();
  private double[] inSystem = new double[256];
  private int looks;
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

  /** Looks at a moment that is now, by the clock that the run started at {@code base} by. */
  void look(long moment, long base) {
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
    }
  }

  /** How many that were due by a time had no answer at the last look. */
  long waiting(long time) {
    return schedule == null ? 0 : dueBy(schedule, 0, time) - answers;
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
      // Where nothing was seen in so many looks, one in as many may have been missed.
      error =
          Math.max(1.0 / looks, Math.sqrt(variance / EffectiveSampleSize.of(numbers).effective()));
    }
    return new Observed(length, ended, clock.secondsPerRequest(), mean, error);
  }
}
