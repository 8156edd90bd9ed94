package io.inferc.tensor;

import io.inferc.common.ResourceClosedException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Memory for tensors that is used again: closing a tensor gives its memory back to the pool.
 *
 * <pre>{@code
 * try (BufferPool pool = BufferPool.builder().maxBytes(256L << 20).build()) {
 *   try (Tensor ids = pool.acquire(DataType.INT64, 8, 128)) {
 *     ids.longs().put(0, tokens);
 *   }
 *   System.out.println(pool.statistics());
 * }
 * }</pre>
 *
 * <p><b>Size classes.</b> Memory comes aligned to 64 bytes, in sizes of 64 bytes and four to each
 * power of two above: 80, 96, 112, 128, 160, ... So rounding up adds less than a quarter, apart
 * from requests below 64 bytes. Requests beyond 1 GiB are allocated exactly and freed when their
 * tensor is closed.
 *
 * <p><b>The bound</b> counts memory in use and idle, in class sizes. Where a request does not fit,
 * idle memory of other classes is dropped, the largest first; if that is not enough the request is
 * refused at once. It never waits.
 *
 * <p><b>Debug mode.</b> Each tensor remembers where it was acquired, {@link #leaks()} shows it, and
 * closed memory is filled with {@link #POISON} and never handed out again: a raw view kept too long
 * reads poison, not another tensor's elements. Host memory is then freed once no view of it is
 * reachable. Other memory that Java can see is freed by its allocator, which knows of no views; it
 * is set aside (and counts as idle) until the bound needs it or the pool is closed.
 *
 * <p><b>Leaks.</b> A tensor that becomes unreachable without being closed is counted, logged as a
 * warning once (in debug mode once for each place), and taken out of the bound. Its memory is not
 * used again, for a raw view of it may still be reachable.
 *
 * <p>Thread-safe.
 */
public final class BufferPool implements AutoCloseable {
  /** What every byte of closed memory is set to in debug mode. */
  public static final byte POISON = (byte) 0xFD;

  private final PoolState state;
  private final Cleaner.Cleanable cleanable;

  private BufferPool(Builder b) {
    state = new PoolState(b.allocator, b.maxBytes, b.debug);
    cleanable = state.cleaner().register(this, state);
  }

  /**
   * Starts a pool of host memory without a bound of its own, not in debug mode.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes a tensor from the pool. Its content is undefined.
   *
   * @param type any type but {@link DataType#STRING}
   * @param shape the sizes, outermost first; none for a scalar
   * @return a tensor; closing it gives the memory back
   * @throws IllegalArgumentException if a size is negative or the type is text
   * @throws ResourceClosedException after close
   * @throws io.inferc.common.InfercException if the bound or the machine's memory is exhausted
   */
  public Tensor acquire(DataType type, long... shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    return acquireWithCapacity(type, type.byteSize(Shapes.elementCount(shape)), shape);
  }

  /**
   * Takes a tensor whose memory is larger than its shape asks, so that tensors of varying shapes
   * use the same memory one after the other: pass the size of the largest shape each time.
   *
   * @param type any type but {@link DataType#STRING}
   * @param capacityBytes how many bytes to reserve, at least what the shape asks
   * @param shape the sizes, outermost first; none for a scalar
   * @return a tensor of that shape; its {@link Tensor#storage()} holds at least the capacity
   * @throws IllegalArgumentException if a size is negative, the type is text, or the capacity is
   *     less than the shape asks
   * @throws ResourceClosedException after close
   * @throws io.inferc.common.InfercException if the bound or the machine's memory is exhausted
   */
  public Tensor acquireWithCapacity(DataType type, long capacityBytes, long... shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    long needed = type.byteSize(Shapes.elementCount(shape));
    if (capacityBytes < needed) {
      throw new IllegalArgumentException(
          "Tried to acquire a tensor "
              + type
              + Arrays.toString(shape)
              + " of "
              + needed
              + " bytes with a capacity of "
              + capacityBytes
              + " bytes. Pass the size of the largest shape, or a smaller shape.");
    }
    try {
      return state.acquire(type, capacityBytes, shape);
    } finally {
      // Or the cleaner might close the books of a pool whose last use this is.
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Returns what the pool did so far.
   *
   * @return figures of one moment
   */
  public PoolStatistics statistics() {
    return state.statistics();
  }

  /**
   * Lists the tensors that are not closed, in the order they were acquired. Where none should be,
   * these are leaks.
   *
   * @return one text for each: type, shape, bytes, and in debug mode the stack trace of its acquire
   */
  public List<String> leaks() {
    return state.outstanding().stream().map(BufferPool::describe).toList();
  }

  private static String describe(PooledStorage.Lease lease) {
    StringBuilder text = new StringBuilder(lease.asked());
    text.append(" of ").append(lease.bytes).append(" bytes");
    if (lease.site == null) {
      return text.append(", acquired at a place that only debug mode remembers").toString();
    }
    text.append(", ").append(lease.site.getMessage());
    for (StackTraceElement frame : lease.site.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    return text.toString();
  }

  /**
   * Frees idle memory, and from now on the memory of each tensor when it is closed; open tensors
   * can be used until then. Closing again does nothing.
   */
  @Override
  public void close() {
    state.close();
    cleanable.clean();
  }

  /** Builds a {@link BufferPool}. Not thread-safe. */
  public static final class Builder {
    private StorageAllocator allocator = StorageAllocator.host();
    private long maxBytes = Long.MAX_VALUE;
    private boolean debug;

    private Builder() {}

    /**
     * Sets where memory comes from; host memory without this.
     *
     * @param source the allocator, for example of a back end's pinned memory
     * @return this
     */
    public Builder allocator(StorageAllocator source) {
      allocator = Objects.requireNonNull(source, "source");
      return this;
    }

    /**
     * Bounds the memory in use and idle together; unbounded without this.
     *
     * @param bytes the limit in bytes, 1 or more
     * @return this
     * @throws IllegalArgumentException if the limit is not positive
     */
    public Builder maxBytes(long bytes) {
      if (bytes <= 0) {
        throw new IllegalArgumentException(
            "Tried to bound a buffer pool by " + bytes + " bytes; the limit must be 1 or more.");
      }
      maxBytes = bytes;
      return this;
    }

    /**
     * Turns debug mode on or off; off without this. It costs a stack trace for each tensor and
     * makes every request allocate.
     *
     * @param on true to look for leaks and stale views
     * @return this
     */
    public Builder debug(boolean on) {
      debug = on;
      return this;
    }

    /**
     * Finishes the pool.
     *
     * @return the pool, to be closed by the caller
     */
    public BufferPool build() {
      return new BufferPool(this);
    }
  }
}
