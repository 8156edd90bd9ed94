package io.inferc.tensor;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One dimension of a declared shape: a fixed size, a symbol that stands for a size known at run
 * time, or nothing known at all.
 */
public final class Dimension {
  /** How exporters such as Paddle's spell a size they do not know. */
  private static final String QUESTION_MARK = "?";

  private static final Dimension UNKNOWN = new Dimension(-1, null);

  private final long size;
  private final @Nullable String symbol;

  private Dimension(long size, @Nullable String symbol) {
    this.size = size;
    this.symbol = symbol;
  }

  /**
   * Returns a dimension of a fixed size.
   *
   * @param size the size, 0 or more
   * @return the dimension
   * @throws IllegalArgumentException if the size is negative
   */
  public static Dimension fixed(long size) {
    if (size < 0) {
      throw new IllegalArgumentException(
          "Tried to fix a dimension at " + size + "; a size must be 0 or more.");
    }
    return new Dimension(size, null);
  }

  /**
   * Returns a dimension known by name only. Dimensions of one model that share a symbol have the
   * same size in any one run. A mere {@code ?} is no name: exporters write it for every size they
   * do not know, so it gives {@link #unknown()}.
   *
   * @param symbol the name, not empty
   * @return the dimension
   * @throws IllegalArgumentException if the name is empty
   */
  public static Dimension symbolic(String symbol) {
    Objects.requireNonNull(symbol, "symbol");
    if (symbol.isEmpty()) {
      throw new IllegalArgumentException(
          "Tried to name a dimension with an empty symbol; use Dimension.unknown() instead.");
    }
    return symbol.equals(QUESTION_MARK) ? UNKNOWN : new Dimension(-1, symbol);
  }

  /**
   * Returns a dimension of which nothing is known.
   *
   * @return the dimension
   */
  public static Dimension unknown() {
    return UNKNOWN;
  }

  /**
   * Returns the size if it is fixed.
   *
   * @return the size, or empty
   */
  public OptionalLong size() {
    return size >= 0 ? OptionalLong.of(size) : OptionalLong.empty();
  }

  /**
   * Returns the symbol if there is one.
   *
   * @return the symbol, or empty
   */
  public Optional<String> symbol() {
    return Optional.ofNullable(symbol);
  }

  /**
   * Tells whether the size is fixed.
   *
   * @return true if {@link #size()} is present
   */
  public boolean isFixed() {
    return size >= 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Dimension d && d.size == size && Objects.equals(d.symbol, symbol);
  }

  @Override
  public int hashCode() {
    return Objects.hash(size, symbol);
  }

  /** Returns the size, the symbol, or {@code ?}. */
  @Override
  public String toString() {
    return size >= 0 ? Long.toString(size) : symbol != null ? symbol : QUESTION_MARK;
  }
}
