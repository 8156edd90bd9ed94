package io.inferc.backend.tensorrt;

import io.inferc.common.internal.SharedCleaner;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.StorageAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;

/**
 * Host memory locked for a GPU. It is freed once no view of it can be reached any more, so that a
 * stale one never touches foreign memory.
 */
final class PinnedStorage implements Storage {
  private final ByteBuffer whole;
  private final BytePointer memory;
  private final long bytes;

  /**
   * Takes over memory.
   *
   * @param memory as many bytes at least
   * @param bytes how many of them the storage has
   * @param free frees the memory; it must not hold the storage
   */
  PinnedStorage(BytePointer memory, long bytes, Runnable free) {
    this.memory = memory;
    this.bytes = bytes;
    whole = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    SharedCleaner.get().register(whole, free);
  }

  private static PinnedStorage allocate(int device, long bytes) {
    // The view that Java has of it ends at 2 GB, and so do the buffers of a tensor.
    long most = Math.min(Math.max(1, bytes), Integer.MAX_VALUE);
    BytePointer memory =
        Cuda.allocatePinned(
            device, most, "allocate " + bytes + " bytes of pinned memory for cuda:" + device);
    return new PinnedStorage(memory, bytes, () -> cudart.cudaFreeHost(memory));
  }

  static StorageAllocator allocator(int device) {
    return new StorageAllocator() {
      @Override
      public MemoryKind memoryKind() {
        return MemoryKind.PINNED;
      }

      @Override
      public Storage allocate(long bytes) {
        if (bytes > Integer.MAX_VALUE) {
          throw new IllegalArgumentException(
              "Tried to allocate "
                  + bytes
                  + " bytes of pinned memory; one tensor takes up to 2 GB there. Use several"
                  + " tensors.");
        }
        return PinnedStorage.allocate(device, bytes);
      }
    };
  }

  BytePointer memory() {
    return memory;
  }

  @Override
  public MemoryKind memoryKind() {
    return MemoryKind.PINNED;
  }

  @Override
  public long byteSize() {
    return bytes;
  }

  @Override
  public ByteBuffer hostBytes() {
    return whole.slice(0, (int) bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void release() {
    // The views decide: see above.
  }
}
