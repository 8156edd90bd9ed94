package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Target;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizeTextEmbeddingsTest {
  @TempDir Path folder;

  @Test
  void theMainJobRunsAndItsSearchFindsTheRightTopics() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      OptimizeTextEmbeddings.main("--quick", "--report", folder.toString());
    } finally {
      System.setOut(console);
    }
    String output = printed.toString(StandardCharsets.UTF_8);
    assertTrue(output.contains("passed"), output);
    Matcher found = Pattern.compile("(\\d+) of 12 queries").matcher(output);
    assertTrue(found.find(), output);
    assertTrue(Integer.parseInt(found.group(1)) >= 10, output);
    String html = Files.readString(folder.resolve("text-embeddings.html"));
    assertTrue(html.contains("last_hidden_state") && html.endsWith("</html>\n"), html);
    String json = Files.readString(folder.resolve("text-embeddings.json"));
    assertTrue(json.contains("\"MEAN_COSINE\"") && json.contains("\"low95\""), json);
  }

  @Test
  void aQuickRunOnTensorRtBuildsAtItsFastestUsefulLevel() {
    Target quick = Arguments.parse("--target", "tensorrt", "--quick").orElseThrow().target();
    assertEquals(
        "1", quick.choices().get(0).options().orElseThrow().describe().get("builder_level"));
    Target usual = Arguments.parse("--target", "tensorrt").orElseThrow().target();
    assertTrue(usual.choices().get(0).options().isEmpty());
  }

  @Test
  void anUnknownOptionIsRefusedWithTheUsage() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Arguments.parse("--faster"));
    assertTrue(e.getMessage().contains("--faster") && e.getMessage().contains("--report"));
    assertThrows(IllegalArgumentException.class, () -> Arguments.parse("--report"));
    assertEquals(true, Arguments.parse("--help").isEmpty());
  }
}
