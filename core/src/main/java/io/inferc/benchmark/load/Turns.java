package io.inferc.benchmark.load;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A comparison: blocks of one schedule, each run with all subjects. */
final class Turns {
  private static final int LEAD_SHARE = 10;

  /** In a closed loop a block takes as many requests as it can; so far apart they do not meet. */
  private static final long REQUESTS_OF_A_BLOCK = 1L << 24;

  private final LoadSettings settings;
  private final int blocks;
  private final Requests requests;
  private final Cancellation cancellation;
  private final ProgressListener progress;
  private final Duration lead;
  private final LoadSettings ofBlock;

  /** When requests come, over the whole time; null in a closed loop. */
  private final long @Nullable [] schedule;

  Turns(
      LoadSettings settings,
      int blocks,
      Requests requests,
      Cancellation cancellation,
      ProgressListener progress) {
    this.blocks = blocks;
    this.requests = requests;
    this.cancellation = cancellation;
    this.progress = progress;
    // A recording may be shorter than what was asked for.
    Duration block = settings.withWarmUp(Duration.ZERO).length().dividedBy(blocks);
    lead = block.dividedBy(LEAD_SHARE);
    this.settings = settings;
    ofBlock = settings.withWarmUp(lead).withDuration(block);
    schedule =
        settings.load() instanceof Load.Open open
            ? open.schedule(block.multipliedBy(blocks), settings.seed())
            : null;
  }

  LoadRounds run(List<Subject> subjects) {
    List<LoadRounds.Round> rounds = new ArrayList<>();
    List<String> names = subjects.stream().map(Subject::name).toList();
    List<Integer> order = new ArrayList<>(IntStream.range(0, subjects.size()).boxed().toList());
    Random random = new Random(settings.seed());
    String task = "comparing " + String.join(" with ", names);
    List<Callers> callers = new ArrayList<>();
    try {
      for (Subject subject : subjects) {
        callers.add(Callers.open(subject, settings.workers()));
      }
      progress.onProgress(Stage.BENCHMARK, task + " (warming up)", 0, blocks);
      callers.forEach(this::warmUp);
      for (int block = 0; block < blocks; block++) {
        Collections.shuffle(order, random);
        LoadRun[] runs = new LoadRun[subjects.size()];
        for (int each : order) {
          runs[each] = block(callers.get(each), block);
        }
        rounds.add(new LoadRounds.Round(List.of(runs), order));
        progress.onProgress(Stage.BENCHMARK, task, block + 1L, blocks);
      }
    } finally {
      callers.forEach(Callers::close);
    }
    return new LoadRounds(settings, names, rounds);
  }

  private void warmUp(Callers callers) {
    if (!settings.warmUp().isZero()) {
      LoadSettings warming = settings.withWarmUp(Duration.ZERO).withDuration(settings.warmUp());
      long[] times =
          settings.load() instanceof Load.Open open
              ? open.schedule(warming.length(), settings.seed())
              : null;
      execution(warming, times, callers, 0).run();
    }
  }

  private LoadRun block(Callers callers, int block) {
    if (schedule == null) {
      return execution(ofBlock, null, callers, block * REQUESTS_OF_A_BLOCK).run();
    }
    long length = ofBlock.duration().toNanos();
    long start = block * length;
    // What comes just before the block warms it up; before the first, its own end does.
    int from = firstAt(schedule, start);
    int to = firstAt(schedule, start + length);
    long[] before = before(block, start, length);
    long[] times = Arrays.copyOf(before, before.length + to - from);
    for (int i = from; i < to; i++) {
      times[before.length + i - from] = schedule[i] - start + lead.toNanos();
    }
    return execution(ofBlock, times, callers, Math.max(0, from - before.length)).run();
  }

  private long[] before(int block, long start, long length) {
    if (schedule == null) {
      return new long[0];
    }
    long shift = block == 0 ? length : 0;
    long from = start + shift - lead.toNanos();
    return Arrays.stream(schedule, firstAt(schedule, from), firstAt(schedule, start + shift))
        .map(t -> t - from)
        .toArray();
  }

  private Execution execution(
      LoadSettings chosen, long @Nullable [] times, Callers callers, long firstRequest) {
    return new Execution(
        chosen, times, callers, requests, firstRequest, cancellation, ProgressListener.none());
  }

  /** The number of requests before a time. */
  private static int firstAt(long[] schedule, long time) {
    int low = 0;
    int high = schedule.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (schedule[middle] < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
