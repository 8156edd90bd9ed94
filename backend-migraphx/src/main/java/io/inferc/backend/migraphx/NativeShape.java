package io.inferc.backend.migraphx;

import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What MIGraphX says of a shape, read into Java. Immutable. */
final class NativeShape {
  private final @Nullable DataType type;
  private final boolean dynamic;
  private final boolean standard;
  private final long bytes;
  private final long[] lengths;
  private final long[] strides;

  /**
   * Creates a shape.
   *
   * @param type the element type, or null for one that no tensor here has
   * @param dynamic whether sizes are open; then the arrays are empty
   * @param standard whether the elements lie densely in row-major order
   * @param bytes the bytes that the elements span
   * @param lengths the sizes; a scalar has one size, 1
   * @param strides the distance of elements, in elements
   */
  NativeShape(
      @Nullable DataType type,
      boolean dynamic,
      boolean standard,
      long bytes,
      long[] lengths,
      long[] strides) {
    this.type = type;
    this.dynamic = dynamic;
    this.standard = standard;
    this.bytes = bytes;
    this.lengths = lengths;
    this.strides = strides;
  }

  /** Reads a shape that something else owns. */
  static NativeShape read(ElementTypes types, long shape) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(2)) {
      Calls.check(MigraphxApi.migraphx_shape_type(out.address(), shape), "migraphx_shape_type");
      Optional<DataType> type = types.type(out.integer(0));
      Calls.check(
          MigraphxApi.migraphx_shape_dynamic(out.address(), shape), "migraphx_shape_dynamic");
      if (out.bool(0)) {
        return new NativeShape(type.orElse(null), true, false, 0, new long[0], new long[0]);
      }
      Calls.check(
          MigraphxApi.migraphx_shape_standard(out.address(), shape), "migraphx_shape_standard");
      boolean standard = out.bool(0);
      Calls.check(MigraphxApi.migraphx_shape_bytes(out.address(), shape), "migraphx_shape_bytes");
      long bytes = out.pointer(0);
      Calls.check(
          MigraphxApi.migraphx_shape_lengths(out.address(0), out.address(1), shape),
          "migraphx_shape_lengths");
      long[] lengths = NativeMemory.sizesAt(out.pointer(0), Math.toIntExact(out.pointer(1)));
      Calls.check(
          MigraphxApi.migraphx_shape_strides(out.address(0), out.address(1), shape),
          "migraphx_shape_strides");
      long[] strides = NativeMemory.sizesAt(out.pointer(0), Math.toIntExact(out.pointer(1)));
      return new NativeShape(type.orElse(null), false, standard, bytes, lengths, strides);
    }
  }

  /** Makes a shape in native memory, owned by the caller; no sizes for a scalar. */
  static long create(int code, long[] sizes) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory lengths = NativeMemory.sizes(sizes)) {
      if (sizes.length == 0) {
        return Calls.handle(
            MigraphxApi.migraphx_shape_create_scalar(out.address(), code),
            out,
            "migraphx_shape_create_scalar");
      }
      return Calls.handle(
          MigraphxApi.migraphx_shape_create(out.address(), code, lengths.address(), sizes.length),
          out,
          "migraphx_shape_create");
    }
  }

  /** Makes this shape in native memory, owned by the caller. */
  long create(ElementTypes types) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory sizes = NativeMemory.sizes(lengths);
        NativeMemory steps = NativeMemory.sizes(strides)) {
      return Calls.handle(
          MigraphxApi.migraphx_shape_create_with_strides(
              out.address(),
              types.code(Objects.requireNonNull(type)),
              sizes.address(),
              lengths.length,
              steps.address(),
              strides.length),
          out,
          "migraphx_shape_create_with_strides");
    }
  }

  /** Tells whether these are the sizes; MIGraphX writes a scalar as one element. */
  boolean hasSizes(long[] sizes) {
    return Arrays.equals(lengths, sizes)
        || (sizes.length == 0 && lengths.length == 1 && lengths[0] == 1);
  }

  long elementCount() {
    long count = 1;
    for (long length : lengths) {
      count *= length;
    }
    return count;
  }

  /** The element type, or null for one that no tensor here has. */
  @Nullable DataType type() {
    return type;
  }

  boolean dynamic() {
    return dynamic;
  }

  boolean standard() {
    return standard;
  }

  long bytes() {
    return bytes;
  }

  long[] lengths() {
    return lengths.clone();
  }

  long[] strides() {
    return strides.clone();
  }

  /** Returns for example {@code FLOAT32[1, 3]}. */
  @Override
  public String toString() {
    return (type == null ? "a type of MIGraphX's own" : type.toString())
        + (dynamic ? "[open sizes]" : Arrays.toString(lengths));
  }
}
