package io.inferc.benchmark.load;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a load.
 *
 * <p>No request changes threads: each worker takes the next place in the schedule, waits until that
 * request is due, sends it and waits for the answer. Workers take places in the order in which they
 * become free, so all of them together are one queue, first come first served, before so many
 * servers. The thread that started the run only watches.
 */
final class Execution {
  private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

  /** For threads to come to their start together. */
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How long to wait for threads that were told to end. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final double MEAN_GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LONGEST_GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final LoadSettings settings;
  private final Callers callers;
  private final Requests requests;
  private final long firstRequest;
  private final Cancellation cancellation;
  private final ProgressListener progress;

  /** When each request is due, in nanoseconds from the start; null in a closed loop. */
  private final long @Nullable [] schedule;

  private final long length;
  private final List<Worker> workers = new ArrayList<>();
  private final AtomicInteger places = new AtomicInteger();
  private final Kinds kinds = new Kinds();
  private final Failures failures = new Failures();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch ready;
  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch ended;
  private final Pacer pacer =
      new Pacer(Runtime.getRuntime().availableProcessors(), () -> this.stopped);
  private volatile boolean stopped;
  private long base;
  private long waitingLimit;
  private long mostWaiting = Long.MAX_VALUE;
  private boolean gaveUp;

  /**
   * Prepares a run.
   *
   * @param settings how long and how bounded it is
   * @param schedule when requests are due, in nanoseconds from the start; null in a closed loop
   * @param callers one for each worker
   * @param requests what to ask
   * @param firstRequest the place of the first of them
   * @param cancellation stops the run
   * @param progress hears of it
   */
  Execution(
      LoadSettings settings,
      long @Nullable [] schedule,
      Callers callers,
      Requests requests,
      long firstRequest,
      Cancellation cancellation,
      ProgressListener progress) {
    this.settings = settings;
    this.schedule = schedule;
    this.callers = callers;
    this.requests = requests;
    this.firstRequest = firstRequest;
    this.cancellation = cancellation;
    this.progress = progress;
    length = settings.length().toNanos();
    int count = callers.slots().size();
    ready = new CountDownLatch(count);
    ended = new CountDownLatch(count);
    Columns shared = schedule == null ? null : new Columns(schedule.length);
    for (Callers.Slot slot : callers.slots()) {
      workers.add(new Worker(slot, shared == null ? new Columns(1) : shared));
    }
  }

  /** Ends the run as soon as more requests than that have waited for longer. */
  void giveUpWhenWaiting(Duration longer, long most) {
    waitingLimit = longer.toNanos();
    mostWaiting = most;
  }

  /** Tells whether the run was ended because too many waited for too long. */
  boolean gaveUp() {
    return gaveUp;
  }

  LoadRun run() {
    cancellation.throwIfCancelled(Stage.BENCHMARK);
    callers.requireFree();
    Instant startedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    RunWatch watch =
        new RunWatch(
            schedule,
            settings.warmUp().toNanos(),
            length,
            workers.stream().map(w -> w.tally).toList());
    List<Thread> threads = new ArrayList<>();
    boolean complete = false;
    try {
      for (Worker worker : workers) {
        Thread thread = new Thread(worker, "inferc-load-" + threads.size());
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
      ready.await();
      base = System.nanoTime() + LEAD_NANOS;
      go.countDown();
      watch(watch);
      complete = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.BENCHMARK);
    } finally {
      end(threads, complete);
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw failed(thrown);
    }
    return new LoadRun(
        callers.subject().name(),
        settings,
        startedAt,
        watch.observed(System.nanoTime() - base),
        samples(),
        failures.list());
  }

  /** Watches until the workers have ended or their time is up. */
  private void watch(RunWatch watch) throws InterruptedException {
    long deadline = base + length + settings.drainLimit().toNanos();
    long nextProgress = base;
    String task = "loading " + callers.subject().name() + " with " + settings.load();
    // At random moments: regular ones would meet a regular load always at the same point.
    long pause = glance();
    long meant = System.nanoTime() + pause;
    while (!ended.await(pause, TimeUnit.NANOSECONDS)) {
      cancellation.throwIfCancelled(Stage.BENCHMARK);
      if (failure.get() != null) {
        return;
      }
      long now = System.nanoTime();
      watch.look(now, base, now - meant);
      if (now - nextProgress >= 0) {
        nextProgress = now + PROGRESS_NANOS;
        long done = Math.max(0, Math.min(length, now - base));
        progress.onProgress(
            Stage.BENCHMARK,
            task,
            TimeUnit.NANOSECONDS.toMillis(done),
            TimeUnit.NANOSECONDS.toMillis(length));
      }
      if (watch.waiting(now - base - waitingLimit) > mostWaiting) {
        gaveUp = true;
        return;
      }
      if (now - deadline >= 0) {
        return;
      }
      pause = glance();
      meant = System.nanoTime() + pause;
    }
    if (failure.get() == null) {
      long millis = TimeUnit.NANOSECONDS.toMillis(length);
      progress.onProgress(Stage.BENCHMARK, task, millis, millis);
    }
  }

  private static long glance() {
    double gap = -Math.log1p(-ThreadLocalRandom.current().nextDouble()) * MEAN_GLANCE_NANOS;
    return Math.min(LONGEST_GLANCE_NANOS, (long) gap + 1);
  }

