package io.inferc.testing;

import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.Tensor;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The memory of a tensor that was used and closed, which nobody holds but who uses it still. */
public final class WatchedMemory {
  private static final int MOST_COLLECTIONS = 200;

  private final WeakReference<ByteBuffer> memory;

  private WatchedMemory(ByteBuffer memory) {
    this.memory = new WeakReference<>(memory);
  }

  private record Watched(ByteBuffer memory) implements Storage {
    @Override
    public MemoryKind memoryKind() {
      return MemoryKind.HOST;
    }

    @Override
    public long byteSize() {
      return memory.capacity();
    }

    @Override
    public ByteBuffer hostBytes() {
      return memory.slice().order(ByteOrder.nativeOrder());
    }

    @Override
    public void release() {
      // The collector frees it.
    }
  }

  /**
   * Makes a tensor of 32-bit floats, lets it be used, and closes it.
   *
   * @param use binds it, for example
   * @param shape its shape
   * @return its memory
   */
  public static WatchedMemory ofClosed(Consumer<Tensor> use, long... shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    ByteBuffer memory = ByteBuffer.allocateDirect((int) elements * Float.BYTES);
    try (Tensor tensor = Tensor.over(new Watched(memory), DataType.FLOAT32, shape)) {
      use.accept(tensor);
    }
    return new WatchedMemory(memory);
  }

  /** Whether it is still there after a few collections. */
  public boolean isKept() throws InterruptedException {
    return !becomes(() -> memory.get() == null, 5);
  }

  /** Whether the collector frees it. */
  public boolean isFreed() throws InterruptedException {
    return becomes(() -> memory.get() == null, MOST_COLLECTIONS);
  }

  /**
   * Collects until something holds, or so many times.
   *
   * @param state what to wait for
   * @param collections how many times at most
   * @return whether it holds
   */
  public static boolean becomes(BooleanSupplier state, int collections)
      throws InterruptedException {
    for (int i = 0; i < collections && !state.getAsBoolean(); i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return state.getAsBoolean();
  }
}
