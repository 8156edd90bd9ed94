package io.inferc.calibrate;

import java.util.Locale;
import java.util.Map;

/** A calibration table for people to read. */
final class CalibrationTableText {
  private static final int DIGEST_SHOWN = 12;

  private CalibrationTableText() {}

  static String of(CalibrationTable table) {
    int width = "tensor".length();
    for (String name : table.ranges().keySet()) {
      width = Math.max(width, name.length());
    }
    StringBuilder text = new StringBuilder();
    String digest = table.modelDigest();
    text.append("Calibration of model ")
        .append(digest, 0, Math.min(DIGEST_SHOWN, digest.length()))
        .append(": ")
        .append(table.method())
        .append(", ")
        .append(table.samples())
        .append(" samples, ")
        .append(table.ranges().size())
        .append(" tensors\n");
    String row = "%-" + width + "s %14s %14s %14s %14s  %s";
    line(text, String.format(row, "tensor", "min", "max", "seen min", "seen max", ""));
    for (Map.Entry<String, TensorRange> e : table.ranges().entrySet()) {
      TensorRange r = e.getValue();
      String note = (r.constant() ? "constant" : clipped(r)) + (r.masked() ? " masked" : "");
      line(
          text,
          String.format(
              row,
              e.getKey(),
              number(r.min()),
              number(r.max()),
              number(r.observedMin()),
              number(r.observedMax()),
              note.strip()));
    }
    table
        .channels()
        .forEach((name, statistics) -> line(text, "channels of " + name + ": " + statistics));
    return text.toString();
  }

  private static String clipped(TensorRange r) {
    return r.min() > r.observedMin() || r.max() < r.observedMax() ? "clipped" : "";
  }

  private static String number(float value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }

  private static void line(StringBuilder text, String line) {
    text.append(line.stripTrailing()).append('\n');
  }
}
