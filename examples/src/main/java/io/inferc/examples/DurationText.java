package io.inferc.examples;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as in {@code 20ms}, {@code 1.5s} or {@code 2m}. */
final class DurationText implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(us|ms|s|m|h)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "us", TimeUnit.MICROSECONDS.toNanos(1),
          "ms", TimeUnit.MILLISECONDS.toNanos(1),
          "s", TimeUnit.SECONDS.toNanos(1),
          "m", TimeUnit.MINUTES.toNanos(1),
          "h", TimeUnit.HOURS.toNanos(1));

  @Override
  public Duration convert(String text) {
    Matcher match = FORM.matcher(text);
    if (match.matches()) {
      double nanos = Double.parseDouble(match.group(1)) * NANOS.getOrDefault(match.group(2), 0L);
      if (nanos >= 1 && nanos < Long.MAX_VALUE) {
        return Duration.ofNanos(Math.round(nanos));
      }
    }
    throw new TypeConversionException("'" + text + "' is no time such as 20ms, 1.5s or 2m");
  }
}
