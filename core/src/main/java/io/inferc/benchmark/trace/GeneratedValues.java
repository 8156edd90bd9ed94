package io.inferc.benchmark.trace;

import io.inferc.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What to fill inputs with whose contents were not recorded. Floating-point numbers are drawn from
 * -1 to 1 unless told otherwise, truth values are either. Integers are mostly indices or lengths,
 * for which a wrong one is an error or worse, so they need bounds. All are drawn evenly, which is
 * not how real ones are distributed: where time depends on contents, record them.
 *
 * <pre>{@code
 * GeneratedValues.seeded(7).integers("input_ids", 0, 30_521).integers("attention_mask", 1, 1)
 * }</pre>
 *
 * @param seed what the draw depends on
 * @param mostBytes how much memory all requests may take, in bytes: what their contents take, in
 *     the file if they were recorded, and 48 for each text
 * @param integers bounds of integer inputs by name, both included
 * @param floats bounds of floating-point inputs by name, the upper one not included
 */
public record GeneratedValues(
    long seed, long mostBytes, Map<String, Integers> integers, Map<String, Floats> floats) {
  private static final long DEFAULT_BYTES = 256L << 20;

  /**
   * Bounds of integers, both included.
   *
   * @param least the least value
   * @param most the largest value
   */
  public record Integers(long least, long most) {
    public Integers {
      if (least > most) {
        throw new IllegalArgumentException(
            "Tried to draw integers from "
                + least
                + " to "
                + most
                + "; the first must not be more.");
      }
    }
  }

  /**
   * Bounds of floating-point numbers.
   *
   * @param low the least value
   * @param high what all values are below, or the only one where both are equal
   */
  public record Floats(double low, double high) {
    public Floats {
      if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
        throw new IllegalArgumentException(
            "Tried to draw numbers from "
                + low
                + " to "
                + high
                + "; both must be finite, and the first not more.");
      }
    }
  }

  public GeneratedValues {
    integers = Map.copyOf(integers);
    floats = Map.copyOf(floats);
    if (mostBytes < 0) {
      throw new IllegalArgumentException(
          "Tried to let requests take " + mostBytes + " bytes; give 0 or more.");
    }
  }

  /**
   * Starts with no bounds, and 256 MiB for all requests.
   *
   * @param seed what the draw depends on
   * @return values to be given bounds
   */
  public static GeneratedValues seeded(long seed) {
    return new GeneratedValues(seed, DEFAULT_BYTES, Map.of(), Map.of());
  }

  /**
   * Sets the bounds of an input of integers.
   *
   * @param input its name
   * @param least the least value
   * @param most the largest value
   * @return values with those bounds
   * @throws IllegalArgumentException if the first is more than the second
   */
  public GeneratedValues integers(String input, long least, long most) {
    Objects.requireNonNull(input, "input");
    return new GeneratedValues(
        seed, mostBytes, with(integers, input, new Integers(least, most)), floats);
  }

  /**
   * Sets the bounds of an input of floating-point numbers.
   *
   * @param input its name
   * @param low the least value
   * @param high what all values are below, or the only one where both are equal
   * @return values with those bounds
   * @throws IllegalArgumentException if a bound is not finite, or the first is more than the second
   */
  public GeneratedValues floats(String input, double low, double high) {
    Objects.requireNonNull(input, "input");
    return new GeneratedValues(
        seed, mostBytes, integers, with(floats, input, new Floats(low, high)));
  }

  /**
   * Sets how much memory all requests together may take, recorded ones included.
   *
   * @param bytes 0 or more
   * @return values with that limit
   * @throws IllegalArgumentException if it is negative
   */
  public GeneratedValues limitedTo(long bytes) {
    return new GeneratedValues(seed, bytes, integers, floats);
  }

  private static <V> Map<String, V> with(Map<String, V> map, String name, V value) {
    Map<String, V> copy = new LinkedHashMap<>(map);
    copy.put(name, value);
    return copy;
  }

  /** The bounds of an input of integers, held to its type. */
  Integers boundsOf(String input, DataType type) {
    Integers bounds = integers.get(input);
    if (bounds == null) {
      throw new IllegalArgumentException(
          "Tried to make up values for the input '"
              + input
              + "' of "
              + type
              + ", but which of them the model takes is not known. Give bounds with"
              + " integers(\""
              + input
              + "\", least, most), or record the contents of requests.");
    }
    int bits = type.bitWidth();
    long least = type.isSigned() ? -1L << (bits - 1) : 0;
    long most = type.isSigned() ? ~least : bits == Long.SIZE ? Long.MAX_VALUE : (1L << bits) - 1;
    if (bounds.least() < least || bounds.most() > most) {
      throw new IllegalArgumentException(
          "Tried to make up values from "
              + bounds.least()
              + " to "
              + bounds.most()
              + " for the input '"
              + input
              + "' of "
              + type
              + ", which has "
              + least
              + " to "
              + most
              + ". Correct the bounds.");
    }
    return bounds;
  }

  /** The numbers of an input's type that lie within its bounds. */
  FloatValues floatsOf(String input, DataType type) {
    Floats bounds = floats.getOrDefault(input, new Floats(-1, 1));
    FloatValues within = FloatValues.of(type, bounds);
    if (within == null) {
      throw new IllegalArgumentException(
          "Tried to make up values from "
              + bounds.low()
              + " to "
              + bounds.high()
              + " for the input '"
              + input
              + "' of "
              + type
              + ", but its numbers end at "
              + FloatValues.largest(type)
              + ", and some must lie within the bounds. Correct them.");
    }
    return within;
  }
}
