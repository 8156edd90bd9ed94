package io.inferc.testing;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Random;

/** Tensors of every element type, with values that a runtime can pass through. */
final class ContractSamples {
  private ContractSamples() {}

  /** Any values of a type that one, in which the runtime may compute, can hold too. */
  static Tensor of(DataType type, DataType computed, int n) {
    if (computed != type) {
      return narrowSample(type, computed, n);
    }
    if (type == DataType.STRING) {
      return Tensor.ofStrings(List.of("", "a", "grün", "日本", "x y", "6"), n);
    }
    byte[] bytes = new byte[Math.toIntExact(type.byteSize(n))];
    new Random(7).nextBytes(bytes);
    if (type == DataType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return Tensor.ofBytes(type, bytes, n);
  }

  private static Tensor narrowSample(DataType type, DataType computed, int n) {
    Random random = new Random(7);
    Tensor sample = Tensor.allocate(type, n);
    for (int i = 0; i < n; i++) {
      if (type == DataType.FLOAT64) {
        sample.doubles().put(i, (float) random.nextGaussian());
        continue;
      }
      // Unsigned types share only the upper half of a signed one.
      long value = random.nextLong(1L << (computed.bitWidth() - 1));
      if (type.isSigned() && computed.isSigned() && i % 2 == 1) {
        value = -value - 1;
      }
      if (type.bitWidth() == 64) {
        sample.longs().put(i, value);
      } else {
        sample.ints().put(i, Math.toIntExact(value));
      }
    }
    return sample;
  }
}
