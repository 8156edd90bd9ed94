package io.inferc.benchmark.endpoint;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Request;
import io.inferc.benchmark.load.Subject;
import io.inferc.common.ResourceClosedException;

/**
 * One caller of an endpoint: what fails becomes an answer that says so; requests of another kind
 * and calls after the end are refused.
 *
 * @param <R> the requests that the endpoint takes
 */
final class EndpointCaller<R extends Request> implements Subject.Caller {
  private final Subject endpoint;
  private final Class<R> kind;
  private final Asking<R> asking;
  private volatile boolean closed;

  EndpointCaller(Subject endpoint, Class<R> kind, Asking<R> asking) {
    this.endpoint = endpoint;
    this.kind = kind;
    this.asking = asking;
  }

  @Override
  public Answer call(Request request) {
    if (!kind.isInstance(request)) {
      throw new IllegalArgumentException(
          "Tried to ask "
              + ErrorText.line(endpoint.name())
              + " with a "
              + request.getClass().getSimpleName()
              + "; it takes requests of the kind "
              + kind.getSimpleName()
              + ".");
    }
    if (closed) {
      throw new ResourceClosedException("ask an endpoint", "the caller of " + endpoint.name());
    }
    try {
      return asking.ask(kind.cast(request));
    } catch (RequestFailure e) {
      return e.answer();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Asks once. */
  interface Asking<R> {
    Answer ask(R request) throws RequestFailure;
  }
}
