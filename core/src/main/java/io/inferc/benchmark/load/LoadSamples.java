package io.inferc.benchmark.load;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What became of every request of a run, warm-up included, in the order in which they were meant to
 * start. Times are nanoseconds from the start of the run.
 *
 * <p>A request's latency has three parts, each of its own making: {@link #queueing} until a worker
 * was free, the generator's own {@link #lag}, and {@link #service}, from sending it until it was
 * answered. Immutable; takes some 40 bytes a request.
 */
public final class LoadSamples {
  private final List<String> kinds;
  private final long[] intended;
  private final long[] ready;
  private final long[] start;
  private final long[] end;
  private final byte[] state;
  private final int[] kind;
  private final @Nullable StreamTimes @Nullable [] streams;

  private LoadSamples(Builder builder) {
    int size = builder.size;
    kinds = builder.kinds;
    if (size != builder.state.length) {
      builder.resize(size);
    }
    intended = builder.intended;
    ready = builder.ready;
    start = builder.start;
    end = builder.end;
    state = builder.state;
    kind = builder.kind;
    streams = builder.streams;
  }

  /**
   * Returns how many requests there were, those never sent included.
   *
   * @return the number
   */
  public int size() {
    return state.length;
  }

  /**
   * Returns when a request was meant to start. In a closed loop that is when its client had its
   * last answer.
   *
   * @param index which request, from 0 on
   * @return nanoseconds from the start of the run
   */
  public long intended(int index) {
    return intended[index];
  }

  /**
   * Tells whether a request was sent: one that the run's end met in the queue was not.
   *
   * @param index which request
   * @return whether it was
   */
  public boolean isSent(int index) {
    return state[index] != Columns.UNSENT;
  }

  /**
   * Tells whether a request was answered before the run ended, be it by a failure.
   *
   * @param index which request
   * @return whether it was
   */
  public boolean isAnswered(int index) {
    return state[index] >= 0;
  }

  /**
   * Returns how a request ended.
   *
   * @param index which request
   * @return the outcome, or null if it was not answered before the run ended
   */
  public Answer.@Nullable Outcome outcome(int index) {
    return state[index] < 0 ? null : Columns.OUTCOMES.get(state[index]);
  }

  /**
   * Returns when a request was sent.
   *
   * @param index which request
   * @return nanoseconds from the start of the run
   * @throws IllegalArgumentException if it never was
   */
  public long start(int index) {
    if (!isSent(index)) {
      throw new IllegalArgumentException(
          "Tried to ask when request " + index + " was sent, which it never was; see isSent.");
    }
    return start[index];
  }

  /**
   * Returns when a request was answered.
   *
   * @param index which request
   * @return nanoseconds from the start of the run
   * @throws IllegalArgumentException if it was not before the run ended
   */
  public long end(int index) {
    if (!isAnswered(index)) {
      throw new IllegalArgumentException(
          "Tried to ask when request "
              + index
              + " was answered, which it was not; see isAnswered.");
    }
    return end[index];
  }

  /**
   * Returns how long a request took from the moment that it was meant to start.
   *
   * @param index which request
   * @return nanoseconds
   * @throws IllegalArgumentException if it was not answered before the run ended
   */
  public long latency(int index) {
    return end(index) - intended[index];
  }

  /**
   * Returns how long a request waited because all workers were busy; always 0 in a closed loop.
   *
   * @param index which request
   * @return nanoseconds
   * @throws IllegalArgumentException if it was never sent
   */
  public long queueing(int index) {
    start(index);
    return Math.max(0, ready[index] - intended[index]);
  }

  /**
   * Returns how late the generator itself was: from the moment that a request was due and a worker
   * free, until it was sent.
   *
   * @param index which request
   * @return nanoseconds
   * @throws IllegalArgumentException if it was never sent
   */
  public long lag(int index) {
    return start(index) - Math.max(ready[index], intended[index]);
  }

  /**
   * Returns how long the subject took.
   *
   * @param index which request
   * @return nanoseconds
   * @throws IllegalArgumentException if it was not answered before the run ended
   */
  public long service(int index) {
    return end(index) - start[index];
  }

  /**
   * Returns the group that a request is counted in.
   *
   * @param index which request
   * @return the kind, empty if it was not answered
   */
  public String kind(int index) {
    return isAnswered(index) ? kinds.get(kind[index]) : "";
  }

  /**
   * Returns all kinds that were answered.
   *
   * @return the kinds
   */
  public List<String> kinds() {
    return kinds;
  }

  /**
   * Returns when the parts of an answer came that came in parts.
   *
   * @param index which request
   * @return the times, in nanoseconds from the start of the run, or null
   */
  public @Nullable StreamTimes stream(int index) {
    Objects.checkIndex(index, size());
    return streams == null ? null : streams[index];
  }

  long ready(int index) {
    return ready[index];
  }

  byte state(int index) {
    return state[index];
  }

  int kindNumber(int index) {
    return kind[index];
  }

  /** Returns for example {@code 12000 requests, 11998 answered}. */
  @Override
  public String toString() {
    int answered = 0;
    for (byte s : state) {
      answered += s >= 0 ? 1 : 0;
    }
    return size() + " requests, " + answered + " answered";
  }

  /** Collects rows, for samples to be made of once. */
  static final class Builder {
    private final List<String> kinds;
    private long[] intended;
    private long[] ready;
    private long[] start;
    private long[] end;
    private byte[] state;
    private int[] kind;
    private @Nullable StreamTimes @Nullable [] streams;
    private int size;

    Builder(List<String> kinds, int capacity) {
      this.kinds = List.copyOf(kinds);
      intended = new long[capacity];
      ready = new long[capacity];
      start = new long[capacity];
      end = new long[capacity];
      state = new byte[capacity];
      kind = new int[capacity];
    }

    void unsent(long intendedAt) {
      add(intendedAt, 0, 0, Columns.UNSENT);
    }

    void unanswered(long intendedAt, long readyAt, long startAt) {
      add(intendedAt, readyAt, startAt, Columns.SENT);
    }

    void answered(
        long intendedAt,
        long readyAt,
        long startAt,
        long endAt,
        int outcome,
        int kindNumber,
        @Nullable StreamTimes stream) {
      add(intendedAt, readyAt, startAt, (byte) outcome);
      end[size - 1] = endAt;
      kind[size - 1] = kindNumber;
      if (stream != null) {
        @Nullable StreamTimes[] kept = streams;
        if (kept == null) {
          kept = new @Nullable StreamTimes[state.length];
          streams = kept;
        }
        kept[size - 1] = stream;
      }
    }

    private void add(long intendedAt, long readyAt, long startAt, byte stateNow) {
      if (size == state.length) {
        resize(size + size / 2 + 16);
      }
      intended[size] = intendedAt;
      ready[size] = readyAt;
      start[size] = startAt;
      state[size] = stateNow;
      size++;
    }

    private void resize(int capacity) {
      intended = Arrays.copyOf(intended, capacity);
      ready = Arrays.copyOf(ready, capacity);
      start = Arrays.copyOf(start, capacity);
      end = Arrays.copyOf(end, capacity);
      state = Arrays.copyOf(state, capacity);
      kind = Arrays.copyOf(kind, capacity);
      @Nullable StreamTimes[] kept = streams;
      streams = kept == null ? null : Arrays.copyOf(kept, capacity);
    }

    LoadSamples build() {
      return new LoadSamples(this);
    }
  }
}
