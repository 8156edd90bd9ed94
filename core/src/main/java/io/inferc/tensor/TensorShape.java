package io.inferc.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A declared shape: a list of dimensions, some perhaps symbolic, or no known rank at all.
 *
 * <p>A run-time shape is a plain {@code long[]}; this type says which of those are allowed.
 */
public final class TensorShape {
  private static final TensorShape UNKNOWN_RANK = new TensorShape(null);
  private static final TensorShape SCALAR = new TensorShape(List.of());

  private final @Nullable List<Dimension> dimensions;

  private TensorShape(@Nullable List<Dimension> dimensions) {
    this.dimensions = dimensions;
  }

  /**
   * Returns a shape of fixed sizes.
   *
   * @param sizes the sizes, each 0 or more; none for a scalar
   * @return the shape
   * @throws IllegalArgumentException if a size is negative
   */
  public static TensorShape of(long... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    return of(Arrays.stream(sizes).mapToObj(Dimension::fixed).toList());
  }

  /**
   * Returns a shape of the given dimensions.
   *
   * @param dimensions the dimensions, outermost first
   * @return the shape
   */
  public static TensorShape of(List<Dimension> dimensions) {
    Objects.requireNonNull(dimensions, "dimensions");
    return new TensorShape(List.copyOf(dimensions));
  }

  /**
   * Reads a shape such as {@code "batch_size, 3, ?, 320"}: numbers are fixed sizes, {@code ?} is
   * unknown, and any other word is a symbol. Empty text is a scalar.
   *
   * @param text the dimensions, separated by commas
   * @return the shape
   * @throws IllegalArgumentException if a number is negative or beyond 2^63 - 1
   */
  public static TensorShape parse(String text) {
    Objects.requireNonNull(text, "text");
    List<Dimension> parsed = new ArrayList<>();
    if (!text.isBlank()) {
      for (String part : text.split(",", -1)) {
        String word = part.strip();
        if (word.equals("?")) {
          parsed.add(Dimension.unknown());
        } else if (word.matches("-?\\d+")) {
          parsed.add(Dimension.fixed(size(word, text)));
        } else {
          parsed.add(Dimension.symbolic(word));
        }
      }
    }
    return of(parsed);
  }

  private static long size(String word, String text) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Tried to read the shape '"
              + text
              + "', but the size "
              + word
              + " is beyond the range of 64 bits. A size is 0 to 2^63 - 1.",
          e);
    }
  }

  /**
   * Returns the shape without dimensions.
   *
   * @return a shape of rank 0
   */
  public static TensorShape scalar() {
    return SCALAR;
  }

  /**
   * Returns the shape of which not even the rank is known.
   *
   * @return the shape
   */
  public static TensorShape unknownRank() {
    return UNKNOWN_RANK;
  }

  /**
   * Returns the dimensions if the rank is known.
   *
   * @return the dimensions, outermost first, or empty
   */
  public Optional<List<Dimension>> dimensions() {
    return Optional.ofNullable(dimensions);
  }

  /**
   * Tells whether the rank is known.
   *
   * @return true if {@link #dimensions()} is present
   */
  public boolean isRankKnown() {
    return dimensions != null;
  }

  /**
   * Tells whether every size is fixed.
   *
   * @return true if a run can have one shape only
   */
  public boolean isFixed() {
    return dimensions != null && dimensions.stream().allMatch(Dimension::isFixed);
  }

  /**
   * Returns the sizes of a shape that is fixed.
   *
   * @return the sizes, outermost first
   * @throws IllegalStateException if a size is not fixed
   */
  public long[] fixedSizes() {
    if (!isFixed()) {
      throw new IllegalStateException(
          "Tried to read fixed sizes of the shape " + this + ", which has open dimensions.");
    }
    return Objects.requireNonNull(dimensions).stream()
        .mapToLong(d -> d.size().orElseThrow())
        .toArray();
  }

  /**
   * Tells whether a run-time shape fits: the rank agrees and so does every fixed size. Symbols fit
   * any size; that equal symbols have equal sizes is for the caller to check across tensors.
   *
   * @param sizes the run-time sizes
   * @return true if it fits
   */
  public boolean accepts(long... sizes) {
    Objects.requireNonNull(sizes, "sizes");
    if (dimensions == null) {
      return true;
    }
    if (dimensions.size() != sizes.length) {
      return false;
    }
    for (int i = 0; i < sizes.length; i++) {
      Dimension d = dimensions.get(i);
      if (d.isFixed() && d.size().getAsLong() != sizes[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TensorShape s && Objects.equals(s.dimensions, dimensions);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(dimensions);
  }

  /** Returns text such as {@code [batch_size, 384]}, {@code []} or {@code [...]}. */
  @Override
  public String toString() {
    return dimensions == null
        ? "[...]"
        : dimensions.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
