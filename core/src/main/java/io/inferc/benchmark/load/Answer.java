package io.inferc.benchmark.load;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a request ended.
 *
 * @param outcome the kind of end
 * @param detail what was said of it, empty where all is well
 * @param stream when the parts of an answer came that came in parts, or null
 */
public record Answer(Outcome outcome, String detail, @Nullable StreamTimes stream) {
  private static final Answer OK = new Answer(Outcome.OK, "", null);

  /** The kinds of end. */
  public enum Outcome {
    /** Answered. */
    OK,
    /** No connection, or one that was refused. */
    REFUSED,
    /** No answer in the time allowed. */
    TIMEOUT,
    /** An answer that says that it failed: an error status, an exception of a model's. */
    FAILED,
    /** An answer that broke off or cannot be read. */
    BROKEN
  }

  public Answer {
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(detail, "detail");
  }

  /**
   * Returns the answer of a request that was answered at once; always the same object.
   *
   * @return an answer without details
   */
  public static Answer ok() {
    return OK;
  }

  /**
   * Returns the answer of a request that was answered in parts.
   *
   * @param stream when they came
   * @return the answer
   */
  public static Answer ok(StreamTimes stream) {
    return new Answer(Outcome.OK, "", Objects.requireNonNull(stream, "stream"));
  }

  /**
   * Returns the answer of a request that failed.
   *
   * @param outcome the kind of end, not {@link Outcome#OK}
   * @param detail what was said of it
   * @return the answer
   * @throws IllegalArgumentException if the outcome is none of failure
   */
  public static Answer failed(Outcome outcome, String detail) {
    Objects.requireNonNull(detail, "detail");
    if (outcome == Outcome.OK) {
      throw new IllegalArgumentException(
          "Tried to make a failed answer of the outcome OK; choose what kind of failure it is.");
    }
    return new Answer(outcome, detail, null);
  }
}
