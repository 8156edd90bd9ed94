package io.inferc.shape.internal;

import io.inferc.shape.internal.Scalar.Quotient;
import io.inferc.shape.internal.Scalar.Real;
import io.inferc.shape.internal.Scalar.Whole;
import io.inferc.tensor.DataType;
import java.util.Optional;
import java.util.Set;

/**
 * Arithmetic on the elements of small tensors as a runtime does it, in the width of their type. A
 * result that the type does not hold exactly, or that only rounding decides on, is unknown.
 */
final class Arithmetic {
  private static final Set<DataType> FOLLOWED =
      Set.of(
          DataType.BOOL,
          DataType.INT8,
          DataType.UINT8,
          DataType.INT16,
          DataType.UINT16,
          DataType.INT32,
          DataType.UINT32,
          DataType.INT64,
          DataType.FLOAT32,
          DataType.FLOAT64);
  // More than the error of a few operations in single precision.
  private static final double ROUNDING = 1e-5;

  private Arithmetic() {}

  static boolean follows(DataType type) {
    return FOLLOWED.contains(type);
  }

  /** The integers that a type holds exactly, all of them in between included. */
  private static Bounds exact(DataType type) {
    return switch (type) {
      case BOOL -> new Bounds(0, 1);
      case INT8 -> new Bounds(Byte.MIN_VALUE, Byte.MAX_VALUE);
      case UINT8 -> new Bounds(0, 0xFF);
      case INT16 -> new Bounds(Short.MIN_VALUE, Short.MAX_VALUE);
      case UINT16 -> new Bounds(0, 0xFFFF);
      case INT32 -> new Bounds(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT32 -> new Bounds(0, 0xFFFFFFFFL);
      case INT64 -> Bounds.ANY;
      case FLOAT32 -> new Bounds(-(1L << 24), 1L << 24);
      case FLOAT64 -> new Bounds(-(1L << 53), 1L << 53);
      default -> throw new Unproved();
    };
  }

  /** An integer as a type holds it. */
  static Scalar fit(DataType type, Size size) {
    Bounds exact = exact(type);
    if (size.bounds().within(exact.min(), exact.max())) {
      return new Whole(size);
    }
    if (!type.isFloatingPoint()) {
      return Scalar.unknownWhole();
    }
    double low = widened(bound(size.bounds().min()), -1);
    double high = widened(bound(size.bounds().max()), 1);
    return Scalar.real(type + "(" + size + ")", low, high, null);
  }

  private static double bound(long bound) {
    return bound == Long.MIN_VALUE
        ? Double.NEGATIVE_INFINITY
        : bound == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : bound;
  }

  private static double widened(double value, int direction) {
    return value + direction * Math.abs(value) * ROUNDING;
  }

  static Scalar constant(DataType type, double value) {
    double held = type == DataType.FLOAT32 ? (float) value : value;
    if (held == Math.rint(held) && exact(type).contains((long) held)) {
      return Scalar.of((long) held);
    }
    return Double.isNaN(held)
        ? Scalar.unknownReal()
        : new Real(Double.toHexString(held), held, held, null);
  }

  static Scalar binary(String operator, DataType type, Scalar a, Scalar b) {
    if (a instanceof Whole x && b instanceof Whole y) {
      return type.isFloatingPoint()
          ? wholeFloats(operator, type, x.size(), y.size())
          : integers(operator, type, x.size(), y.size());
    }
    if (!type.isFloatingPoint()) {
      return Scalar.unknownWhole();
    }
    if (operator.equals("Mul")) {
      Optional<Scalar> scaled = scaled(type, a, b).or(() -> scaled(type, b, a));
      if (scaled.isPresent()) {
        return scaled.get();
      }
    }
    return reals(operator, type, real(a), real(b));
  }

  private static Scalar integers(String operator, DataType type, Size a, Size b) {
    Size result =
        switch (operator) {
          case "Add" -> a.plus(b);
          case "Sub" -> a.minus(b);
          case "Mul" -> a.times(b);
          case "Div" -> Sizes.truncatedDiv(a, b);
          case "Mod" -> Sizes.floorMod(a, b);
          case "FMod" -> Sizes.truncatedMod(a, b);
          case "Min" -> Sizes.min(a, b);
          case "Max" -> Sizes.max(a, b);
          default -> null;
        };
    return result == null ? Scalar.unknownWhole() : fit(type, result);
  }

  private static Scalar wholeFloats(String operator, DataType type, Size a, Size b) {
    if (operator.equals("Div")) {
      Optional<Size> exact = b.is(0) ? Optional.empty() : a.dividedExactlyBy(b);
      if (exact.isPresent() && (b.isNumber() || b.isNot(0))) {
        return fit(type, exact.get());
      }
      return quotient(type, a, b);
    }
    if (operator.equals("Mod") || operator.equals("FMod")) {
      return Scalar.unknownReal();
    }
    return integersAsFloats(operator, type, a, b);
  }

  private static Scalar integersAsFloats(String operator, DataType type, Size a, Size b) {
    Scalar result = integers(operator, type, a, b);
    return result instanceof Whole whole && whole.size().bounds().equals(Bounds.ANY)
        ? Scalar.unknownReal()
        : result;
  }

  private static Scalar quotient(DataType type, Size a, Size b) {
    if (a.isNumber() && b.isNumber()) {
      double x = a.number();
      double y = b.number();
      return constant(type, x / y);
    }
    Bounds least = a.bounds();
    boolean positive = b.bounds().min() > 0;
    double low = positive ? bound(least.min()) / bound(b.bounds().min()) : Double.NEGATIVE_INFINITY;
    double high =
        positive ? bound(least.max()) / bound(b.bounds().min()) : Double.POSITIVE_INFINITY;
    return Scalar.real(
        type + "(" + a + "/" + b + ")",
        least.min() >= 0 && positive ? 0 : widened(low, -1),
        widened(high, 1),
        new Quotient(a, b));
  }

  /** An integer times a constant that is a fraction of a power of two, such as 0.5. */
  private static Optional<Scalar> scaled(DataType type, Scalar a, Scalar factor) {
    if (!(a instanceof Whole whole) || !(factor instanceof Real real) || !real.isConstant()) {
      return Optional.empty();
    }
    for (int shift = 1; shift <= 16; shift++) {
      double numerator = real.low() * (1L << shift);
      if (numerator == Math.rint(numerator) && Math.abs(numerator) < (1 << 24)) {
        Size product = whole.size().times((long) numerator);
        // Only then the product is exact, and is rounded where the division would be.
        return product.bounds().within(-(1L << 24), 1L << 24)
            ? Optional.of(quotient(type, product, Size.of(1L << shift)))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  static Real real(Scalar scalar) {
    if (scalar instanceof Real real) {
      return real;
    }
    Size size = ((Whole) scalar).size();
    return new Real(size.toString(), bound(size.bounds().min()), bound(size.bounds().max()), null);
  }

  private static Scalar reals(String operator, DataType type, Real a, Real b) {
    double[] ends;
    switch (operator) {
      case "Add" -> ends = new double[] {a.low() + b.low(), a.high() + b.high()};
      case "Sub" -> ends = new double[] {a.low() - b.high(), a.high() - b.low()};
      case "Mul" -> ends = products(a, b);
      case "Div" -> {
        if (a.isConstant() && b.isConstant()) {
          ends = new double[] {a.low() / b.low(), a.low() / b.low()};
        } else if (a.low() >= 0 && b.low() > 0) {
          ends = new double[] {0, a.high() / b.low()};
        } else {
          return Scalar.unknownReal();
        }
      }
      case "Min" -> ends = new double[] {Math.min(a.low(), b.low()), Math.min(a.high(), b.high())};
      case "Max" -> ends = new double[] {Math.max(a.low(), b.low()), Math.max(a.high(), b.high())};
      default -> {
        return Scalar.unknownReal();
      }
    }
    if (Double.isNaN(ends[0]) || Double.isNaN(ends[1])) {
      return Scalar.unknownReal();
    }
    if (a.isConstant() && b.isConstant()) {
      return constant(type, ends[0]);
    }
    String key = type + operator + "(" + a.key() + "," + b.key() + ")";
    return key.length() > Size.LONGEST
        ? Scalar.unknownReal()
        : new Real(key, widened(ends[0], -1), widened(ends[1], 1), null);
  }

  private static double[] products(Real a, Real b) {
    double[] all = {a.low() * b.low(), a.low() * b.high(), a.high() * b.low(), a.high() * b.high()};
    double low = all[0];
    double high = all[0];
    for (double p : all) {
      low = Math.min(low, p);
      high = Math.max(high, p);
    }
    return new double[] {low, high};
  }

  static Scalar unary(String operator, DataType type, Scalar a) {
    if (a instanceof Whole whole) {
      return switch (operator) {
        case "Neg" -> fit(type, whole.size().times(-1));
        case "Abs" -> fit(type, Sizes.abs(whole.size()));
        case "Floor", "Ceil", "Round", "Identity" -> a;
        default -> type.isFloatingPoint() ? Scalar.unknownReal() : Scalar.unknownWhole();
      };
    }
    Real real = (Real) a;
    return switch (operator) {
      case "Identity" -> a;
      case "Neg" ->
          real.isConstant()
              ? constant(type, -real.low())
              : Scalar.real("-" + real.key(), -real.high(), -real.low(), null);
      case "Floor", "Ceil", "Round" -> rounded(operator, type, real);
      default -> Scalar.unknownReal();
    };
  }

  private static Scalar rounded(String operator, DataType type, Real a) {
    if (a.isConstant()) {
      double value = a.low();
      return constant(
          type,
          switch (operator) {
            case "Floor" -> Math.floor(value);
            case "Ceil" -> Math.ceil(value);
            default -> Math.rint(value);
          });
    }
    Quotient over = a.over();
    if (over != null && !operator.equals("Round") && roundingIsHarmless(over)) {
      Size size =
          operator.equals("Floor")
              ? Sizes.floorDiv(over.dividend(), over.divisor())
              : Sizes.ceilDiv(over.dividend(), over.divisor());
      return fit(type, size);
    }
    if (Math.abs(a.low()) > 1e15 || Math.abs(a.high()) > 1e15) {
      return Scalar.unknownReal();
    }
    Bounds bounds = new Bounds((long) Math.floor(a.low()), (long) Math.ceil(a.high()));
    return fit(type, Size.of(Atom.named(operator + "{" + a.key() + "}", bounds)));
  }

  /**
   * The correctly rounded quotient of a and b lies on the same side of every integer as the exact
   * one, as long as a + b has no more bits than the shortest type followed.
   */
  private static boolean roundingIsHarmless(Quotient over) {
    Bounds sum = over.dividend().bounds().plus(over.divisor().bounds());
    return over.dividend().bounds().min() >= 0
        && over.divisor().bounds().min() > 0
        && sum.max() < (1L << 24);
  }

  /** A conversion to another type; to an integer type it goes towards 0. */
  static Scalar cast(DataType from, DataType to, Scalar a) {
    if (!follows(to)) {
      throw new Unproved();
    }
    if (a instanceof Whole whole) {
      if (to == DataType.BOOL && from != DataType.BOOL) {
        return whole.size().isNumber()
            ? Scalar.of(!whole.size().is(0))
            : whole.size().isNot(0) ? Scalar.of(true) : Scalar.unknownWhole();
      }
      return fit(to, whole.size());
    }
    Real real = (Real) a;
    if (to.isFloatingPoint()) {
      return real.isConstant() ? constant(to, real.low()) : Scalar.unknownReal();
    }
    if (to == DataType.BOOL) {
      return Scalar.unknownWhole();
    }
    Scalar whole =
        real.low() >= 0
            ? rounded("Floor", from, real)
            : real.high() <= 0 ? rounded("Ceil", from, real) : Scalar.unknownWhole();
    return whole instanceof Whole w ? fit(to, w.size()) : Scalar.unknownWhole();
  }

  /** Compares two elements; the result is unknown if it depends on the run. */
  static Scalar compare(String operator, Scalar a, Scalar b) {
    double low;
    double high;
    if (a instanceof Whole x && b instanceof Whole y) {
      Bounds difference = x.size().minus(y.size()).bounds();
      low = bound(difference.min());
      high = bound(difference.max());
    } else {
      low = real(a).low() - real(b).high();
      high = real(a).high() - real(b).low();
    }
    return switch (operator) {
      case "Equal" -> known(low == 0 && high == 0, low > 0 || high < 0);
      case "Less" -> known(high < 0, low >= 0);
      case "LessOrEqual" -> known(high <= 0, low > 0);
      case "Greater" -> known(low > 0, high <= 0);
      case "GreaterOrEqual" -> known(low >= 0, high < 0);
      default -> Scalar.unknownWhole();
    };
  }

  private static Scalar known(boolean holds, boolean fails) {
    return holds || fails ? Scalar.of(holds) : Scalar.unknownWhole();
  }
}
