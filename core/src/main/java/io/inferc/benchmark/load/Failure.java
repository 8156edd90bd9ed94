package io.inferc.benchmark.load;

import java.util.Objects;

/**
 * What was said of requests that failed in the same way.
 *
 * @param outcome how they ended
 * @param message what was said, cut where it is long
 * @param count how many of them there were, in the warm-up too
 */
public record Failure(Answer.Outcome outcome, String message, long count) {
  public Failure {
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(message, "message");
  }

  /** Returns for example {@code 12 × TIMEOUT: no answer within 5 s}. */
  @Override
  public String toString() {
    return count + " × " + outcome + ": " + message;
  }
}
