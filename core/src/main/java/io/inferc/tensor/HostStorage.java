package io.inferc.tensor;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Direct memory, freed by the garbage collector once no view of it is reachable. */
final class HostStorage implements Storage {
  static final int ALIGNMENT = 64;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 4 * ALIGNMENT;

  static final StorageAllocator ALLOCATOR =
      new StorageAllocator() {
        @Override
        public MemoryKind memoryKind() {
          return MemoryKind.HOST;
        }

        @Override
        public Storage allocate(long bytes) {
          return HostStorage.allocate(bytes);
        }
      };

  private final ByteBuffer bytes;

  HostStorage(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static HostStorage allocate(long bytes) {
    if (bytes > MAX_BYTES) {
      throw new InfercException(
          Stage.RUN,
          "Tried to allocate a host tensor of "
              + bytes
              + " bytes, but one buffer ends at "
              + MAX_BYTES
              + " bytes.",
          "Split the batch; weights beyond that size stay in the model's external data, which has"
              + " no such limit.");
    }
    try {
      // An aligned slice starts and ends at multiples of the alignment, so there is room for both.
      int whole = ((int) bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      ByteBuffer aligned = ByteBuffer.allocateDirect(whole + ALIGNMENT).alignedSlice(ALIGNMENT);
      return new HostStorage(aligned.slice(0, (int) bytes).order(ByteOrder.nativeOrder()));
    } catch (OutOfMemoryError e) {
      throw new InfercException(
          Stage.RUN,
          "Tried to allocate a host tensor of "
              + bytes
              + " bytes, but the JVM's limit for memory"
              + " outside the heap is reached ("
              + e.getMessage()
              + ").",
          "Close tensors that are no longer needed, make the shape profile's maximum smaller, or"
              + " raise -XX:MaxDirectMemorySize.",
          e);
    }
  }

  @Override
  public MemoryKind memoryKind() {
    return MemoryKind.HOST;
  }

  @Override
  public long byteSize() {
    return bytes.capacity();
  }

  @Override
  public ByteBuffer hostBytes() {
    return bytes;
  }

  @Override
  public void release() {
    // The collector frees the memory: freeing it here could pull it from under a stale view.
  }
}
