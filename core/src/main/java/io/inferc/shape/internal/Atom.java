package io.inferc.shape.internal;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What sizes are made of beside numbers: a symbol of the model, a number nothing is known of, or a
 * function of other sizes that has no simpler form. Atoms with equal keys are equal in every run.
 */
final class Atom implements Comparable<Atom> {
  private static final AtomicLong UNKNOWNS = new AtomicLong();

  /** Computes a function of sizes that are known. */
  interface Operation {
    /** Returns the result; an {@link ArithmeticException} stands for none. */
    long apply(long[] arguments);
  }

  private final String key;
  private final @Nullable String symbol;
  private final Bounds bounds;
  private final List<Size> arguments;
  private final @Nullable Operation operation;

  private Atom(
      String key,
      @Nullable String symbol,
      Bounds bounds,
      List<Size> arguments,
      @Nullable Operation operation) {
    this.key = key;
    this.symbol = symbol;
    this.bounds = bounds;
    this.arguments = arguments;
    this.operation = operation;
  }

  static Atom symbol(String name, Bounds bounds) {
    // Quoted, so that no name can look like a function or an unknown.
    return new Atom("'" + name + "'", name, bounds, List.of(), null);
  }

  static Atom unknown(Bounds bounds) {
    return new Atom("?" + UNKNOWNS.incrementAndGet(), null, bounds, List.of(), null);
  }

  static Atom of(String function, List<Size> arguments, Bounds bounds, Operation operation) {
    return new Atom(function + arguments, null, bounds, arguments, operation);
  }

  /** A function of which only equality and bounds are known. */
  static Atom named(String key, Bounds bounds) {
    return new Atom(key, null, bounds, List.of(), null);
  }

  String key() {
    return key;
  }

  @Nullable String symbol() {
    return symbol;
  }

  Bounds bounds() {
    return bounds;
  }

  /** The arguments, if this is the named function of two. */
  @Nullable List<Size> argumentsOf(String function) {
    return arguments.size() == 2 && key.startsWith(function + "[") ? arguments : null;
  }

  OptionalLong evaluate(Map<String, Long> sizes) {
    if (symbol != null) {
      Long size = sizes.get(symbol);
      return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }
    if (operation == null) {
      return OptionalLong.empty();
    }
    long[] values = new long[arguments.size()];
    for (int i = 0; i < values.length; i++) {
      OptionalLong value = arguments.get(i).evaluate(sizes);
      if (value.isEmpty()) {
        return value;
      }
      values[i] = value.getAsLong();
    }
    try {
      return OptionalLong.of(operation.apply(values));
    } catch (ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public int compareTo(Atom other) {
    return key.compareTo(other.key);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Atom a && a.key.equals(key);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return key;
  }
}
