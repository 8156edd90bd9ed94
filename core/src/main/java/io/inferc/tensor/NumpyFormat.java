package io.inferc.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One array in NumPy's file format: a magic number, a version, and a header that is the text of a
 * Python dictionary with the element type, the order and the shape; then the elements.
 */
final class NumpyFormat {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;
  private static final int PART = 1 << 16;
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");
  private static final Map<String, DataType> TYPES =
      Map.ofEntries(
          Map.entry("f2", DataType.FLOAT16),
          Map.entry("f4", DataType.FLOAT32),
          Map.entry("f8", DataType.FLOAT64),
          Map.entry("i1", DataType.INT8),
          Map.entry("i2", DataType.INT16),
          Map.entry("i4", DataType.INT32),
          Map.entry("i8", DataType.INT64),
          Map.entry("u1", DataType.UINT8),
          Map.entry("u2", DataType.UINT16),
          Map.entry("u4", DataType.UINT32),
          Map.entry("u8", DataType.UINT64),
          Map.entry("b1", DataType.BOOL));

  private final InputStream in;
  private long left;

  private NumpyFormat(InputStream in, long length) {
    this.in = in;
    left = length;
  }

  /** Reads an array that ends where the stream does, {@code length} bytes on. */
  static Tensor read(InputStream in, long length) throws IOException {
    return new NumpyFormat(in, length).array();
  }

  private Tensor array() throws IOException {
    if (!Arrays.equals(bytes(MAGIC.length), MAGIC)) {
      throw new IOException("it does not begin like a .npy file");
    }
    String header = header();
    String type = find(TYPE, header).orElseThrow(() -> missing("descr", header));
    String order = find(ORDER, header).orElseThrow(() -> missing("fortran_order", header));
    String shape = find(SHAPE, header).orElseThrow(() -> missing("shape", header));
    long[] sizes = sizes(shape);
    if (order.equals("True") && sizes.length > 1) {
      throw new IOException("its elements are in column-major order");
    }
    return elements(dataType(type), type.startsWith(">"), sizes);
  }

  private String header() throws IOException {
    int major = bytes(2)[0];
    if (major < 1 || major > 3) {
      throw new IOException("its version is " + major + " and this version of inferc reads 1 to 3");
    }
    ByteBuffer size = ByteBuffer.wrap(bytes(major == 1 ? 2 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    int length = major == 1 ? size.getShort() & 0xffff : size.getInt();
    if (length < 0 || length > LONGEST_HEADER) {
      throw new IOException("its header claims to be " + (length & 0xffffffffL) + " bytes long");
    }
    return new String(bytes(length), StandardCharsets.UTF_8);
  }

  private static Optional<String> find(Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static IOException missing(String key, String header) {
    return new IOException(
        "its header has no plain '" + key + "', which records and objects lack: " + header.strip());
  }

  private static DataType dataType(String text) throws IOException {
    DataType type = text.isEmpty() ? null : TYPES.get(text.substring(1));
    if (type == null || "<>|=".indexOf(text.charAt(0)) < 0) {
      throw new IOException(
          "its elements are of the type '" + text + "', and only " + TYPES.values() + " are read");
    }
    return type;
  }

  private static long[] sizes(String text) throws IOException {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(s -> !s.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IOException("its shape (" + text + ") is none", e);
    }
  }

  private Tensor elements(DataType type, boolean bigEndian, long[] sizes) throws IOException {
    long needed;
    try {
      long elements = 1;
      for (long size : sizes) {
        elements = Math.multiplyExact(elements, size);
      }
      needed = Math.multiplyExact(elements, type.bitWidth() / 8);
    } catch (ArithmeticException e) {
      throw new IOException("its shape " + Arrays.toString(sizes) + " is too large", e);
    }
    if (needed != left) {
      throw new IOException(
          "its shape "
              + Arrays.toString(sizes)
              + " asks for "
              + needed
              + " bytes of elements and it has "
              + left);
    }
    Tensor tensor = Tensor.allocate(type, sizes);
    boolean complete = false;
    try {
      boolean swap = (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) != bigEndian;
      fill(tensor.bytes(), swap ? type.bitWidth() / 8 : 1);
      complete = true;
      return tensor;
    } finally {
      if (!complete) {
        tensor.close();
      }
    }
  }

  private void fill(ByteBuffer into, int swapped) throws IOException {
    while (into.hasRemaining()) {
      byte[] part = bytes(Math.min(PART, into.remaining()));
      for (int start = 0; swapped > 1 && start < part.length; start += swapped) {
        reverse(part, start, swapped);
      }
      into.put(part);
    }
  }

  private static void reverse(byte[] bytes, int start, int count) {
    for (int i = 0; i < count / 2; i++) {
      byte first = bytes[start + i];
      bytes[start + i] = bytes[start + count - 1 - i];
      bytes[start + count - 1 - i] = first;
    }
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("it is truncated");
    }
    left -= count;
    return bytes;
  }
}
