package io.inferc.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs a main class in a second JVM on the class path of this one, with limits of its own. */
public final class ChildJvm {
  private static final long LIMIT_MINUTES = 5;
  private static final int WARNS_OF_NATIVE_ACCESS = 24;

  private ChildJvm() {}

  /**
   * What a child left.
   *
   * @param exitCode its exit code
   * @param output all it printed
   * @param pid the number it had
   */
  public record Result(int exitCode, String output, long pid) {}

  /**
   * Runs a main class to its end.
   *
   * @param jvmOptions options such as {@code -Xmx48m}
   * @param main the class to run
   * @param arguments its arguments
   * @return exit code and output
   * @throws IOException if the JVM cannot be started or does not end in five minutes
   */
  public static Result run(List<String> jvmOptions, Class<?> main, String... arguments)
      throws IOException {
    return run(environment -> {}, jvmOptions, main, arguments);
  }

  /**
   * Runs a main class to its end in another environment.
   *
   * @param change changes a copy of this process's environment
   * @param jvmOptions options such as {@code -Xmx48m}
   * @param main the class to run
   * @param arguments its arguments
   * @return exit code and output
   * @throws IOException if the JVM cannot be started or does not end in five minutes
   */
  public static Result run(
      Consumer<Map<String, String>> change,
      List<String> jvmOptions,
      Class<?> main,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= WARNS_OF_NATIVE_ACCESS) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(jvmOptions);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("inferc-child-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // Not on the command line, whose length overflows the stack of ONNX Runtime's telemetry.
    // Surefire's own class path may hide behind a manifest; this property has it spelled out.
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    change.accept(builder.environment());
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException("the child JVM did not end in " + LIMIT_MINUTES + " minutes");
      }
      String text = Files.readString(output, StandardCharsets.UTF_8);
      return new Result(process.exitValue(), text, process.pid());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the child JVM");
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }
}
