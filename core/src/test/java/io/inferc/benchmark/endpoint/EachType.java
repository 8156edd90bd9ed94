package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tensors of each type of the protocol, with the ends of what the type holds. */
final class EachType {
  private EachType() {}

  /** A tensor of each type, and of odd shapes, by the name of its type. */
  static Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("BOOL", Tensor.of(new boolean[] {true, false}, 2));
    all.put("UINT8", Tensor.ofBytes(DataType.UINT8, new byte[] {0, -1, 127}, 3));
    all.put("INT8", Tensor.ofBytes(DataType.INT8, new byte[] {-128, 127, 0}, 1, 3));
    all.put("UINT16", shorts(DataType.UINT16, 0, 0xffff));
    all.put("INT16", shorts(DataType.INT16, Short.MIN_VALUE, Short.MAX_VALUE));
    all.put("FP16", shorts(DataType.FLOAT16, Half.toFloat16(-1.5f), 1, Half.toFloat16(65504)));
    all.put("BF16", shorts(DataType.BFLOAT16, Half.toBfloat16(3.0e38f), 0x8000));
    all.put("UINT32", words(DataType.UINT32, 0, -1));
    all.put("INT32", Tensor.of(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}, 2));
    all.put("UINT64", longs(DataType.UINT64, 0, -1, Long.MIN_VALUE));
    all.put("INT64", Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2));
    all.put("FP32", Tensor.of(new float[] {0.1f, -0f, Float.MAX_VALUE, Float.MIN_VALUE}, 2, 2));
    all.put("FP64", Tensor.of(new double[] {0.1, Double.MIN_VALUE, -Double.MAX_VALUE}, 3));
    all.put("BYTES", Tensor.ofStrings(List.of("", "größer \"x\"\n", "日本 😀"), 3));
    all.put("scalar", Tensor.of(new float[] {7}));
    all.put("empty", Tensor.of(new float[0], 0, 4));
    return all;
  }

  private static Tensor shorts(DataType type, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.nativeOrder());
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  private static Tensor words(DataType type, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
    for (int value : values) {
      bytes.putInt(value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  private static Tensor longs(DataType type, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.nativeOrder());
    for (long value : values) {
      bytes.putLong(value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) -> {
          Tensor other = actual.get(name);
          assertEquals(tensor.type(), other.type(), name);
          assertArrayEquals(tensor.shape(), other.shape(), name);
          if (tensor.type() == DataType.STRING) {
            assertEquals(tensor.strings(), other.strings());
          } else {
            assertEquals(tensor.bytes(), other.bytes(), name);
          }
        });
    actual.values().forEach(Tensor::close);
  }
}
