package io.inferc.benchmark.load;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** When the parts of an answer came that came in parts. */
public final class StreamTimes {
  private final long[] chunks;
  private final int tokens;

  private StreamTimes(long[] chunks, int tokens) {
    this.chunks = chunks;
    this.tokens = tokens;
  }

  /**
   * Makes the times of an answer.
   *
   * @param chunks when each part with content came, in nanoseconds of {@link System#nanoTime()}, in
   *     order; empty parts do not count
   * @param tokens how many tokens the whole answer has, as the server says, else one for each part
   * @return the times
   * @throws IllegalArgumentException if the number of tokens is negative
   */
  public static StreamTimes of(long[] chunks, int tokens) {
    Objects.requireNonNull(chunks, "chunks");
    if (tokens < 0) {
      throw new IllegalArgumentException("Tried to count " + tokens + " tokens; give 0 or more.");
    }
    return new StreamTimes(chunks.clone(), tokens);
  }

  /**
   * Returns when the parts came.
   *
   * @return a copy, in nanoseconds of {@link System#nanoTime()}
   */
  public long[] chunks() {
    return chunks.clone();
  }

  /**
   * Returns how long the answer is.
   *
   * @return the number of tokens
   */
  public int tokens() {
    return tokens;
  }

  /** The same times, counted from a moment. */
  StreamTimes since(long base) {
    return new StreamTimes(Arrays.stream(chunks).map(c -> c - base).toArray(), tokens);
  }

  int count() {
    return chunks.length;
  }

  long at(int index) {
    return chunks[index];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StreamTimes o && tokens == o.tokens && Arrays.equals(chunks, o.chunks);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(chunks) + tokens;
  }

  /** Returns for example {@code 12 parts, 12 tokens}. */
  @Override
  public String toString() {
    return chunks.length + " parts, " + tokens + " tokens";
  }
}
