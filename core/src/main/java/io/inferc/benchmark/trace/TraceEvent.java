package io.inferc.benchmark.trace;

import java.util.Objects;

/**
 * One recorded request.
 *
 * @param offsetNanos when it began, in nanoseconds from the first request of the trace
 * @param durationNanos how long it took, in nanoseconds
 * @param shapes the shapes of its inputs
 * @param failed whether it ended with an exception
 * @param hasPayload whether the contents of its inputs were recorded
 */
public record TraceEvent(
    long offsetNanos,
    long durationNanos,
    RequestShapes shapes,
    boolean failed,
    boolean hasPayload) {
  public TraceEvent {
    Objects.requireNonNull(shapes, "shapes");
  }
}
