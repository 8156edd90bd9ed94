package io.inferc.tensor;

import java.nio.ByteBuffer;

/** Memory that somebody else owns, and that outlives this use of it. */
record BorrowedStorage(Storage owned) implements Storage {
  @Override
  public MemoryKind memoryKind() {
    return owned.memoryKind();
  }

  @Override
  public long byteSize() {
    return owned.byteSize();
  }

  @Override
  public ByteBuffer hostBytes() {
    return owned.hostBytes();
  }

  @Override
  public Storage unwrap() {
    return owned.unwrap();
  }

  @Override
  public void release() {
    // The owner releases it.
  }
}
