package io.inferc.report;

import io.inferc.benchmark.statistics.Estimate;
import io.inferc.benchmark.statistics.PercentileEstimate;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/** Figures as people read them: three digits or more, and what bounds them. */
final class Amounts {
  static final String NOT_KNOWN = "–";
  private static final String ENDLESS = "∞";
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MEGABYTE = 1e6;

  private Amounts() {}

  /** Three digits or more; a sign of infinity where there is no end. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return NOT_KNOWN;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? ENDLESS : "-" + ENDLESS;
    }
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    if (size < 0.001) {
      return String.format(Locale.ROOT, "%.2g", value);
    }
    return String.format(
        Locale.ROOT,
        size < 1 ? "%.3f" : size < 10 ? "%.2f" : size < 1000 ? "%.1f" : "%,.0f",
        value);
  }

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  static String percent(double share) {
    return number(100 * share) + " %";
  }

  /** As it was set, without digits that say nothing. */
  static String plain(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  static String millis(Duration duration) {
    return number(duration.toNanos() / NANOS_PER_MILLI);
  }

  /** Seconds, as exactly as they were set. */
  static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros().toPlainString() + " s";
  }

  static String megabytes(OptionalLong bytes) {
    return bytes.isPresent() ? number(bytes.getAsLong() / MEGABYTE) : NOT_KNOWN;
  }

  static String megabytes(long bytes) {
    return number(bytes / MEGABYTE);
  }

  /** Writes a percentile such as {@code P99.9}. */
  static String percentile(double percentile) {
    return "P" + plain(percentile);
  }

  static String interval(double low, double high) {
    return (Double.isInfinite(low) ? "(" + NOT_KNOWN : "[" + number(low))
        + ", "
        + (Double.isInfinite(high) ? ENDLESS + ")" : number(high) + "]");
  }

  static String interval(PercentileEstimate estimate) {
    return interval(estimate.low(), estimate.high());
  }

  static String interval(Estimate estimate) {
    return interval(estimate.low(), estimate.high());
  }

  static String ratio(RatioEstimate ratio) {
    return String.format(Locale.ROOT, "%.3f", ratio.ratio());
  }

  static String interval(RatioEstimate ratio) {
    return String.format(Locale.ROOT, "[%.3f, ", ratio.low())
        + (Double.isInfinite(ratio.high())
            ? ENDLESS + ")"
            : String.format(Locale.ROOT, "%.3f]", ratio.high()));
  }
}
