package io.inferc.tensor;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.common.internal.SharedCleaner;
import io.inferc.tensor.PooledStorage.Lease;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The books of a {@link BufferPool}, apart from it so that tensors on loan do not keep the pool
 * itself reachable.
 *
 * <p>One lock guards the books and is held for a few instructions where memory is used again.
 * Memory is allocated and filled outside it, but freed (which is rare) inside: bytes are booked
 * before they are allocated and struck off when they are free, so the bound holds at any moment.
 */
final class PoolState implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(BufferPool.class);

  private final StorageAllocator allocator;
  private final long maxBytes;
  private final boolean debug;
  private final boolean freedWhenUnreachable;
  private final Cleaner cleaner = SharedCleaner.get();

  private final Object lock = new Object();
  private final List<Deque<Storage>> idle = new ArrayList<>();
  private final Deque<Aside> aside = new ArrayDeque<>();
  private final Set<Lease> leases = new LinkedHashSet<>();
  private final Set<Object> warned = new HashSet<>();
  private boolean closed;
  private long hits;
  private long misses;
  private long bytesInUse;
  private long bytesIdle;
  private long highWaterBytes;
  private long leaked;

  /** Memory that must not be used again, because a raw view may still look at it. */
  private record Aside(Storage memory, long bytes) {}

  PoolState(StorageAllocator allocator, long maxBytes, boolean debug) {
    this.allocator = allocator;
    this.maxBytes = maxBytes;
    this.debug = debug;
    this.freedWhenUnreachable = allocator == StorageAllocator.host();
    for (int i = 0; i < SizeClasses.COUNT; i++) {
      idle.add(new ArrayDeque<>());
    }
  }

  Cleaner cleaner() {
    return cleaner;
  }

  Tensor acquire(DataType type, long capacity, long[] shape) {
    long bytes = SizeClasses.sizeFor(capacity);
    Storage memory = take(capacity, bytes);
    if (memory == null) {
      memory = allocateBooked(bytes);
    }
    Throwable site = debug ? new Throwable("acquired on " + Thread.currentThread()) : null;
    Lease lease = new Lease(this, memory, bytes, type, shape, site);
    synchronized (lock) {
      leases.add(lease);
      // Here and not where the bytes are booked: an allocation that fails was never in use.
      highWaterBytes = Math.max(highWaterBytes, bytesInUse);
    }
    PooledStorage storage = new PooledStorage(lease, cleaner);
    try {
      return Tensor.over(storage, type, shape);
    } catch (IllegalArgumentException e) {
      // An allocator that gave less than was asked for.
      storage.release();
      throw e;
    }
  }

  /** Books the bytes as in use; returns idle memory, or null if the caller shall allocate. */
  private @Nullable Storage take(long asked, long bytes) {
    Storage found = null;
    synchronized (lock) {
      if (closed) {
        throw new ResourceClosedException(
            "acquire a tensor of " + asked + " bytes", "the buffer pool");
      }
      int index = SizeClasses.indexOf(bytes);
      if (index != SizeClasses.NONE) {
        found = idle.get(index).pollLast();
      }
      if (found != null) {
        hits++;
        bytesIdle -= bytes;
      } else {
        // bytesInUse never exceeds maxBytes, so neither difference can overflow.
        if (bytes > maxBytes - bytesInUse) {
          throw exhausted(asked, bytes);
        }
        drop(bytes - (maxBytes - bytesInUse - bytesIdle));
        misses++;
      }
      bytesInUse += bytes;
    }
    return found;
  }

  private Storage allocateBooked(long bytes) {
    Storage memory = null;
    try {
      try {
        memory = allocator.allocate(bytes);
      } catch (InfercException e) {
        // The machine's limit came before the pool's: what lies idle may be what is missing.
        if (!dropAllIdle()) {
          throw e;
        }
        memory = allocator.allocate(bytes);
      }
      return memory;
    } finally {
      if (memory == null) {
        synchronized (lock) {
          misses--;
          bytesInUse -= bytes;
        }
      }
    }
  }

  /** Takes memory back from a tensor that was closed. */
  void giveBack(Lease lease) {
    boolean visible = lease.memory.memoryKind() != MemoryKind.DEVICE;
    if (debug && visible) {
      poison(lease.memory.hostBytes());
    }
    int index = SizeClasses.indexOf(lease.bytes);
    synchronized (lock) {
      end(lease);
      boolean free = closed || debug || index == SizeClasses.NONE;
      if (debug && visible && !freedWhenUnreachable && !closed) {
        setAside(lease);
      } else if (free) {
        lease.memory.release();
      } else {
        idle.get(index).addLast(lease.memory);
        bytesIdle += lease.bytes;
      }
    }
  }

  /** Takes memory back from a tensor that nobody can reach, though a raw view of it may live on. */
  void lost(Lease lease) {
    boolean warn;
    synchronized (lock) {
      end(lease);
      leaked++;
      warn = warned.add(lease.site == null ? "" : List.of(lease.site.getStackTrace()));
      if (freedWhenUnreachable || closed || lease.memory.memoryKind() == MemoryKind.DEVICE) {
        lease.memory.release();
      } else {
        setAside(lease);
      }
    }
    if (warn && lease.site != null) {
      LOG.warn(
          "A pooled tensor {} of {} bytes was never closed. Close it, for example with"
              + " try-with-resources, where it was acquired:",
          lease.asked(),
          lease.bytes,
          lease.site);
    } else if (warn) {
      LOG.warn(
          "A pooled tensor {} of {} bytes was never closed. Close it, for example with"
              + " try-with-resources; BufferPool.builder().debug(true) tells where it was acquired."
              + " Further ones are only counted.",
          lease.asked(),
          lease.bytes);
    }
  }

  private static void poison(ByteBuffer memory) {
    byte[] chunk = new byte[Math.min(memory.capacity(), 8192)];
    Arrays.fill(chunk, BufferPool.POISON);
    for (int at = 0; at < memory.capacity(); at += chunk.length) {
      memory.put(at, chunk, 0, Math.min(chunk.length, memory.capacity() - at));
    }
  }

  private void end(Lease lease) {
    leases.remove(lease);
    bytesInUse -= lease.bytes;
  }

  private void setAside(Lease lease) {
    aside.addLast(new Aside(lease.memory, lease.bytes));
    bytesIdle += lease.bytes;
  }

  /** Drops idle memory, the largest first, until so many bytes are free. Needs the lock. */
  private void drop(long bytes) {
    long missing = bytes;
    for (int i = idle.size() - 1; i >= 0 && missing > 0; i--) {
      Deque<Storage> sameSize = idle.get(i);
      long size = SizeClasses.sizeAt(i);
      while (missing > 0 && !sameSize.isEmpty()) {
        sameSize.removeFirst().release();
        bytesIdle -= size;
        missing -= size;
      }
    }
    while (missing > 0 && !aside.isEmpty()) {
      Aside oldest = aside.removeFirst();
      oldest.memory().release();
      bytesIdle -= oldest.bytes();
      missing -= oldest.bytes();
    }
  }

  private boolean dropAllIdle() {
    synchronized (lock) {
      boolean any = bytesIdle > 0;
      drop(Long.MAX_VALUE);
      return any;
    }
  }

  private InfercException exhausted(long asked, long bytes) {
    return new InfercException(
        Stage.RUN,
        "Tried to acquire a tensor of "
            + asked
            + " bytes ("
            + bytes
            + " in its size class), but "
            + bytesInUse
            + " bytes of the pool's limit of "
            + maxBytes
            + " are in use by "
            + leases.size()
            + " tensors, and dropping the "
            + bytesIdle
            + " idle bytes would not be enough.",
        "Close tensors that are no longer needed (BufferPool.leaks() lists those that are open),"
            + " make the shape profile's maximum smaller, or raise maxBytes.");
  }

  PoolStatistics statistics() {
    synchronized (lock) {
      return new PoolStatistics(
          hits, misses, leases.size(), bytesInUse, bytesIdle, highWaterBytes, leaked);
    }
  }

  List<Lease> outstanding() {
    synchronized (lock) {
      return List.copyOf(leases);
    }
  }

  void close() {
    synchronized (lock) {
      closed = true;
    }
    dropAllIdle();
  }

  /** The cleaner's call: the pool is unreachable. */
  @Override
  public void run() {
    PoolStatistics last = statistics();
    close();
    if (last.bytesIdle() > 0) {
      LOG.warn(
          "A buffer pool was never closed; its {} idle bytes are freed now. Close it when its last"
              + " user is done.",
          last.bytesIdle());
    }
  }
}
