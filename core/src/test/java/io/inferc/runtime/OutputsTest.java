package io.inferc.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutputsTest {
  @Test
  void isTheMapOfItsTensorsInOrder() {
    Map<String, Tensor> tensors = three();
    try (Outputs outputs = Outputs.of(tensors)) {
      assertEquals(List.of("z", "a", "m"), List.copyOf(outputs.keySet()));
      assertEquals(tensors, outputs);
      assertSame(tensors.get("a"), outputs.get("a"));
      assertSame(tensors.get("a"), outputs.tensor("a"));
      assertNull(outputs.get("x"));
      assertTrue(outputs.containsKey("m"));
      assertFalse(outputs.containsKey("x"));
    }
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    try (Outputs outputs = Outputs.of(three())) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> outputs.tensor("logits"));
      assertEquals(
          "Tried to read the output 'logits', but the outputs are [z, a, m]. Correct the name.",
          e.getMessage());
    }
  }

  @Test
  void closesEveryTensorAndTwiceDoesNoHarm() {
    List<Tensor> tensors = new ArrayList<>(three().values());
    Outputs outputs = Outputs.of(Map.of("0", tensors.get(0), "1", tensors.get(1)));
    tensors.get(1).close();
    outputs.close();
    outputs.close();
    assertTrue(tensors.get(0).isClosed());
    assertTrue(tensors.get(1).isClosed());
    assertFalse(tensors.get(2).isClosed());
    tensors.get(2).close();
  }

  @Test
  void oneThatFailsToCloseDoesNotKeepTheOthersOpen() {
    AtomicInteger released = new AtomicInteger();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : List.of("a", "b", "c")) {
      tensors.put(name, Tensor.over(new Failing(released), DataType.INT8, 4));
    }
    Outputs outputs = Outputs.of(tensors);
    InfercException e = assertThrows(InfercException.class, outputs::close);
    assertEquals(3, released.get());
    assertEquals(2, e.getSuppressed().length);
  }

  @Test
  void cannotBeChanged() {
    try (Outputs outputs = Outputs.of(three())) {
      Map<String, Tensor> map = outputs;
      assertThrows(UnsupportedOperationException.class, () -> map.remove("a"));
      assertThrows(UnsupportedOperationException.class, map::clear);
      assertThrows(
          UnsupportedOperationException.class, () -> map.replaceAll((name, tensor) -> tensor));
    }
  }

  @Test
  void valuesCloseWhatIsInThem() {
    Tensor inside = Tensor.of(new long[] {1, 2}, 2);
    Tensor single = Tensor.of(new long[] {3}, 1);
    try (OutputValues outputs =
        OutputValues.of(
            Map.of(
                "boxes", new Value.Sequence(List.of(new Value.Single(inside))),
                "scores", new Value.Single(single)))) {
      assertSame(single, ((Value.Single) outputs.value("scores")).tensor());
      assertThrows(IllegalArgumentException.class, () -> outputs.value("score"));
    }
    assertTrue(inside.isClosed());
    assertTrue(single.isClosed());
  }

  private static Map<String, Tensor> three() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z", Tensor.of(new float[] {1}, 1));
    tensors.put("a", Tensor.of(new float[] {2}, 1));
    tensors.put("m", Tensor.of(new float[] {3}, 1));
    return tensors;
  }

  /** Memory that a broken allocator does not take back. */
  private record Failing(AtomicInteger released) implements Storage {
    @Override
    public ByteBuffer hostBytes() {
      return ByteBuffer.allocateDirect(4);
    }

    @Override
    public long byteSize() {
      return 4;
    }

    @Override
    public MemoryKind memoryKind() {
      return MemoryKind.HOST;
    }

    @Override
    public void release() {
      released.incrementAndGet();
      throw new InfercException(Stage.RUN, "Tried to free memory, but that failed.", "Try again.");
    }
  }
}
