package io.inferc.tensor;

import io.inferc.common.ResourceClosedException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Memory on loan from a pool: goes back once, on release or when nobody can reach it any more. */
final class PooledStorage implements Storage {
  private final Lease lease;
  private final Cleaner.Cleanable cleanable;

  PooledStorage(Lease lease, Cleaner cleaner) {
    this.lease = lease;
    this.cleanable = cleaner.register(this, lease);
  }

  @Override
  public MemoryKind memoryKind() {
    return lease.memory.memoryKind();
  }

  @Override
  public long byteSize() {
    return lease.memory.byteSize();
  }

  @Override
  public ByteBuffer hostBytes() {
    checkHeld();
    return lease.memory.hostBytes();
  }

  @Override
  public Storage unwrap() {
    checkHeld();
    return lease.memory.unwrap();
  }

  @Override
  public void release() {
    if (lease.settle()) {
      // The lease is settled, so this only takes it off the cleaner's list.
      cleanable.clean();
      lease.pool.giveBack(lease);
    }
  }

  private void checkHeld() {
    if (lease.isSettled()) {
      throw new ResourceClosedException("use pooled memory", "the tensor " + lease.asked());
    }
  }

  /** One loan; knows nothing of the {@link PooledStorage}, which can thus become unreachable. */
  static final class Lease implements Runnable {
    final PoolState pool;
    final Storage memory;

    /** What the memory counts for in the pool's books. */
    final long bytes;

    final @Nullable Throwable site;
    private final DataType type;
    private final long[] shape;
    private final AtomicBoolean settled = new AtomicBoolean();

    Lease(
        PoolState pool,
        Storage memory,
        long bytes,
        DataType type,
        long[] shape,
        @Nullable Throwable site) {
      this.pool = pool;
      this.memory = memory;
      this.bytes = bytes;
      this.type = type;
      this.shape = shape.clone();
      this.site = site;
    }

    /** Ends the loan; true for the one caller who shall take the memory back. */
    boolean settle() {
      return settled.compareAndSet(false, true);
    }

    boolean isSettled() {
      return settled.get();
    }

    String asked() {
      return type + Arrays.toString(shape);
    }

    /** The cleaner's call: the tensor is unreachable. */
    @Override
    public void run() {
      if (settle()) {
        pool.lost(this);
      }
    }
  }
}
