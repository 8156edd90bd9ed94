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
class OptimizeTextEmbeddingsTest {
  @TempDir Path folder;

  @Test
  void theMainJobRunsAndItsSearchFindsTheRightTopics() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(new OptimizeTextEmbeddings(), "--quick", "--report", folder.toString());
    String output = run.out();
    assertEquals(ExampleRunner.GOOD, run.code(), run.err());
    assertTrue(output.contains("passed"), output);
    Matcher found = Pattern.compile("(\\d+) of 12 queries").matcher(output);
    assertTrue(found.find(), output);
    assertTrue(Integer.parseInt(found.group(1)) >= 10, output);
    String html = Files.readString(folder.resolve("text-embeddings.html"));
    assertTrue(html.contains("last_hidden_state") && html.endsWith("</html>\n"), html);
    String json = Files.readString(folder.resolve("text-embeddings.json"));
    assertTrue(json.contains("\"MEAN_COSINE\"") && json.contains("\"low95\""), json);
  }
}
