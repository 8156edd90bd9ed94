package io.inferc.execution.internal;

import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one bound input or output: taken from the pool once, at the size of the profile's
 * maximum, and shown in whatever shape the current request has.
 */
final class Buffers {
  private final BufferPool pool;
  private final DataType type;
  private @Nullable Tensor memory;
  private @Nullable Tensor view;

  Buffers(BufferPool pool, DataType type) {
    this.pool = pool;
    this.type = type;
  }

  @Nullable Tensor current() {
    return view;
  }

  /** Shows the buffer in a shape; takes new memory only if it is larger than what there is. */
  Tensor show(long[] shape, long capacityBytes) {
    Tensor shown = view;
    if (shown != null && !shown.isClosed() && shown.hasShape(shape)) {
      return shown;
    }
    drop();
    Tensor held = memory;
    long needed = Math.max(capacityBytes, bytes(shape));
    if (held == null || held.byteSize() < bytes(shape)) {
      if (held != null) {
        memory = null;
        held.close();
      }
      held = pool.acquire(DataType.UINT8, Math.max(1, needed));
      memory = held;
    }
    shown = Tensor.over(held.storage().borrowed(), type, shape);
    view = shown;
    return shown;
  }

  private long bytes(long[] shape) {
    return bytes(type, shape);
  }

  /** How many bytes a tensor takes in a buffer: none for text, which lives on the heap. */
  static long bytes(DataType type, long[] shape) {
    if (type == DataType.STRING || Arrays.stream(shape).anyMatch(size -> size == 0)) {
      return 0;
    }
    return type.byteSize(Arrays.stream(shape).reduce(1, Math::multiplyExact));
  }

  /** Closes the current view, so that a stale use is refused instead of read. */
  void drop() {
    if (view != null) {
      view.close();
      view = null;
    }
  }

  void release() {
    drop();
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
