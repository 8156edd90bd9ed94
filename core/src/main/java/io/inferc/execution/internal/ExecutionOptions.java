package io.inferc.execution.internal;

import io.inferc.spi.BackendModel;
import io.inferc.tensor.BufferPool;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How requests are served.
 *
 * @param sessions how many sessions {@code run} and {@code runAsync} of a model may use at once, 1
 *     or more; empty for as many as the runtime likes, or one for each processor, 8 at most, where
 *     it does not say
 * @param bufferPool where input and output buffers come from; empty for a pool of the model's own
 */
public record ExecutionOptions(OptionalInt sessions, Optional<BufferPool> bufferPool) {
  private static final int MOST_BY_DEFAULT = 8;

  public ExecutionOptions {
    if (sessions.isPresent() && sessions.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "Tried to serve a model with " + sessions.getAsInt() + " sessions; it takes at least 1.");
    }
  }

  /**
   * Sets a number of sessions.
   *
   * @param sessions 1 or more
   * @param bufferPool where buffers come from; empty for a pool of the model's own
   * @throws IllegalArgumentException if it is less
   */
  public ExecutionOptions(int sessions, Optional<BufferPool> bufferPool) {
    this(OptionalInt.of(sessions), bufferPool);
  }

  /**
   * Returns as many sessions as the runtime likes, and a pool of the model's own.
   *
   * @return the default options
   */
  public static ExecutionOptions defaults() {
    return new ExecutionOptions(OptionalInt.empty(), Optional.empty());
  }

  /** The number of sessions for a model. */
  int sessionsFor(BackendModel model) {
    return sessions.orElseGet(
        () ->
            model
                .optimalSessions()
                .orElseGet(
                    () -> Math.min(MOST_BY_DEFAULT, Runtime.getRuntime().availableProcessors())));
  }
}
