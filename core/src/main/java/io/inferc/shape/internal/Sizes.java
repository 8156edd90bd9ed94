package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Functions of sizes that are no polynomials, in their simplest form. */
final class Sizes {
  private static final String FLOOR = "floor";

  private Sizes() {}

  /** The quotient rounded down; the divisor is taken not to be 0, since no run survives that. */
  static Size floorDiv(Size a, Size b) {
    if (b.isNumber() && b.number() != 0) {
      return b.number() > 0
          ? floorDiv(a, b.number())
          : floorDiv(a.times(-1), Math.negateExact(b.number()));
    }
    return a.dividedExactlyBy(b)
        .orElseGet(
            () ->
                Size.of(
                    Atom.of(
                        FLOOR,
                        List.of(a, b),
                        a.bounds().dividedBy(b.bounds()),
                        v -> Math.floorDiv(v[0], v[1]))));
  }

  /** Whole multiples go before the function, and nested functions become one. */
  private static Size floorDiv(Size a, long k) {
    if (k == 1) {
      return a;
    }
    SortedMap<Size.Product, Long> whole = new TreeMap<>();
    SortedMap<Size.Product, Long> rest = new TreeMap<>();
    for (Map.Entry<Size.Product, Long> term : a.terms().entrySet()) {
      long remainder = Math.floorMod(term.getValue(), k);
      // Near 0 instead of over it, so that -n stays -n.
      if (!term.getKey().atoms().isEmpty() && remainder > k / 2) {
        remainder -= k;
      }
      long quotient = (term.getValue() - remainder) / k;
      if (quotient != 0) {
        whole.put(term.getKey(), quotient);
      }
      if (remainder != 0) {
        rest.put(term.getKey(), remainder);
      }
    }
    return Size.ofTerms(whole).plus(floorOfRest(Size.ofTerms(rest), k));
  }

  private static Size floorOfRest(Size rest, long k) {
    Bounds bounds = rest.bounds().dividedBy(Bounds.exactly(k));
    if (bounds.min() == bounds.max()) {
      return Size.of(bounds.min());
    }
    long leading = rest.coefficient(rest.terms().firstKey());
    if (leading < 0) {
      // floor(-x / k) = -floor((x + k - 1) / k)
      return floorDiv(rest.times(-1).plus(k - 1), k).times(-1);
    }
    Size nested = nested(rest, k);
    return nested != null
        ? nested
        : Size.of(
            Atom.of(FLOOR, List.of(rest, Size.of(k)), bounds, v -> Math.floorDiv(v[0], v[1])));
  }

  /** floor((floor(x / a) + c) / k) = floor((x + a c) / (a k)). */
  private static @Nullable Size nested(Size rest, long k) {
    long constant = rest.coefficient(Size.Product.NONE);
    Atom atom = rest.plus(-constant).atom();
    List<Size> inner = atom == null ? null : atom.argumentsOf(FLOOR);
    if (inner == null || !inner.get(1).isNumber()) {
      return null;
    }
    long by = inner.get(1).number();
    return floorDiv(inner.get(0).plus(Math.multiplyExact(by, constant)), Math.multiplyExact(by, k));
  }

  static Size ceilDiv(Size a, Size b) {
    return floorDiv(a.times(-1), b).times(-1);
  }

  /** The quotient rounded towards 0, as integer division of runtimes does it. */
  static Size truncatedDiv(Size a, Size b) {
    if (a.bounds().min() >= 0 && b.bounds().min() >= 0) {
      return floorDiv(a, b);
    }
    if (a.bounds().max() <= 0 && b.bounds().min() >= 0) {
      return ceilDiv(a, b);
    }
    if (b.isNumber() && !b.is(0)) {
      var exact = a.dividedExactlyBy(b);
      if (exact.isPresent()) {
        return exact.get();
      }
    }
    Bounds down = a.bounds().dividedBy(b.bounds());
    Bounds bounds = down.max() == Long.MAX_VALUE ? down : new Bounds(down.min(), down.max() + 1);
    return Size.of(Atom.of("truncated", List.of(a, b), bounds, v -> v[0] / v[1]));
  }

  /** The remainder with the sign of the divisor. */
  static Size floorMod(Size a, Size b) {
    return a.minus(floorDiv(a, b).times(b));
  }

  /** The remainder with the sign of the dividend. */
  static Size truncatedMod(Size a, Size b) {
    return a.minus(truncatedDiv(a, b).times(b));
  }

  static Size min(Size a, Size b) {
    Size difference = a.minus(b);
    if (difference.bounds().max() <= 0 || a.bounds().max() <= b.bounds().min()) {
      return a;
    }
    if (difference.bounds().min() >= 0 || b.bounds().max() <= a.bounds().min()) {
      return b;
    }
    Bounds bounds =
        new Bounds(
            Math.min(a.bounds().min(), b.bounds().min()),
            Math.min(a.bounds().max(), b.bounds().max()));
    return Size.of(Atom.of("min", sorted(a, b), bounds, v -> Math.min(v[0], v[1])));
  }

  static Size max(Size a, Size b) {
    return min(a.times(-1), b.times(-1)).times(-1);
  }

  static Size abs(Size a) {
    return max(a, a.times(-1));
  }

  /** The size of an axis along which two tensors are broadcast. */
  static Size broadcast(Size a, Size b) {
    if (a.equals(b) || b.is(1) || a.isNot(1)) {
      // Where a is not 1, b is 1 or the same, or the run fails. A number says more than a symbol.
      return a.isNot(1) && b.isNumber() && !b.is(1) ? b : a;
    }
    if (a.is(1) || b.isNot(1) || isCutOf(a, b)) {
      return b;
    }
    if (isCutOf(b, a)) {
      return a;
    }
    return Size.of(
        Atom.of(
            "broadcast", sorted(a, b), a.bounds().hull(b.bounds()), v -> v[0] == 1 ? v[1] : v[0]));
  }

  /**
   * Tells whether one size is another one cut at some bound over 0, as a table of positions is cut
   * to the length of a text: where it is less, the two cannot be broadcast.
   */
  private static boolean isCutOf(Size cut, Size whole) {
    Atom atom = cut.atom();
    List<Size> arguments = atom == null ? null : atom.argumentsOf("min");
    return arguments != null
        && ((arguments.get(0).equals(whole) && arguments.get(1).bounds().min() > 0)
            || (arguments.get(1).equals(whole) && arguments.get(0).bounds().min() > 0));
  }

  static List<Size> broadcast(List<Size> a, List<Size> b) {
    int rank = Math.max(a.size(), b.size());
    List<Size> shape = new ArrayList<>(rank);
    for (int i = 0; i < rank; i++) {
      int fromEnd = rank - i;
      if (fromEnd > a.size()) {
        shape.add(b.get(b.size() - fromEnd));
      } else if (fromEnd > b.size()) {
        shape.add(a.get(a.size() - fromEnd));
      } else {
        shape.add(broadcast(a.get(a.size() - fromEnd), b.get(b.size() - fromEnd)));
      }
    }
    return shape;
  }

  private static List<Size> sorted(Size a, Size b) {
    return a.toString().compareTo(b.toString()) <= 0 ? List.of(a, b) : List.of(b, a);
  }
}
