package io.inferc.tensor;

/**
 * What a {@link BufferPool} did so far.
 *
 * @param hits requests served from idle memory
 * @param misses requests that had to allocate
 * @param outstanding tensors handed out and not closed yet
 * @param bytesInUse bytes behind those tensors
 * @param bytesIdle bytes kept for the next requests
 * @param highWaterBytes the largest sum of bytes in use and idle there ever was
 * @param leaked tensors that became unreachable without being closed
 */
public record PoolStatistics(
    long hits,
    long misses,
    long outstanding,
    long bytesInUse,
    long bytesIdle,
    long highWaterBytes,
    long leaked) {}
