package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.RealModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pastes the program that README begins with into a file, compiles it and runs it. */
class ReadmeSnippetTest {
  private static final Path README = Path.of("..", "README.md");
  private static final int LIMIT_MINUTES = 4;

  @TempDir Path folder;

  @Test
  void theProgramRunsAsItStandsThereAndPrintsWhatStandsThere()
      throws IOException, InterruptedException {
    String readme = Files.readString(README);
    RealModels.MINILM.copyTo(folder.resolve("all-minilm-l6-v2.onnx"));
    Files.writeString(folder.resolve("HelloWorld.java"), between(readme, "```java\n", "```"));
    Path printed = folder.resolve("printed.txt");
    Path errors = folder.resolve("errors.txt");
    ProcessBuilder java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "HelloWorld.java")
            .directory(folder.toFile())
            .redirectOutput(printed.toFile())
            .redirectError(errors.toFile());
    // Surefire's own class path may hide behind a manifest; this property has it spelled out.
    java.environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    Process process = java.start();
    try {
      assertTrue(process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES), "it did not end");
    } finally {
      process.destroyForcibly();
    }
    // The loader of native libraries and the log write there, in no certain charset.
    String said = Files.readString(errors, StandardCharsets.ISO_8859_1);
    assertEquals(0, process.exitValue(), said);
    assertEquals(between(readme, "```text\n", "```"), Files.readString(printed), said);
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from) + from.length();
    assertTrue(start >= from.length(), () -> "README has no " + from);
    return text.substring(start, text.indexOf(to, start));
  }
}
