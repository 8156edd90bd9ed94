package io.inferc.tensor;

import io.inferc.common.ResourceClosedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dense, row-major tensor outside the Java heap: an element type, a shape, and the bytes.
 *
 * <p>A tensor owns its memory until {@link #close()}; each accessor refuses a closed tensor with
 * {@link ResourceClosedException}. A raw view obtained before (such as {@link #floats()}) stays
 * safe to touch but may then show another tensor's data, because pooled memory is used again. Not
 * synchronised: hand a tensor from one thread to another as you would an array.
 *
 * <pre>{@code
 * try (Tensor image = Tensor.allocate(DataType.FLOAT32, 1, 3, 224, 224)) {
 *   FloatBuffer pixels = image.floats();
 *   pixels.put(0, 0.5f);
 * }
 * }</pre>
 */
public final class Tensor implements AutoCloseable {
  private final DataType type;
  private final long[] shape;
  private final long elementCount;
  private final @Nullable List<String> strings;
  private final MemoryKind memoryKind;
  private @Nullable Storage storage;
  private volatile boolean closed;

  private Tensor(
      DataType type,
      long[] shape,
      long elementCount,
      @Nullable Storage storage,
      @Nullable List<String> strings) {
    this.type = type;
    this.shape = shape;
    this.elementCount = elementCount;
    this.storage = storage;
    this.strings = strings;
    this.memoryKind = storage == null ? MemoryKind.HOST : storage.memoryKind();
  }

  /**
   * Makes a tensor of zeros in memory of its own.
   *
   * @param type any type but {@link DataType#STRING}
   * @param shape the sizes, outermost first; none for a scalar
   * @return a new tensor, aligned to 64 bytes
   * @throws IllegalArgumentException if a size is negative or the type is text
   * @throws io.inferc.common.InfercException if there is not enough memory
   */
  public static Tensor allocate(DataType type, long... shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    return over(HostStorage.allocate(type.byteSize(Shapes.elementCount(shape))), type, shape);
  }

  /**
   * Makes a tensor over memory that is already there; closing the tensor releases the memory. The
   * memory may be larger than the tensor needs.
   *
   * @param storage the memory
   * @param type any type but {@link DataType#STRING}
   * @param shape the sizes, outermost first
   * @return a tensor that owns the memory
   * @throws IllegalArgumentException if the memory is too small
   */
  public static Tensor over(Storage storage, DataType type, long... shape) {
    Objects.requireNonNull(storage, "storage");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    long count = Shapes.elementCount(shape);
    long needed = type.byteSize(count);
    if (needed > storage.byteSize()) {
      throw new IllegalArgumentException(
          "Tried to lay a tensor "
              + type
              + Arrays.toString(shape)
              + " of "
              + needed
              + " bytes over memory of "
              + storage.byteSize()
              + " bytes. Allocate more, or use a smaller shape.");
    }
    return new Tensor(type, shape.clone(), count, storage, null);
  }

  /**
   * Makes a tensor over a caller's direct buffer, without a copy: from its position to its limit.
   * The buffer must stay reachable no longer than the tensor; closing the tensor leaves the buffer
   * alone.
   *
   * @param buffer a direct buffer in native byte order
   * @param type any type but {@link DataType#STRING}
   * @param shape the sizes, outermost first
   * @return a tensor that shares the buffer's memory
   * @throws IllegalArgumentException if the buffer is on the heap, in foreign byte order, read-only
   *     or not exactly as large as the shape asks
   */
  public static Tensor wrap(ByteBuffer buffer, DataType type, long... shape) {
    Objects.requireNonNull(buffer, "buffer");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(shape, "shape");
    NewTensors.requireWrappable(buffer, type, shape);
    return over(new HostStorage(buffer.slice().order(ByteOrder.nativeOrder())), type, shape);
  }

  /**
   * Copies an array into a new FLOAT32 tensor.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor of(float[] values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.of(values, shape);
  }

  /**
   * Copies rows into a new FLOAT32 tensor of two dimensions.
   *
   * @param rows the rows, all of one length; none make a tensor [0, 0]
   * @return a new tensor of the shape [rows, columns]
   * @throws IllegalArgumentException if a row is longer or shorter than the first
   */
  public static Tensor of(float[][] rows) {
    Objects.requireNonNull(rows, "rows");
    return NewTensors.of(rows);
  }

  /**
   * Copies rows into a new INT64 tensor of two dimensions.
   *
   * @param rows the rows, all of one length; none make a tensor [0, 0]
   * @return a new tensor of the shape [rows, columns]
   * @throws IllegalArgumentException if a row is longer or shorter than the first
   */
  public static Tensor of(long[][] rows) {
    Objects.requireNonNull(rows, "rows");
    return NewTensors.of(rows);
  }

  /**
   * Copies an array into a new FLOAT64 tensor.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor of(double[] values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.of(values, shape);
  }

  /**
   * Copies an array into a new INT64 tensor.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor of(long[] values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.of(values, shape);
  }

  /**
   * Copies an array into a new INT32 tensor.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor of(int[] values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.of(values, shape);
  }

  /**
   * Copies an array into a new BOOL tensor.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor of(boolean[] values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.of(values, shape);
  }

  /**
   * Copies raw bytes, in native byte order, into a new tensor of any fixed-width type.
   *
   * @param type any type but {@link DataType#STRING}
   * @param values the bytes in row-major order
   * @param shape the sizes; with the type they give the array's length
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of bytes
   */
  public static Tensor ofBytes(DataType type, byte[] values, long... shape) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    return NewTensors.ofBytes(type, values, shape);
  }

  /**
   * Makes a STRING tensor, which lives on the Java heap.
   *
   * @param values the elements in row-major order
   * @param shape the sizes; their product is the list's size
   * @return a new tensor
   * @throws IllegalArgumentException if the shape asks for another number of elements
   */
  public static Tensor ofStrings(List<String> values, long... shape) {
    Objects.requireNonNull(values, "values");
    Objects.requireNonNull(shape, "shape");
    long count = NewTensors.requireStrings(values.size(), shape);
    return new Tensor(DataType.STRING, shape.clone(), count, null, List.copyOf(values));
  }

  /**
   * Returns the element type; also after close.
   *
   * @return the type
   */
  public DataType type() {
    return type;
  }

  /**
   * Returns the sizes, outermost first; also after close.
   *
   * @return a fresh array
   */
  public long[] shape() {
    return shape.clone();
  }

  /**
   * Returns the number of dimensions.
   *
   * @return the rank, 0 for a scalar
   */
  public int rank() {
    return shape.length;
  }

  /**
   * Returns one size.
   *
   * @param axis from 0 to rank - 1
   * @return the size of that dimension
   * @throws IllegalArgumentException if there is no such axis
   */
  public long size(int axis) {
    if (axis < 0 || axis >= shape.length) {
      throw new IllegalArgumentException(
          "Tried to read the size of axis "
              + axis
              + " of a tensor of shape "
              + Arrays.toString(shape)
              + ". Ask for an axis from 0 to rank - 1.");
    }
    return shape[axis];
  }

  /**
   * Tells whether this tensor has exactly the given sizes, without copying them.
   *
   * @param sizes the sizes to compare with
   * @return true if rank and all sizes agree
   */
  public boolean hasShape(long... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    return Arrays.equals(shape, sizes);
  }

  /**
   * Returns how many elements there are.
   *
   * @return the product of the sizes
   */
  public long elementCount() {
    return elementCount;
  }

  /**
   * Returns how many bytes the elements take.
   *
   * @return the size in bytes; 0 for text
   */
  public long byteSize() {
    return type == DataType.STRING ? 0 : type.byteSize(elementCount);
  }

  /**
   * Returns where the bytes live, or lived if the tensor is closed.
   *
   * @return the kind of memory; {@link MemoryKind#HOST} for text
   */
  public MemoryKind memoryKind() {
    return memoryKind;
  }

  /**
   * Returns the memory behind this tensor, for back ends that recognise their own.
   *
   * @return the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException for text, which has none
   */
  public Storage storage() {
    checkOpen();
    Storage s = storage;
    if (s == null) {
      throw new IllegalStateException(
          "Tried to reach the memory of a STRING tensor, which lives on the heap. Use strings().");
    }
    return s;
  }

  /**
   * Returns a view of exactly this tensor's bytes, in native byte order.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws io.inferc.common.InfercException if the memory is on a device
   */
  public ByteBuffer bytes() {
    ByteBuffer all = storage().hostBytes();
    return all.slice(0, Math.toIntExact(byteSize())).order(ByteOrder.nativeOrder());
  }

  /**
   * Returns a view of the elements of a FLOAT32 tensor.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public FloatBuffer floats() {
    checkType("floats()", DataType.FLOAT32);
    return bytes().asFloatBuffer();
  }

  /**
   * Returns a view of the elements of a FLOAT64 tensor.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public DoubleBuffer doubles() {
    checkType("doubles()", DataType.FLOAT64);
    return bytes().asDoubleBuffer();
  }

  /**
   * Returns a view of the elements of an INT64 or UINT64 tensor.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public LongBuffer longs() {
    checkType("longs()", DataType.INT64, DataType.UINT64);
    return bytes().asLongBuffer();
  }

  /**
   * Returns a view of the elements of an INT32 or UINT32 tensor.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public IntBuffer ints() {
    checkType("ints()", DataType.INT32, DataType.UINT32);
    return bytes().asIntBuffer();
  }

  /**
   * Returns a view of the elements of a 16-bit tensor: INT16, UINT16, and the raw bits of FLOAT16
   * and BFLOAT16.
   *
   * @return a fresh direct buffer that shares the memory
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public ShortBuffer shorts() {
    checkType("shorts()", DataType.INT16, DataType.UINT16, DataType.FLOAT16, DataType.BFLOAT16);
    return bytes().asShortBuffer();
  }

  /**
   * Returns the elements of a STRING tensor.
   *
   * @return an unmodifiable list in row-major order
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is another
   */
  public List<String> strings() {
    checkType("strings()", DataType.STRING);
    checkOpen();
    return Objects.requireNonNull(strings);
  }

  /**
   * Copies the elements of a FLOAT32, FLOAT16, BFLOAT16 or FLOAT64 tensor to the heap as floats
   * (FLOAT64 is rounded, the half formats are widened exactly).
   *
   * @return a new array in row-major order
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is not one of these
   */
  public float[] toFloatArray() {
    float[] all = new float[arrayLength()];
    ElementCopies.floats(this, 0, all, all.length);
    return all;
  }

  /**
   * Copies some of the elements as {@link #toFloatArray()} copies all: for tensors that are larger
   * than the heap should hold.
   *
   * @param first the first element, in row-major order
   * @param into where they go, from index 0 on
   * @param count how many
   * @throws IndexOutOfBoundsException if the tensor or the array ends before
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is not one of these
   */
  public void readFloats(long first, float[] into, int count) {
    Objects.requireNonNull(into, "into");
    checkRange(first, into.length, count);
    ElementCopies.floats(this, (int) first, into, count);
  }

  /**
   * Copies the elements of any number or boolean tensor to the heap as doubles. UINT64 beyond 2^53
   * and INT64 beyond ±2^53 are rounded.
   *
   * @return a new array in row-major order
   * @throws ResourceClosedException after close
   * @throws IllegalStateException for text, complex, 8-bit float and sub-byte types
   */
  public double[] toDoubleArray() {
    double[] all = new double[arrayLength()];
    ElementCopies.doubles(this, 0, all, all.length);
    return all;
  }

  /**
   * Copies some of the elements as {@link #toDoubleArray()} copies all: for tensors that are larger
   * than the heap should hold.
   *
   * @param first the first element, in row-major order
   * @param into where they go, from index 0 on
   * @param count how many
   * @throws IndexOutOfBoundsException if the tensor or the array ends before
   * @throws ResourceClosedException after close
   * @throws IllegalStateException for text, complex, 8-bit float and sub-byte types
   */
  public void readDoubles(long first, double[] into, int count) {
    Objects.requireNonNull(into, "into");
    checkRange(first, into.length, count);
    ElementCopies.doubles(this, (int) first, into, count);
  }

  private int arrayLength() {
    checkOpen();
    return Math.toIntExact(elementCount());
  }

  private void checkRange(long first, int room, int count) {
    checkOpen();
    Objects.checkFromIndexSize(first, count, elementCount());
    Objects.checkFromIndexSize(0, count, room);
  }

  /**
   * Copies the elements of an integer or boolean tensor to the heap as longs.
   *
   * @return a new array in row-major order
   * @throws ResourceClosedException after close
   * @throws IllegalStateException if the type is not an integer of 8 bits or more, or boolean
   */
  public long[] toLongArray() {
    return ElementCopies.longs(this);
  }

  /**
   * Copies this tensor into new host memory of its own.
   *
   * @return a new tensor with the same type, shape and elements
   * @throws ResourceClosedException after close
   * @throws io.inferc.common.InfercException if the memory is on a device
   */
  public Tensor copy() {
    if (type == DataType.STRING) {
      return ofStrings(strings(), shape);
    }
    ByteBuffer from = bytes();
    Tensor to = allocate(type, shape);
    to.bytes().put(from);
    return to;
  }

  /**
   * Copies the elements of another tensor of the same type and shape into this one.
   *
   * @param source where to copy from
   * @throws IllegalArgumentException if type or shape differ
   * @throws ResourceClosedException if either is closed
   */
  public void copyFrom(Tensor source) {
    Objects.requireNonNull(source, "source");
    if (source.type != type || !Arrays.equals(source.shape, shape) || type == DataType.STRING) {
      throw new IllegalArgumentException(
          "Tried to copy "
              + source
              + " into "
              + this
              + "; type and shape must agree, and text cannot be copied in place.");
    }
    bytes().put(source.bytes());
  }

  /**
   * Tells whether this tensor was closed.
   *
   * @return true after {@link #close()}
   */
  public boolean isClosed() {
    return closed;
  }

  /** Releases the memory. Closing again does nothing. */
  @Override
  public void close() {
    Storage toRelease;
    synchronized (shape) {
      if (closed) {
        return;
      }
      closed = true;
      toRelease = storage;
      storage = null;
    }
    if (toRelease != null) {
      toRelease.release();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new ResourceClosedException("use a tensor", "the tensor " + this);
    }
  }

  private void checkType(String accessor, DataType... allowed) {
    for (DataType a : allowed) {
      if (a == type) {
        return;
      }
    }
    throw new IllegalStateException(
        "Tried to read "
            + this
            + " with "
            + accessor
            + ", which serves "
            + Arrays.toString(allowed)
            + ". Use the accessor for "
            + type
            + ", or bytes().");
  }

  /** Returns type and shape, for example {@code FLOAT32[1, 384]}; never the elements. */
  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
