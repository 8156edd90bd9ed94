package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.StorageAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;

/** Memory of a GPU. */
final class DeviceStorage implements Storage {
  private final int device;
  private final long bytes;
  private final Pointer memory;
  private final AtomicBoolean released = new AtomicBoolean();

  private DeviceStorage(int device, long bytes) {
    this.device = device;
    this.bytes = bytes;
    memory = Cuda.allocateDevice(device, bytes, "allocate " + bytes + " bytes on cuda:" + device);
  }

  static StorageAllocator allocator(int device) {
    return new StorageAllocator() {
      @Override
      public MemoryKind memoryKind() {
        return MemoryKind.DEVICE;
      }

      @Override
      public Storage allocate(long bytes) {
        return new DeviceStorage(device, bytes);
      }
    };
  }

  int device() {
    return device;
  }

  Pointer memory() {
    return memory;
  }

  @Override
  public MemoryKind memoryKind() {
    return MemoryKind.DEVICE;
  }

  @Override
  public long byteSize() {
    return bytes;
  }

  @Override
  public ByteBuffer hostBytes() {
    throw new InfercException(
        Stage.RUN,
        "Tried to read memory of cuda:" + device + " from Java, which needs a copy.",
        "Bind a tensor in host or pinned memory to that output, or copy with DeviceCopies.");
  }

  @Override
  public void release() {
    if (released.compareAndSet(false, true)) {
      Cuda.use(device, "free device memory");
      cudart.cudaFree(memory);
    }
  }
}
