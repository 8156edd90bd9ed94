package io.inferc.benchmark.platform;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Numbers as systems and tools write them; what is no number is empty. */
final class Numbers {
  static final long KIB = 1024;
  static final long MIB = KIB * 1024;

  private Numbers() {}

  static OptionalLong parseLong(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalDouble parseDouble(String text) {
    try {
      double value = Double.parseDouble(text.strip());
      return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /** Reads a size such as {@code 32768K} or {@code 1M}. */
  static OptionalLong parseSize(String text) {
    String size = text.strip().toUpperCase(Locale.ROOT);
    long unit = 1;
    if (size.endsWith("K")) {
      unit = KIB;
    } else if (size.endsWith("M")) {
      unit = MIB;
    } else if (size.endsWith("G")) {
      unit = MIB * KIB;
    }
    OptionalLong number = parseLong(unit == 1 ? size : size.substring(0, size.length() - 1));
    return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() * unit);
  }

  static OptionalLong scaled(OptionalLong value, long unit) {
    return value.isEmpty() ? value : OptionalLong.of(value.getAsLong() * unit);
  }

  static String bytes(long bytes) {
    return bytes >= 10_000_000_000L
        ? String.format(Locale.ROOT, "%.0f GB", bytes / 1e9)
        : String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
  }
}
