package io.inferc.backend.tensorrt;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Prints what was measured at once, and writes all of it to a folder after each row. */
final class BenchmarkReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final String name;
  private final List<ObjectNode> rows = new ArrayList<>();

  BenchmarkReport(Path folder, String name) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.name = name;
  }

  /** Says something that is no result. */
  static void say(String text) {
    System.out.println(text);
    System.out.flush();
  }

  /** Starts a row. */
  ObjectNode row(String what) {
    ObjectNode row = JSON.createObjectNode();
    row.put("what", what);
    return row;
  }

  /** Adds percentiles in milliseconds of times in nanoseconds. */
  static void percentiles(ObjectNode row, String prefix, long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    row.put(prefix + " p50 ms", millis(at(sorted, 0.50)));
    row.put(prefix + " p95 ms", millis(at(sorted, 0.95)));
    row.put(prefix + " p99 ms", millis(at(sorted, 0.99)));
  }

  static long median(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return at(sorted, 0.5);
  }

  private static long at(long[] sorted, double rank) {
    return sorted[(int) Math.min(sorted.length - 1L, (long) (rank * sorted.length))];
  }

  static double millis(long nanos) {
    return Math.round(nanos / 100.0) / 10_000.0;
  }

  /** Takes a finished row, prints it and writes everything so far. */
  void add(ObjectNode row) throws IOException {
    rows.add(row);
    say(row.toString());
    Files.write(
        folder.resolve(name + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(rows));
    StringBuilder text = new StringBuilder("# " + name + "\n");
    for (ObjectNode one : rows) {
      text.append(
          String.format(Locale.ROOT, "%n## %s%n%n| | |%n|---|---|%n", one.get("what").asText()));
      one.properties()
          .forEach(
              field -> {
                if (!field.getKey().equals("what")) {
                  text.append("| ").append(field.getKey()).append(" | ");
                  text.append(field.getValue().asText()).append(" |\n");
                }
              });
    }
    Files.writeString(folder.resolve(name + ".md"), text);
  }
}
