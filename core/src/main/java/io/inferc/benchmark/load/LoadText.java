package io.inferc.benchmark.load;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Loads, numbers and durations as people write them. */
final class LoadText {
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|ms|s|m|h)");
  private static final Map<String, Long> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("h", TimeUnit.HOURS.toNanos(1));
    UNITS.put("m", TimeUnit.MINUTES.toNanos(1));
    UNITS.put("s", TimeUnit.SECONDS.toNanos(1));
    UNITS.put("ms", TimeUnit.MILLISECONDS.toNanos(1));
    UNITS.put("us", TimeUnit.MICROSECONDS.toNanos(1));
    UNITS.put("ns", 1L);
  }

  private final String text;
  private final String[] arguments;

  private LoadText(String text, String arguments) {
    this.text = text;
    this.arguments = arguments.strip().split("\\s*,\\s*", -1);
  }

  static Load parse(String text) {
    int colon = text.indexOf(':');
    String name = (colon < 0 ? text : text.substring(0, colon)).strip().toLowerCase(Locale.ROOT);
    LoadText load = new LoadText(text, colon < 0 ? "" : text.substring(colon + 1));
    return switch (name) {
      case "closed" -> Load.closed(load.expect("closed:CLIENTS", "closed:4", 1).whole(0));
      case "constant" -> Load.constant(load.expect("constant:RATE", "constant:200", 1).decimal(0));
      case "poisson" -> Load.poisson(load.expect("poisson:RATE", "poisson:200", 1).decimal(0));
      case "bursts" -> {
        load.expect("bursts:RATE,TIME,RATE BETWEEN,TIME BETWEEN", "bursts:400,2s,50,8s", 4);
        yield Load.bursts(load.decimal(0), load.time(1), load.decimal(2), load.time(3));
      }
      case "ramp" -> {
        load.expect("ramp:RATE AT START,RATE AT END", "ramp:10,500", 2);
        yield Load.ramp(load.decimal(0), load.decimal(1));
      }
      case "daily" -> {
        load.expect("daily:MEAN RATE,PEAK BY MEAN,LENGTH OF THE DAY", "daily:200,3,24h", 3);
        yield Load.daily(load.decimal(0), load.decimal(1), load.time(2));
      }
      case "replay" ->
          throw load.refused(
              "a recording is no text. Build the load with Load.replay from the times of a trace");
      default ->
          throw load.refused(
              "there is no load of that name. Write closed:CLIENTS, constant:RATE, poisson:RATE,"
                  + " bursts:RATE,TIME,RATE,TIME, ramp:RATE,RATE or daily:RATE,RATIO,TIME, for"
                  + " example poisson:200 for 200 requests a second");
    };
  }

  private LoadText expect(String form, String example, int count) {
    if (arguments.length != count || arguments[0].isEmpty()) {
      int given = arguments[0].isEmpty() ? 0 : arguments.length;
      throw refused(
          String.format(
              "it has %d argument%s. Write %s, for example %s",
              given, given == 1 ? "" : "s", form, example));
    }
    return this;
  }

  private int whole(int index) {
    try {
      return Integer.parseInt(arguments[index]);
    } catch (NumberFormatException e) {
      throw refused("'" + arguments[index] + "' is no whole number");
    }
  }

  private double decimal(int index) {
    try {
      return Double.parseDouble(arguments[index]);
    } catch (NumberFormatException e) {
      throw refused("'" + arguments[index] + "' is no number");
    }
  }

  private Duration time(int index) {
    Matcher match = DURATION.matcher(arguments[index]);
    if (!match.matches()) {
      throw refused(
          "'" + arguments[index] + "' is no time. Write a number and ms, s, m or h, as in 2s");
    }
    BigDecimal nanos =
        new BigDecimal(match.group(1))
            .multiply(BigDecimal.valueOf(UNITS.getOrDefault(match.group(2), 1L)));
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw refused("'" + arguments[index] + "' is too long");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("Tried to read '" + text + "' as a load, but " + why + ".");
  }

  /** Writes a number without a fraction that says nothing. */
  static String number(double value) {
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  /** Writes a duration in the largest unit that takes no fraction. */
  static String duration(Duration duration) {
    long nanos = duration.toNanos();
    for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
      if (nanos % unit.getValue() == 0) {
        return nanos / unit.getValue() + unit.getKey();
      }
    }
    throw new AssertionError("every duration is of whole nanoseconds");
  }
}
