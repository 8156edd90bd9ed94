package io.inferc.tensor;

import java.nio.ByteBuffer;

/**
 * The memory behind a {@link Tensor}.
 *
 * <p>A back end implements this for memory of its own (pinned or on a device) and recognises it by
 * its class when a tensor comes back; no native handle appears in a signature. Implementations must
 * allow {@link #release()} from any thread.
 */
public interface Storage {
  /**
   * Returns where the memory is.
   *
   * @return the kind of memory
   */
  MemoryKind memoryKind();

  /**
   * Returns how many bytes may be used.
   *
   * @return the capacity in bytes
   */
  long byteSize();

  /**
   * Returns the memory as a direct buffer in native byte order, position 0 and limit {@link
   * #byteSize()}. The caller does not change its position.
   *
   * @return the bytes
   * @throws io.inferc.common.InfercException if the memory cannot be read by Java ({@link
   *     MemoryKind#DEVICE})
   */
  ByteBuffer hostBytes();

  /**
   * Returns the memory itself where this is a wrapper that only watches over its use, as that of a
   * {@link BufferPool} is. A back end recognises its own class on what this returns.
   *
   * @return the innermost memory; this, unless it is a wrapper
   */
  default Storage unwrap() {
    return this;
  }

  /**
   * Returns the same memory for a tensor that does not own it: closing that tensor leaves the
   * memory to its owner, who keeps it until then.
   *
   * @return a view of this memory whose release does nothing
   */
  default Storage borrowed() {
    return new BorrowedStorage(this);
  }

  /** Gives the memory back. Called exactly once, when the tensor that owns it is closed. */
  void release();
}
