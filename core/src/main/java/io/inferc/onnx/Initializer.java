package io.inferc.onnx;

import com.google.protobuf.ByteString;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A dense constant tensor: an initializer of a graph, or the tensor in a node's attribute.
 *
 * <p>The values stay where the model keeps them (in the mapped model file, in a mapped data file
 * beside it, in memory) until they are asked for. {@link #chunks} and {@link #bytes} give them
 * without a copy where they are stored as raw bytes; {@link #floats()} and its siblings convert
 * whatever is there into fresh arrays. Immutable and thread-safe.
 *
 * <pre>{@code
 * Initializer weight = Initializer.floats("weight", new float[] {1, 2, 3, 4}, 2, 2);
 * float[] values = graph.initializer("weight").orElseThrow().floats();
 * }</pre>
 */
public final class Initializer {
  private final TensorProto proto;
  private final ExternalFiles files;

  Initializer(TensorProto proto, ExternalFiles files) {
    this.proto = proto;
    this.files = files;
  }

  TensorProto proto() {
    return proto;
  }

  ExternalFiles files() {
    return files;
  }

  /**
   * Makes a constant of {@link DataType#FLOAT32}.
   *
   * @param name the tensor's name
   * @param values the values in row-major order; copied
   * @param dims the sizes, outermost first; none for a scalar
   * @return the constant
   * @throws IllegalArgumentException if the number of values does not fit the dims
   */
  public static Initializer floats(String name, float[] values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return floats(name, DataType.FLOAT32, values, dims);
  }

  /**
   * Makes a constant of any floating-point type, rounding to nearest even; types of 8 bits and
   * fewer saturate at their largest finite value.
   *
   * @param name the tensor's name
   * @param type a floating-point type
   * @param values the values in row-major order
   * @param dims the sizes, outermost first
   * @return the constant
   * @throws IllegalArgumentException if the type is not floating-point or the count does not fit
   */
  public static Initializer floats(String name, DataType type, float[] values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return Constants.encoded(name, type, ElementCodec.encode(type, values), values.length, dims);
  }

  /**
   * Makes a constant of {@link DataType#INT64}.
   *
   * @param name the tensor's name
   * @param values the values in row-major order; copied
   * @param dims the sizes, outermost first; none for a scalar
   * @return the constant
   * @throws IllegalArgumentException if the number of values does not fit the dims
   */
  public static Initializer longs(String name, long[] values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return longs(name, DataType.INT64, values, dims);
  }

  /**
   * Makes a constant of any integer type or of {@link DataType#BOOL}.
   *
   * @param name the tensor's name
   * @param type the element type
   * @param values the values in row-major order, each within the type's range
   * @param dims the sizes, outermost first
   * @return the constant
   * @throws IllegalArgumentException if a value is out of range or the count does not fit
   */
  public static Initializer longs(String name, DataType type, long[] values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return Constants.encoded(name, type, ElementCodec.encode(type, values), values.length, dims);
  }

  /**
   * Makes a constant of {@link DataType#STRING}.
   *
   * @param name the tensor's name
   * @param values the values in row-major order
   * @param dims the sizes, outermost first
   * @return the constant
   * @throws IllegalArgumentException if the number of values does not fit the dims
   */
  public static Initializer strings(String name, List<String> values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return Constants.text(name, values, dims);
  }

  /**
   * Makes a constant of raw bytes, which are copied.
   *
   * @param name the tensor's name
   * @param type the element type, not {@link DataType#STRING}
   * @param bytes the remaining bytes are the values, little-endian, sub-byte types packed
   * @param dims the sizes, outermost first
   * @return the constant
   * @throws IllegalArgumentException if the number of bytes does not fit type and dims
   */
  public static Initializer of(String name, DataType type, ByteBuffer bytes, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(dims, "dims");
    return Constants.raw(name, type, ByteString.copyFrom(bytes.duplicate()), dims);
  }

  /**
   * Makes a constant whose values are worked out whenever they are asked for, and are not kept: for
   * large weights that are stored in another form and perhaps never read.
   *
   * @param name the tensor's name
   * @param type the element type, not {@link DataType#STRING}
   * @param values gives the values, of that type and number of elements; must always give the same
   * @param dims the sizes, outermost first
   * @return the constant
   */
  public static Initializer computed(
      String name, DataType type, Supplier<Initializer> values, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(dims, "dims");
    return Constants.computed(name, type, () -> values.get().chunks(), dims);
  }

  /**
   * Makes a constant over raw bytes without copying them: for large weights that are mapped or lie
   * off the heap.
   *
   * @param name the tensor's name
   * @param type the element type, not {@link DataType#STRING}
   * @param bytes the remaining bytes are the values, little-endian; they must never change again
   * @param dims the sizes, outermost first
   * @return the constant
   * @throws IllegalArgumentException if the number of bytes does not fit type and dims
   */
  public static Initializer wrap(String name, DataType type, ByteBuffer bytes, long... dims) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(dims, "dims");
    return Constants.wrapped(name, type, bytes, dims);
  }

  /**
   * Returns the tensor's name.
   *
   * @return the name, empty for a tensor in an attribute that has none
   */
  public String name() {
    return proto.getName();
  }

  /**
   * Returns the element type.
   *
   * @return the type
   * @throws ModelFormatException if the model has a type code that is not known
   */
  public DataType type() {
    return TensorBytes.type(proto);
  }

  /**
   * Returns the sizes, outermost first.
   *
   * @return a fresh array, empty for a scalar
   */
  public long[] dims() {
    long[] dims = new long[proto.getDimsCount()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = proto.getDims(i);
    }
    return dims;
  }

  /**
   * Returns name, type and shape together.
   *
   * @return the specification
   */
  public TensorSpec spec() {
    return new TensorSpec(name(), type(), TensorShape.of(dims()));
  }

  /**
   * Returns the number of elements.
   *
   * @return 0 or more; 1 for a scalar
   */
  public long elementCount() {
    return TensorBytes.elementCount(proto);
  }

  /**
   * Returns the size of the values in bytes, wherever they are.
   *
   * @return the size of the raw form; for text the sum of the UTF-8 lengths
   */
  public long byteSize() {
    return TensorBytes.byteSize(proto);
  }

  /**
   * Returns the model author's note on this tensor.
   *
   * @return the note, perhaps empty
   */
  public String doc() {
    return proto.getDocString();
  }

  /**
   * Returns the free-text metadata of this tensor.
   *
   * @return keys and values in file order
   */
  public Map<String, String> metadata() {
    return Entries.toMap(proto.getMetadataPropsList());
  }

  /**
   * Returns where the values lie if that is in a file beside the model.
   *
   * @return the place, or empty if the values are in the model itself
   */
  public Optional<ExternalData> externalData() {
    return TensorBytes.isExternal(proto) ? Optional.of(ExternalData.of(proto)) : Optional.empty();
  }

  /**
   * Returns the raw values as read-only little-endian buffers, in order. All but the last hold
   * exactly 2^30 bytes, so no element is split; sizes beyond 2 GB are fine.
   *
   * <p>They may lie in a file. If somebody cuts it off, reading them ends in an {@link
   * InternalError}; {@link #read} says it better.
   *
   * @return the buffers; no copy is made of values that the model stores as raw bytes
   * @throws ModelFormatException if the bytes are not there
   * @throws IllegalStateException for text
   */
  public List<ByteBuffer> chunks() {
    return TensorBytes.chunks(proto, files);
  }

  /**
   * Gives the raw values, as {@link #chunks()} returns them, to a reader, and makes sure that their
   * file did not change meanwhile.
   *
   * @param reader reads or copies them
   * @param <T> what it makes of them
   * @return what the reader returned
   * @throws ModelFormatException if the bytes are not there, or their file was written to or cut
   *     off since it was opened
   * @throws IllegalStateException for text
   */
  public <T> T read(Function<List<ByteBuffer>, T> reader) {
    Objects.requireNonNull(reader, "reader");
    return files.read(proto, () -> reader.apply(chunks()));
  }

  /**
   * Returns the raw values as one read-only little-endian buffer.
   *
   * @return the buffer; no copy is made of values that the model stores as raw bytes
   * @throws ModelFormatException if the bytes are not there
   * @throws IllegalStateException for text, and for values of more than 1 GiB
   */
  public ByteBuffer bytes() {
    List<ByteBuffer> chunks = chunks();
    if (chunks.isEmpty()) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    if (chunks.size() > 1) {
      throw new IllegalStateException(
          "Tried to get the "
              + byteSize()
              + " bytes of tensor '"
              + name()
              + "' as one buffer, but one holds at most 2^30. Use chunks() instead.");
    }
    return chunks.get(0);
  }

  /**
   * Returns all values as floats.
   *
   * @return a fresh array in row-major order; wider types are rounded
   * @throws IllegalStateException for text, complex numbers, and more values than an array holds
   */
  public float[] floats() {
    return floats(0, arrayLength());
  }

  /**
   * Returns a run of values as floats, for tensors too large to convert at once.
   *
   * @param from the first element in row-major order
   * @param count how many
   * @return a fresh array
   * @throws IndexOutOfBoundsException if the run is not inside the tensor
   */
  public float[] floats(long from, int count) {
    requireRange(from, count);
    return read(chunks -> ElementCodec.floats(type(), chunks, from, count));
  }

  /**
   * Returns all values as doubles.
   *
   * @return a fresh array in row-major order
   * @throws IllegalStateException for text, complex numbers, and more values than an array holds
   */
  public double[] doubles() {
    return read(chunks -> ElementCodec.doubles(type(), chunks, 0, arrayLength()));
  }

  /**
   * Returns all values of an integer or boolean tensor.
   *
   * @return a fresh array in row-major order; {@link DataType#UINT64} as its 64 bits
   * @throws IllegalStateException for other types, and more values than an array holds
   */
  public long[] longs() {
    return longs(0, arrayLength());
  }

  /**
   * Returns a run of values of an integer or boolean tensor.
   *
   * @param from the first element in row-major order
   * @param count how many
   * @return a fresh array
   * @throws IndexOutOfBoundsException if the run is not inside the tensor
   */
  public long[] longs(long from, int count) {
    requireRange(from, count);
    return read(chunks -> ElementCodec.longs(type(), chunks, from, count));
  }

  /**
   * Returns all values of a text tensor.
   *
   * @return the values in row-major order
   * @throws IllegalStateException for other types
   */
  public List<String> strings() {
    if (type() != DataType.STRING) {
      throw new IllegalStateException(
          "Tried to read text of tensor '" + name() + "', but it holds " + type() + ".");
    }
    return proto.getStringDataList().stream().map(ByteString::toStringUtf8).toList();
  }

  /**
   * Returns the same constant under another name.
   *
   * @param name the new name
   * @return a constant that shares the values
   */
  public Initializer withName(String name) {
    Objects.requireNonNull(name, "name");
    return new Initializer(proto.toBuilder().setName(name).build(), files);
  }

  /**
   * Returns the same values in other dimensions.
   *
   * @param dims the sizes, outermost first
   * @return a constant of the same name that shares the values
   * @throws IllegalArgumentException if the number of elements differs
   */
  public Initializer withDims(long... dims) {
    Objects.requireNonNull(dims, "dims");
    Constants.requireCount(name(), elementCount(), dims);
    TensorProto.Builder copy = proto.toBuilder().clearDims();
    for (long dim : dims) {
      copy.addDims(dim);
    }
    return new Initializer(copy.build(), files);
  }

  private int arrayLength() {
    long count = elementCount();
    if (count > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "Tried to read all "
              + count
              + " values of tensor '"
              + name()
              + "' into one array, which is more than an array holds. Read them in runs.");
    }
    return (int) count;
  }

  private void requireRange(long from, int count) {
    if (from < 0 || count < 0 || from > elementCount() - count) {
      throw new IndexOutOfBoundsException(
          "Tried to read "
              + count
              + " values from "
              + from
              + " of tensor '"
              + name()
              + "', which has "
              + elementCount()
              + ".");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Initializer i && Contents.of(i).sameAs(Contents.of(this));
  }

  @Override
  public int hashCode() {
    return name().hashCode() * 31 + proto.getDimsList().hashCode();
  }

  /** Returns text such as {@code weight: FLOAT32[768, 384]}. */
  @Override
  public String toString() {
    return name()
        + ": "
        + DataType.fromOnnxCode(proto.getDataType()).map(DataType::name).orElse("?")
        + proto.getDimsList();
  }
}
