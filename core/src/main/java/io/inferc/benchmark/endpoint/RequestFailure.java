package io.inferc.benchmark.endpoint;

import io.inferc.benchmark.load.Answer;
import java.io.Serial;

/** One request that failed, on its way to becoming an {@link Answer}. */
final class RequestFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final Answer.Outcome outcome;
  private final String detail;

  // Thousands may fail in a run: a stack trace of each would weigh on what is measured.
  RequestFailure(Answer.Outcome outcome, String detail) {
    super(detail, null, false, false);
    this.outcome = outcome;
    this.detail = detail;
  }

  static RequestFailure broken(String detail) {
    return new RequestFailure(Answer.Outcome.BROKEN, detail);
  }

  Answer.Outcome outcome() {
    return outcome;
  }

  String detail() {
    return detail;
  }

  Answer answer() {
    return Answer.failed(outcome, detail);
  }
}
