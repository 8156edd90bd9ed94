package io.inferc.benchmark.trace;

import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Copies of the contents of all inputs, in the model's order, as a block has them. */
final class Payload {
  private final byte[][] contents;
  private final long byteSize;

  private Payload(byte[][] contents, long byteSize) {
    this.contents = contents;
    this.byteSize = byteSize;
  }

  /** The contents of each input, which are not to be changed. */
  byte[][] contents() {
    return contents;
  }

  /** At least as many bytes as they take in a file. */
  long byteSize() {
    return byteSize;
  }

  /** Returns how many bytes the contents take in a file; -1 if they cannot be copied. */
  static long byteSize(List<TensorSpec> specs, Tensor[] inputs) {
    long bytes = 0;
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = inputs[i];
      if (input.type() != specs.get(i).type()
          || input.memoryKind() == MemoryKind.DEVICE
          || input.isClosed()) {
        return -1;
      }
      bytes += Integer.BYTES;
      if (input.type() == DataType.STRING) {
        for (String text : input.strings()) {
          bytes += Integer.BYTES + 3L * text.length();
        }
      } else {
        bytes += input.byteSize();
      }
    }
    return bytes;
  }

  /** Copies inputs whose {@link #byteSize(List, Tensor[])} was found. */
  static Payload copy(Tensor[] inputs, long byteSize) {
    byte[][] contents = new byte[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      contents[i] = copy(inputs[i]);
    }
    return new Payload(contents, byteSize);
  }

  private static byte[] copy(Tensor input) {
    if (input.type() == DataType.STRING) {
      return texts(input.strings());
    }
    ByteBuffer from = input.bytes();
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    return bytes;
  }

  private static byte[] texts(List<String> strings) {
    byte[][] encoded = new byte[strings.size()][];
    int bytes = 0;
    for (int i = 0; i < encoded.length; i++) {
      encoded[i] = strings.get(i).getBytes(StandardCharsets.UTF_8);
      bytes += Integer.BYTES + encoded[i].length;
    }
    byte[] all = new byte[bytes];
    ByteBuffer to = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] text : encoded) {
      to.putInt(text.length).put(text);
    }
    return all;
  }
}
