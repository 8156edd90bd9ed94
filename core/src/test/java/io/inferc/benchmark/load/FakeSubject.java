package io.inferc.benchmark.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;

/** A subject that answers as told by the place of a request, and counts its callers. */
final class FakeSubject implements Subject {
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  final AtomicInteger inside = new AtomicInteger();
  final AtomicInteger mostInside = new AtomicInteger();
  final List<Long> asked = Collections.synchronizedList(new ArrayList<>());
  private final LongFunction<Answer> answers;

  FakeSubject(LongFunction<Answer> answers) {
    this.answers = answers;
  }

  /** Requests that carry their place. */
  static Requests numbered() {
    return index -> new PromptRequest("kind " + index % 2, Long.toString(index), 1);
  }

  /** Sleeps, without a word about interrupts. */
  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Caller newCaller() {
    opened.incrementAndGet();
    return new Caller() {
      private boolean isClosed;

      @Override
      public Answer call(Request request) {
        if (isClosed) {
          throw new IllegalStateException("asked after close");
        }
        mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
        try {
          long place = Long.parseLong(((PromptRequest) request).prompt());
          asked.add(place);
          return answers.apply(place);
        } finally {
          inside.decrementAndGet();
        }
      }

      @Override
      public void close() {
        if (!isClosed) {
          isClosed = true;
          closed.incrementAndGet();
        }
      }
    };
  }
}
