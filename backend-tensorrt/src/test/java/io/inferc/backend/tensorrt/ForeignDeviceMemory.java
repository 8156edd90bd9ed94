package io.inferc.backend.tensorrt;

import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import java.nio.ByteBuffer;

/** Says that it is on a device, and is no memory of this back end. */
record ForeignDeviceMemory(long byteSize) implements Storage {
  @Override
  public MemoryKind memoryKind() {
    return MemoryKind.DEVICE;
  }

  @Override
  public ByteBuffer hostBytes() {
    throw new IllegalStateException("nobody should read this");
  }

  @Override
  public void release() {
    // There is nothing to release.
  }
}
