package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of a constant, whatever its name: type, sizes and bits. Two zeros of unlike sign are
 * not the same.
 */
public final class ConstantContent {
  /** Hashing all of a large model's weights would read its whole file. */
  private static final int HASHED = 256;

  private static final int KEPT_BYTES = 64 * 1024;
  private static final int PIECE = 64 * 1024;

  private final Initializer constant;
  private final DataType type;
  private final long[] dims;
  // What is small may be encoded anew each time it is asked for; what is large is not kept twice.
  private final @Nullable List<ByteBuffer> bytes;
  private final int hash;

  public ConstantContent(Initializer constant) {
    this.constant = constant;
    this.type = constant.type();
    this.dims = constant.dims();
    this.bytes =
        type != DataType.STRING && constant.byteSize() <= KEPT_BYTES ? constant.chunks() : null;
    this.hash = 31 * (31 * type.hashCode() + Arrays.hashCode(dims)) + sample();
  }

  public Initializer constant() {
    return constant;
  }

  private int sample() {
    if (type == DataType.STRING) {
      return constant.strings().hashCode();
    }
    return bytes != null ? sample(bytes) : constant.read(ConstantContent::sample);
  }

  private static int sample(List<ByteBuffer> chunks) {
    if (chunks.isEmpty()) {
      return 0;
    }
    ByteBuffer first = chunks.get(0);
    ByteBuffer last = chunks.get(chunks.size() - 1);
    int head = Math.min(HASHED, first.remaining());
    int tail = Math.min(HASHED, last.remaining());
    return 31 * first.slice(first.position(), head).hashCode()
        + last.slice(last.limit() - tail, tail).hashCode();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ConstantContent c
        && c.hash == hash
        && c.type == type
        && Arrays.equals(c.dims, dims)
        && (type == DataType.STRING
            ? c.constant.strings().equals(constant.strings())
            : c.constant.read(theirs -> constant.read(ours -> areEqual(theirs, ours))));
  }

  /**
   * In copies: the JVM's own comparison of buffers ends the process where a mapped file was cut
   * off.
   */
  private static boolean areEqual(List<ByteBuffer> one, List<ByteBuffer> other) {
    if (one.size() != other.size()) {
      return false;
    }
    byte[] left = new byte[PIECE];
    byte[] right = new byte[PIECE];
    for (int i = 0; i < one.size(); i++) {
      ByteBuffer a = one.get(i).duplicate();
      ByteBuffer b = other.get(i).duplicate();
      if (a.remaining() != b.remaining()) {
        return false;
      }
      while (a.hasRemaining()) {
        int length = Math.min(PIECE, a.remaining());
        a.get(left, 0, length);
        b.get(right, 0, length);
        if (!Arrays.equals(left, 0, length, right, 0, length)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
