package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.WatchedMemory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.Test;

/** A port copies from and to addresses, whatever becomes of the tensors that they are of. */
class BoundMemoryTest {
  private final Port port =
      new Port(TensorSpec.of("x", DataType.FLOAT32, 4), 0, false, true, 16, "test a port");

  @Test
  void pinnedMemoryStaysAsLongAsAPortCopiesIt() throws InterruptedException {
    AtomicBoolean freed = new AtomicBoolean();
    try (BytePointer memory = new BytePointer(16)) {
      bind(new PinnedStorage(memory, 16, () -> freed.set(true)));
      assertFalse(becomesTrue(freed, 5), "the memory was freed");
      assertTrue(port.isCopied());

      port.bindOwn(new long[] {4});
      assertTrue(becomesTrue(freed, 200), "the memory stays");
    }
  }

  @Test
  void pinnedMemoryStaysAsLongAsAViewOfIt() throws InterruptedException {
    AtomicBoolean freed = new AtomicBoolean();
    try (BytePointer memory = new BytePointer(16)) {
      Object[] view = {new PinnedStorage(memory, 16, () -> freed.set(true)).hostBytes()};
      assertFalse(becomesTrue(freed, 5), "the memory was freed");
      view[0] = freed;
      assertTrue(becomesTrue(freed, 200), "the memory stays");
    }
  }

  @Test
  void ordinaryMemoryStaysAsLongAsAPortCopiesIt() throws InterruptedException {
    WatchedMemory memory = WatchedMemory.ofClosed(port::bind, 4);
    assertTrue(memory.isKept(), "the memory was freed");
    port.bindOwn(new long[] {4});
    assertTrue(memory.isFreed(), "the memory stays");
  }

  private void bind(PinnedStorage storage) {
    try (Tensor tensor = Tensor.over(storage, DataType.FLOAT32, 4)) {
      port.bind(tensor);
    }
  }

  private static boolean becomesTrue(AtomicBoolean freed, int collections)
      throws InterruptedException {
    return WatchedMemory.becomes(freed::get, collections);
  }
}