  /** Ends what still runs, and waits for it within a bound. */
  private void end(List<Thread> threads, boolean complete) {
    stopped = true;
    go.countDown();
    boolean interrupted = false;
    long deadline = System.nanoTime() + GRACE_NANOS;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
      // Not those that ended by themselves: a caller that is to go on must not find an interrupt.
      if (ended.getCount() > 0) {
        thread.interrupt();
      }
    }
    for (Thread thread : threads) {
      interrupted |= joinUntil(thread, deadline);
      if (thread.isAlive()) {
        LOG.warn(
            "{} of {} still waits for an answer, {} s after it was told to end.",
            thread.getName(),
            callers.subject().name(),
            TimeUnit.NANOSECONDS.toSeconds(GRACE_NANOS));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      if (complete) {
        throw new CancelledException(Stage.BENCHMARK);
      }
    }
  }

  /** Waits for a thread, be the one that waits interrupted or not, and tells whether it was. */
  private static boolean joinUntil(Thread thread, long deadline) {
    boolean interrupted = false;
    while (true) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      try {
        thread.join(Math.max(1, left));
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
  }

  private RuntimeException failed(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    // A caller's bad argument and what inferc throws say what to do already.
    if (thrown instanceof InfercException || thrown instanceof IllegalArgumentException) {
      return (RuntimeException) thrown;
    }
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to load "
            + callers.subject().name()
            + ", but asking it threw "
            + thrown
            + " instead of answering that the request failed.",
        "Look at the cause; a Subject.Caller answers with Answer.failed where one request fails.",
        thrown);
  }

  private InfercException tooMany(int count, long nanos) {
    return new InfercException(
        Stage.BENCHMARK,
        String.format(
            Locale.ROOT,
            "Tried to load %s with %s, but after %.1f s there were %,d requests, and this JVM's"
                + " heap keeps no more.",
            callers.subject().name(),
            settings.load(),
            nanos / 1e9,
            count),
        "Run for a shorter time, or raise the heap with -Xmx.");
  }

  private LoadSamples samples() {
    List<String> names = kinds.names();
    if (schedule != null) {
      LoadSamples.Builder builder = new LoadSamples.Builder(names, schedule.length);
      Columns rows = workers.get(0).rows;
      for (int i = 0; i < schedule.length; i++) {
        if (rows.state(i) == Columns.UNSENT) {
          builder.unsent(schedule[i]);
        } else {
          add(builder, rows, i);
        }
      }
      return builder.build();
    }
    LoadSamples.Builder builder =
        new LoadSamples.Builder(names, workers.stream().mapToInt(w -> w.count).sum());
    int[] next = new int[workers.size()];
    while (true) {
      int first = -1;
      for (int w = 0; w < next.length; w++) {
        if (next[w] < workers.get(w).count && (first < 0 || isBefore(w, first, next))) {
          first = w;
        }
      }
      if (first < 0) {
        return builder.build();
      }
      add(builder, workers.get(first).rows, next[first]++);
    }
  }

  private boolean isBefore(int a, int b, int[] next) {
    return workers.get(a).rows.intended(next[a]) - workers.get(b).rows.intended(next[b]) < 0;
  }

  private void add(LoadSamples.Builder builder, Columns rows, int row) {
    long intended = rows.intended(row) - base;
    long free = rows.ready(row) - base;
    long start = rows.start(row) - base;
    byte state = rows.state(row);
    if (state == Columns.SENT) {
      builder.unanswered(intended, free, start);
    } else {
      StreamTimes stream = rows.stream(row);
      builder.answered(
          intended,
          free,
          start,
          rows.end(row) - base,
          state,
          rows.kind(row),
          stream == null ? null : stream.since(base));
    }
  }

  /** Sends requests, one at a time. */
  private final class Worker implements Runnable {
    private final Callers.Slot slot;
    private final Columns rows;
    private final Tally tally = new Tally();
    private int count;

    Worker(Callers.Slot slot, Columns rows) {
      this.slot = slot;
      this.rows = rows;
    }

    @Override
    public void run() {
      Subject.Caller caller = null;
      try {
        caller = slot.enter();
        ready.countDown();
        go.await();
        if (!stopped && pacer.await(base) >= 0) {
          if (schedule == null) {
            closedLoop(caller);
          } else {
            openLoop(caller, schedule);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) {
        // What a request throws that was interrupted at the end of the run says nothing.
        if (!stopped) {
          failure.compareAndSet(null, e);
        }
      } finally {
        if (caller != null) {
          slot.leave();
        }
        ready.countDown();
        ended.countDown();
      }
    }

    private void openLoop(Subject.Caller caller, long[] due) {
      long free = base;
      while (!stopped) {
        int place = places.getAndIncrement();
        if (place >= due.length) {
          return;
        }
        Request request = requests.get(firstRequest + place);
        long intended = base + due[place];
        long spun = pacer.await(intended);
        if (spun < 0) {
          return;
        }
        tally.spun(spun);
        free = send(caller, request, place, intended, free);
      }
    }

    private void closedLoop(Subject.Caller caller) {
      long free = base;
      while (!stopped && free - base < length) {
        int place = places.getAndIncrement();
        if (place >= Schedules.mostRequests()) {
          throw tooMany(place, free - base);
        }
        Request request = requests.get(firstRequest + place);
        free = send(caller, request, count++, free, free);
      }
    }

    /** Returns when the worker was free again. */
    private long send(Subject.Caller caller, Request request, int row, long intended, long free) {
      // What a caller left of an interrupt would keep this thread from waiting.
      if (Thread.interrupted() && stopped) {
        return free;
      }
      long start = System.nanoTime();
      rows.sent(row, intended, free, start);
      Answer answer = caller.call(request);
      long end = System.nanoTime();
      if (stopped) {
        return end;
      }
      rows.answered(row, end, answer, kinds.number(request.kind()));
      if (answer.outcome() != Answer.Outcome.OK) {
        failures.add(answer);
      }
      tally.answered();
      return end;
    }
  }
}
