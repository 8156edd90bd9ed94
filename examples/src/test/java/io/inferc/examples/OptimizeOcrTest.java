package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizeOcrTest {
  private static final Pattern RIGHT = Pattern.compile("compiled: ([0-9.]+) % of 60 lines");
  private static final Pattern ERROR_RATE =
      Pattern.compile("compiled: .*character error rate ([0-9.]+) %");

  @TempDir Path folder;

  private String run(String... words) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      OptimizeOcr.main(words);
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8);
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

  @Test
  void aModelThatIsNotThereIsRefusedWithThoseThatAre() throws Exception {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> OptimizeOcr.main("--model", "detection"));
    assertTrue(e.getMessage().contains("'detection'"), e.getMessage());
    assertTrue(e.getMessage().contains("recognition or classification"), e.getMessage());
    assertTrue(run("--help").contains("--model"));
  }

  @Test
  void anExampleWithOneModelTakesNoModel() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Arguments.parse("--model", "recognition"));
    assertTrue(e.getMessage().startsWith("Unknown option '--model'"), e.getMessage());
    assertEquals("", Arguments.parse().orElseThrow().model());
    assertEquals("recognition", Arguments.parse(OcrModel.names()).orElseThrow().model());
  }

  @Test
  void samplesBoundWhatIsJudgedAndMeasuredWith() {
    assertEquals(7, Arguments.parse().orElseThrow().atMost(7));
    Arguments few = Arguments.parse("--samples", "3").orElseThrow();
    assertEquals(3, few.atMost(7));
    assertEquals(2, few.atMost(2));
  }

  @Test
  void aNumberOfSamplesThatIsNoneIsRefused() {
    for (String wrong : new String[] {"0", "-1", "many", "1234567"}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Arguments.parse("--samples", wrong));
      assertTrue(e.getMessage().contains("'" + wrong + "'"), e.getMessage());
    }
  }
}
