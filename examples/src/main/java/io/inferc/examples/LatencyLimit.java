package io.inferc.examples;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What a percentile of the latency must keep.
 *
 * @param percentile above 0 and below 100
 * @param limit the limit
 */
record LatencyLimit(double percentile, Duration limit) {
  /** Reads one as in {@code p99:20ms}. */
  static final class Text implements ITypeConverter<LatencyLimit> {
    private static final Pattern FORM = Pattern.compile("[pP](\\d{1,2}(?:\\.\\d{1,4})?):(.+)");

    @Override
    public LatencyLimit convert(String text) {
      Matcher match = FORM.matcher(text);
      if (!match.matches() || Double.parseDouble(match.group(1)) <= 0) {
        throw new TypeConversionException("'" + text + "' is no limit such as p99:20ms");
      }
      return new LatencyLimit(
          Double.parseDouble(match.group(1)), new DurationText().convert(match.group(2)));
    }
  }
}
