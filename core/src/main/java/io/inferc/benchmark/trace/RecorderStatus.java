package io.inferc.benchmark.trace;

import java.util.Objects;
import java.util.Optional;

/**
 * What a {@link TraceRecorder} has come to so far.
 *
 * @param written requests that are in files, up to the last flush
 * @param dropped requests that are not recorded because the queue was full, writing failed, or they
 *     ended after the recorder was closed
 * @param droppedPayloads requests that are recorded without the contents that were asked for: too
 *     many were waiting, they are too large for a file, or in the memory of a device
 * @param unshaped requests that are not recorded because the shape of an input could not be told,
 *     for example because it was missing
 * @param problem why recording has ended by itself; empty if it has not
 */
public record RecorderStatus(
    long written, long dropped, long droppedPayloads, long unshaped, Optional<String> problem) {
  public RecorderStatus {
    Objects.requireNonNull(problem, "problem");
  }
}
