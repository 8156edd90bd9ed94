package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once")
class OptimizeOcrTest {
  private static final Pattern RIGHT = Pattern.compile("compiled: ([0-9.]+) % of 60 lines");
  private static final Pattern ERROR_RATE =
      Pattern.compile("compiled: .*character error rate ([0-9.]+) %");

  @TempDir Path folder;

  private String run(String... words) throws Exception {
    CommandLineRun run = CommandLineRun.of(new OptimizeOcr(), words);
    boolean passed = run.out().lines().anyMatch(l -> l.strip().startsWith("passed"));
    assertEquals(passed ? ExampleRunner.GOOD : ExampleRunner.FAILED, run.code(), run.err());
    return run.out();
  }

  private static double found(Pattern pattern, String output) {
    Matcher matcher = pattern.matcher(output);
    assertTrue(matcher.find(), output);
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void recognitionReadsTheLinesAndCompilingDoesNotChangeWhatItReads() throws Exception {
    String output = run("--quick", "--report", folder.toString());
    // Few lines were searched with and other few are judged, so one more of them may differ.
    assertTrue(output.contains("exact match"), output);
    assertTrue(found(ERROR_RATE, output) < 0.3, output);
    assertTrue(found(RIGHT, output) >= 95, output);
    String html = Files.readString(folder.resolve("ocr-recognition.html"));
    assertTrue(html.contains("against the truth") && html.endsWith("</html>\n"), html);
    String json = Files.readString(folder.resolve("ocr-recognition.json"));
    assertTrue(json.contains("\"kernelsByPrecision\""), json);
    assertTrue(
        json.contains("\"asGiven\" : true") || !json.contains("\"HARD_SWISH\""),
        "clean-up has left a hard-swish: " + json);
    assertTrue(json.contains("\"steps\"") && html.contains("<h2>Search</h2>"), html);
    assertTrue(json.contains("\"EXACT_MATCH\"") && json.contains("\"low95\""), json);
  }

  @Test
  void classificationTellsUprightLinesFromTurnedOnes() throws Exception {
    String output = run("--quick", "--model", "classification", "--report", folder.toString());
    assertTrue(output.contains("passed"), output);
    assertTrue(found(RIGHT, output) >= 90, output);
    assertTrue(output.contains("read as: 180") && output.contains("read as: 0\n"), output);
    assertTrue(Files.size(folder.resolve("ocr-classification.html")) > 0);
  }
}
