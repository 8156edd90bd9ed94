package io.inferc.tensor;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Memory for tensors outside the Java heap, used again instead of freed: aligned to 64 bytes, in
 * size classes of which each power of two has four, and bounded.
 *
 * <pre>{@code
 * try (BufferPool pool = BufferPool.builder().maxBytes(256L << 20).build();
 *     Tensor x = pool.acquire(DataType.FLOAT32, 8, 128)) {
 *   x.floats().put(0, 1f);
 * }
 * }</pre>
 *
 * <p>{@link Tensor#close()} gives memory back. A tensor that became unreachable without being
 * closed is noticed, counted, logged, and its bytes no longer count towards the bound.
 *
 * <p><b>Debug mode.</b> Each tensor remembers where it was acquired, for {@link #leaks()} and the
 * log. On close its memory is overwritten with the byte {@value #POISON} (as a float that is
 * -4.2e37) and never used again: a stale view reads poison, not another tensor's data, and the
 * memory is freed once no view reaches it. It costs an allocation for every request.
 *
 * <p>Thread-safe.
 */
public final class BufferPool implements AutoCloseable {
  /** What debug mode overwrites memory with when it is given back. */
  public static final byte POISON = (byte) 0xFD;

  private final StorageAllocator allocator;
  private final long maxBytes;
  private final boolean debug;
  // Guarded by this: everything below. The lock is held for a few map operations only.
  private final TreeMap<Long, Deque<Storage>> idle = new TreeMap<>();
  private final Set<PooledStorage.Ticket> outstanding = new HashSet<>();
  private long hits;
  private long misses;
  private long bytesInUse;
  private long bytesIdle;
  private long highWaterBytes;
  private long leaked;
  private boolean closed;

  private BufferPool(Builder b) {
    allocator = b.allocator;
    maxBytes = b.maxBytes;
    debug = b.debug;
  }

  /**
   * Starts a pool of host memory without a bound of its own.
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
   * @param shape the sizes, outermost first
   * @return a tensor to be closed by the caller
   * @throws IllegalArgumentException if a size is negative or the type is text
   * @throws InfercException if the bound or the machine's memory is reached
   * @throws ResourceClosedException after close
   */
  public Tensor acquire(DataType type, long... shape) {
    long bytes = SizeClasses.roundUp(type.byteSize(Shapes.elementCount(shape)));
    PooledStorage storage = take(bytes);
    try {
      return Tensor.over(storage, type, shape);
    } catch (RuntimeException e) {
      storage.release();
      throw e;
    }
  }

  private PooledStorage take(long bytes) {
    Storage memory;
    synchronized (this) {
      if (closed) {
        throw new ResourceClosedException("take a tensor from a buffer pool", "the pool");
      }
      memory = pollIdle(bytes);
      if (memory == null) {
        reserve(bytes);
      }
    }
    if (memory == null) {
      memory = allocate(bytes);
    }
    PooledStorage storage = new PooledStorage(this, memory, bytes, debug);
    synchronized (this) {
      outstanding.add(storage.ticket());
    }
    return storage;
  }

  private @Nullable Storage pollIdle(long bytes) {
    Deque<Storage> sameClass = idle.get(bytes);
    if (sameClass == null) {
      misses++;
      return null;
    }
    Storage memory = sameClass.pollLast();
    if (sameClass.isEmpty()) {
      idle.remove(bytes);
    }
    hits++;
    bytesIdle -= bytes;
    bytesInUse += bytes;
    return memory;
  }

  /** Counts bytes about to be allocated, dropping idle memory of other classes to make room. */
  private void reserve(long bytes) {
    while (bytesInUse + bytesIdle + bytes > maxBytes && !idle.isEmpty()) {
      dropOneIdle(idle.lastKey());
    }
    if (bytesInUse + bytes > maxBytes) {
      throw new InfercException(
          Stage.RUN,
          "Tried to take "
              + bytes
              + " bytes from a buffer pool bounded at "
              + maxBytes
              + " bytes, of which "
              + bytesInUse
              + " are in use by "
              + outstanding.size()
              + " tensors.",
          "Close tensors that are no longer needed, or raise maxBytes; leaks() in debug mode names"
              + " where each was acquired.");
    }
    bytesInUse += bytes;
    highWaterBytes = Math.max(highWaterBytes, bytesInUse + bytesIdle);
  }

  private void dropOneIdle(long sizeClass) {
    Deque<Storage> deque = idle.get(sizeClass);
    if (deque == null) {
      return;
    }
    Storage memory = deque.removeLast();
    if (deque.isEmpty()) {
      idle.remove(sizeClass);
    }
    bytesIdle -= sizeClass;
    memory.release();
  }

  private Storage allocate(long bytes) {
    try {
      return allocator.allocate(bytes);
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        bytesInUse -= bytes;
      }
      throw e;
    }
  }

  /** Takes memory back from a closed tensor. */
  void giveBack(PooledStorage.Ticket ticket, Storage memory) {
    if (debug) {
      poison(memory);
    }
    boolean drop;
    synchronized (this) {
      if (!outstanding.remove(ticket)) {
        return;
      }
      bytesInUse -= ticket.bytes();
      drop = debug || closed;
      if (!drop) {
        bytesIdle += ticket.bytes();
        idle.computeIfAbsent(ticket.bytes(), c -> new ArrayDeque<>()).addLast(memory);
      }
    }
    if (drop) {
      memory.release();
    }
  }

  private static void poison(Storage memory) {
    if (memory.memoryKind() == MemoryKind.DEVICE) {
      return;
    }
    var bytes = memory.hostBytes();
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, POISON);
    }
  }

  /** Notes a tensor that became unreachable; returns false if it had been closed. */
  boolean noteLeak(PooledStorage.Ticket ticket, Storage memory) {
    synchronized (this) {
      if (!outstanding.remove(ticket)) {
        return false;
      }
      bytesInUse -= ticket.bytes();
      leaked++;
    }
    // A raw view may still reach the memory, so it is freed by its own rules and never used again.
    memory.release();
    return true;
  }

  /**
   * Returns what the pool did so far.
   *
   * @return a consistent snapshot
   */
  public synchronized PoolStatistics statistics() {
    return new PoolStatistics(
        hits, misses, outstanding.size(), bytesInUse, bytesIdle, highWaterBytes, leaked);
  }

  /**
   * Lists the tensors handed out and not closed yet.
   *
   * @return one text for each; in debug mode with the place it was acquired at
   */
  public synchronized List<String> leaks() {
    return outstanding.stream().map(PooledStorage.Ticket::describe).sorted().toList();
  }

  /** Frees idle memory now, and what is in use when it is given back. */
  @Override
  public void close() {
    Map<Long, Deque<Storage>> toFree;
    synchronized (this) {
      closed = true;
      toFree = new TreeMap<>(idle);
      idle.clear();
      bytesIdle = 0;
    }
    toFree.values().forEach(deque -> deque.forEach(Storage::release));
  }

  /** Builds a {@link BufferPool}. */
  public static final class Builder {
    private StorageAllocator allocator = StorageAllocator.host();
    private long maxBytes = Long.MAX_VALUE / 2;
    private boolean debug;

    private Builder() {}

    /**
     * Sets where memory comes from, by default {@link StorageAllocator#host()}.
     *
     * @param allocator the allocator
     * @return this
     */
    public Builder allocator(StorageAllocator allocator) {
      this.allocator = allocator;
      return this;
    }

    /**
     * Bounds the bytes in use and idle together.
     *
     * @param bytes the bound, more than 0
     * @return this
     * @throws IllegalArgumentException if it is not more than 0
     */
    public Builder maxBytes(long bytes) {
      if (bytes <= 0) {
        throw new IllegalArgumentException(
            "Tried to bound a buffer pool at " + bytes + " bytes; the bound must be more than 0.");
      }
      maxBytes = Math.min(bytes, Long.MAX_VALUE / 2);
      return this;
    }

    /**
     * Switches debug mode on or off.
     *
     * @param on true to remember allocation sites and poison memory that was given back
     * @return this
     */
    public Builder debug(boolean on) {
      debug = on;
      return this;
    }

    /**
     * Makes the pool.
     *
     * @return an empty pool
     */
    public BufferPool build() {
      return new BufferPool(this);
    }
  }
}
