package io.inferc.benchmark.endpoint;

import io.inferc.benchmark.load.Answer;
import java.io.Serial;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One request that failed, on its way to becoming an {@link Answer}. */
final class RequestFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What to do about a server that cannot be reached. */
  static final String REACH_IT =
      "Start the server, or correct the address; for TLS, give EndpointOptions.tls a context that"
          + " trusts its certificate.";

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

  /** An element of an output that its type does not hold. */
  static RequestFailure unfit() {
    return broken("an output has an element that its datatype does not hold");
  }

  static RequestFailure notReady() {
    return new RequestFailure(Answer.Outcome.FAILED, "the model is there, but not ready");
  }

  static RequestFailure refused(String detail) {
    return new RequestFailure(Answer.Outcome.REFUSED, detail);
  }

  /** No answer in the time allowed. */
  static RequestFailure timeout(Duration allowed) {
    return new RequestFailure(Answer.Outcome.TIMEOUT, "no whole answer within " + seconds(allowed));
  }

  /** An answer that has more than the options allow. */
  static RequestFailure tooLong(long limit) {
    return broken(
        "the answer has more than the "
            + limit
            + " bytes that EndpointOptions.maxAnswerBytes allows");
  }

  /**
   * What an exception, with its causes, says of a connection that was not made.
   *
   * @return null if it says nothing of that
   */
  static @Nullable RequestFailure noConnection(@Nullable Throwable thrown) {
    Throwable last = thrown;
    boolean refused = false;
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      last = t;
      if (t instanceof UnknownHostException || t instanceof UnresolvedAddressException) {
        return refused("no connection: the host's name is unknown");
      }
      if (t instanceof SSLException) {
        return refused("no connection by TLS: " + ErrorText.of(t));
      }
      refused |= t instanceof ConnectException || t instanceof NoRouteToHostException;
    }
    return refused && last != null ? refused("no connection: " + ErrorText.of(last)) : null;
  }

  static String seconds(Duration time) {
    long millis = time.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }

  /** The outcome and what is said of it, as a sentence's end. */
  String text() {
    return outcome + ": " + detail + ".";
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
