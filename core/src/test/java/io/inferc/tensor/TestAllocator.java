package io.inferc.tensor;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Memory of any kind that frees explicitly, counts what is live, and can run short. */
final class TestAllocator implements StorageAllocator {
  private final MemoryKind kind;
  private final long limit;
  final AtomicLong liveBytes = new AtomicLong();
  final AtomicInteger allocations = new AtomicInteger();
  final AtomicInteger releases = new AtomicInteger();

  TestAllocator(MemoryKind kind, long limit) {
    this.kind = kind;
    this.limit = limit;
  }

  @Override
  public MemoryKind memoryKind() {
    return kind;
  }

  @Override
  public Storage allocate(long bytes) {
    if (liveBytes.addAndGet(bytes) > limit) {
      liveBytes.addAndGet(-bytes);
      throw new InfercException(Stage.RUN, "The test memory is full.", "Free some.");
    }
    allocations.incrementAndGet();
    // Nobody can look into a device's memory, so there need not be any.
    long visible = kind == MemoryKind.DEVICE ? 0 : bytes;
    return new TestStorage(StorageAllocator.host().allocate(visible), bytes);
  }

  /** Its release is visible, and a second one is an error. */
  final class TestStorage implements Storage {
    private final Storage memory;
    private final long bytes;
    private boolean released;

    TestStorage(Storage memory, long bytes) {
      this.memory = memory;
      this.bytes = bytes;
    }

    @Override
    public MemoryKind memoryKind() {
      return kind;
    }

    @Override
    public long byteSize() {
      return bytes;
    }

    @Override
    public ByteBuffer hostBytes() {
      if (kind == MemoryKind.DEVICE) {
        throw new InfercException(Stage.RUN, "This memory is on a device.", "Copy it first.");
      }
      return memory.hostBytes();
    }

    @Override
    public synchronized void release() {
      if (released) {
        throw new IllegalStateException("Released a second time.");
      }
      released = true;
      releases.incrementAndGet();
      liveBytes.addAndGet(-bytes);
    }
  }
}
