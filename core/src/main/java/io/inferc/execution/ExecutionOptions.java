package io.inferc.execution;

import io.inferc.tensor.BufferPool;
import java.util.Optional;

/**
 * How requests are served.
 *
 * @param sessions how many sessions {@code run} and {@code runAsync} of a model may use at once, 1
 *     or more
 * @param bufferPool where input and output buffers come from; empty for a pool of the model's own
 */
public record ExecutionOptions(int sessions, Optional<BufferPool> bufferPool) {
  public ExecutionOptions {
    if (sessions < 1) {
      throw new IllegalArgumentException(
          "Tried to serve a model with " + sessions + " sessions; it takes at least 1.");
    }
  }

  /**
   * Returns one session per processor, 8 at most, and a pool of the model's own.
   *
   * @return the default options
   */
  public static ExecutionOptions defaults() {
    return new ExecutionOptions(
        Math.min(8, Runtime.getRuntime().availableProcessors()), Optional.empty());
  }
}
