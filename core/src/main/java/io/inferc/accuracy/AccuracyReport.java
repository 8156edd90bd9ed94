package io.inferc.accuracy;

import java.util.List;
import java.util.Locale;

/**
 * The result of a comparison.
 *
 * @param original the original model's name and target
 * @param compiled the compiled model's name and target
 * @param tolerance the limits
 * @param outputs the metrics of each output
 * @param violations what broke a limit, one sentence each; empty if the comparison passed
 */
public record AccuracyReport(
    String original,
    String compiled,
    Tolerance tolerance,
    List<OutputAccuracy> outputs,
    List<String> violations) {
  public AccuracyReport {
    outputs = List.copyOf(outputs);
    violations = List.copyOf(violations);
  }

  /**
   * Tells whether every limit was kept.
   *
   * @return true if there are no violations
   */
  public boolean passed() {
    return violations.isEmpty();
  }

  /** Returns a table and the verdict for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "accuracy of %s against %s (%s)%n", compiled, original, tolerance.name()));
    for (OutputAccuracy o : outputs) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %s: %,d samples, %,d elements%n",
              o.output(),
              o.samples(),
              o.elements()));
      o.metrics()
          .forEach(
              (metric, value) -> {
                OutputAccuracy.WorstSample worst = o.worst().get(metric);
                Double limit = o.limits().get(metric);
                text.append(
                    String.format(
                        Locale.ROOT,
                        "    %-18s %-12s%s%s%n",
                        metric.label(),
                        number(value),
                        limit == null ? "" : " limit " + number(limit),
                        worst == null
                            ? ""
                            : " worst sample " + worst.sample() + ": " + number(worst.value())));
              });
      if (o.otherShapes() > 0) {
        text.append(
            String.format(Locale.ROOT, "    other shapes       %d samples%n", o.otherShapes()));
      }
      if (o.originalNotFinite().total() + o.compiledNotFinite().total() > 0) {
        text.append(
            String.format(
                Locale.ROOT,
                "    not finite         %d NaN and %d infinite, in the original %d and %d%n",
                o.compiledNotFinite().nan(),
                o.compiledNotFinite().infinite(),
                o.originalNotFinite().nan(),
                o.originalNotFinite().infinite()));
      }
    }
    text.append(passed() ? "  passed" : "  FAILED");
    violations.forEach(v -> text.append(System.lineSeparator()).append("    ").append(v));
    return text.toString();
  }

  /** Numbers near 1 need their distance from it, small ones their exponent. */
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "infinite" : "-infinite";
    }
    double magnitude = Math.abs(value);
    return magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e6)
        ? String.format(Locale.ROOT, "%.3e", value)
        : String.format(Locale.ROOT, "%.6f", value);
  }
}
