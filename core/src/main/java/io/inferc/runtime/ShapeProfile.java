package io.inferc.runtime;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The shapes a model will see: a range (min, opt, max) for each open dimension.
 *
 * <p>{@link #range(String, long, long, long)} binds a symbolic dimension, so that all inputs
 * sharing the symbol share its range; {@link #input(String, Range...)} binds the dimensions of one
 * input directly, for models without symbols or for an input that shall be narrower.
 *
 * <pre>{@code
 * ShapeProfile online = ShapeProfile.named("online")
 *     .range("batch_size", 1, 8, 32)
 *     .range("sequence_length", 8, 128, 512);
 * }</pre>
 *
 * <p>Immutable: each method returns a new profile.
 */
public final class ShapeProfile {
  private final String name;
  private final Map<String, Range> symbols;
  private final Map<String, List<Range>> inputs;

  private ShapeProfile(String name, Map<String, Range> symbols, Map<String, List<Range>> inputs) {
    this.name = name;
    this.symbols = symbols;
    this.inputs = inputs;
  }

  /**
   * Starts a profile.
   *
   * @param name what reports and messages call it; unique among the profiles of a compiler
   * @return a profile that binds nothing yet
   * @throws IllegalArgumentException if the name is empty
   */
  public static ShapeProfile named(String name) {
    Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "Tried to name a shape profile with empty text. Give it a name such as \"online\".");
    }
    return new ShapeProfile(name, Map.of(), Map.of());
  }

  /**
   * Binds a symbolic dimension to a range.
   *
   * @param symbol the symbol as the model spells it
   * @param min the smallest size, 0 or more
   * @param opt the size to tune for
   * @param max the largest size
   * @return a profile with that range
   * @throws IllegalArgumentException if 0 &lt;= min &lt;= opt &lt;= max does not hold, or the
   *     symbol is already bound
   */
  public ShapeProfile range(String symbol, long min, long opt, long max) {
    Objects.requireNonNull(symbol, "symbol");
    return range(symbol, new Range(min, opt, max));
  }

  /**
   * Binds a symbolic dimension to a range, such as one of {@linkplain Range#multipleOf multiples}.
   *
   * @param symbol the symbol as the model spells it
   * @param range its sizes
   * @return a profile with that range
   * @throws IllegalArgumentException if the symbol is already bound
   */
  public ShapeProfile range(String symbol, Range range) {
    Objects.requireNonNull(symbol, "symbol");
    Objects.requireNonNull(range, "range");
    if (symbols.containsKey(symbol)) {
      throw new IllegalArgumentException(
          "Tried to bind the dimension '"
              + symbol
              + "' of profile '"
              + name
              + "' a second time; it is bound to "
              + symbols.get(symbol)
              + ". Remove one of the two.");
    }
    Map<String, Range> copy = new LinkedHashMap<>(symbols);
    copy.put(symbol, range);
    return new ShapeProfile(name, copy, inputs);
  }

  /**
   * Binds a symbolic dimension to one size.
   *
   * @param symbol the symbol as the model spells it
   * @param size the size, 0 or more
   * @return a profile with that size
   * @throws IllegalArgumentException if the size is negative or the symbol is already bound
   */
  public ShapeProfile fixed(String symbol, long size) {
    Objects.requireNonNull(symbol, "symbol");
    return range(symbol, size, size, size);
  }

  /**
   * Binds all dimensions of one input directly. Where a dimension also has a bound symbol, both
   * ranges must hold.
   *
   * @param input the input's name
   * @param dimensions one range for each dimension, outermost first
   * @return a profile with those ranges
   * @throws IllegalArgumentException if the input is already bound
   */
  public ShapeProfile input(String input, Range... dimensions) {
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(dimensions, "dimensions");
    if (inputs.containsKey(input)) {
      throw new IllegalArgumentException(
          "Tried to bind the input '"
              + input
              + "' of profile '"
              + name
              + "' a second time. Remove one of the two.");
    }
    Map<String, List<Range>> copy = new LinkedHashMap<>(inputs);
    copy.put(input, List.of(dimensions));
    return new ShapeProfile(name, symbols, copy);
  }

  /**
   * Returns the profile's name.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the bound symbols in the order they were bound.
   *
   * @return ranges by symbol
   */
  public Map<String, Range> symbols() {
    return Collections.unmodifiableMap(symbols);
  }

  /**
   * Returns the inputs bound directly in the order they were bound.
   *
   * @return one range for each dimension, by input name
   */
  public Map<String, List<Range>> inputs() {
    return Collections.unmodifiableMap(inputs);
  }

  /**
   * Returns the range of a symbol.
   *
   * @param symbol the symbol
   * @return the range, or empty if this profile does not bind it
   */
  public Optional<Range> range(String symbol) {
    Objects.requireNonNull(symbol, "symbol");
    return Optional.ofNullable(symbols.get(symbol));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ShapeProfile p
        && p.name.equals(name)
        && p.symbols.equals(symbols)
        && p.inputs.equals(inputs);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, symbols, inputs);
  }

  /** Returns text such as {@code online {batch_size 1..32 (opt 8)}}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name).append(" {");
    String separator = "";
    for (Map.Entry<String, Range> e : symbols.entrySet()) {
      text.append(separator).append(e.getKey()).append(' ').append(e.getValue());
      separator = ", ";
    }
    for (Map.Entry<String, List<Range>> e : inputs.entrySet()) {
      text.append(separator).append(e.getKey()).append(e.getValue());
      separator = ", ";
    }
    return text.append('}').toString();
  }
}
