package io.inferc.tensor;

/**
 * What a {@link BufferPool} did so far; all of one moment. Bytes are those of the size classes, so
 * they include what rounding up adds.
 *
 * @param hits how often a tensor was served from memory that was already there
 * @param misses how often memory had to be allocated
 * @param outstanding how many tensors are not closed
 * @param bytesInUse bytes behind tensors that are not closed
 * @param bytesIdle bytes kept without a tensor: for the next one, or, where a raw view may still
 *     look at them, set aside
 * @param highWaterBytes the most bytes that were in use at once
 * @param leaked how many tensors became unreachable without being closed
 */
public record PoolStatistics(
    long hits,
    long misses,
    long outstanding,
    long bytesInUse,
    long bytesIdle,
    long highWaterBytes,
    long leaked) {
  /**
   * Returns the share of requests that needed no new memory.
   *
   * @return from 0 to 1; 0 before the first request
   */
  public double hitRate() {
    return hits == 0 ? 0 : (double) hits / (hits + misses);
  }
}
