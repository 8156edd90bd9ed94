package io.inferc.examples;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Request;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import java.util.concurrent.locks.LockSupport;

/**
 * A subject that takes as long for each request as a table says, and notes how long it really was,
 * by a clock of its own.
 */
final class TimedSubject implements Subject {
  /** Systems wake threads late by about that. */
  private static final long SPIN_NANOS = 150_000;

  private final String name;
  private final long[] times;
  private final long[] taken;
  private final boolean working;

  /**
   * Makes a subject.
   *
   * @param name what reports call it
   * @param times nanoseconds for each request
   * @param working whether it keeps a processor busy for all of the time, as a model does, or only
   *     waits, as for a server
   */
  TimedSubject(String name, long[] times, boolean working) {
    this.name = name;
    this.times = times;
    this.taken = new long[times.length];
    this.working = working;
  }

  /** Requests that carry their place. */
  static Requests requests(int count) {
    Request[] all = new Request[count];
    for (int i = 0; i < count; i++) {
      all[i] = new PromptRequest("request", Integer.toString(i), 1);
    }
    return index -> all[(int) (index % count)];
  }

  /** How long a request took; 0 if it did not come. */
  long taken(int place) {
    return taken[place];
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Caller newCaller() {
    return new Caller() {
      @Override
      public Answer call(Request request) {
        long begin = System.nanoTime();
        int place = Integer.parseInt(((PromptRequest) request).prompt());
        long end = begin + times[place];
        long now = begin;
        while (now - end < 0) {
          if (!working && end - now > SPIN_NANOS) {
            LockSupport.parkNanos(end - now - SPIN_NANOS);
          } else {
            Thread.onSpinWait();
          }
          now = System.nanoTime();
        }
        taken[place] = now - begin;
        return Answer.ok();
      }

      @Override
      public void close() {}
    };
  }
}
