package io.inferc.common.internal;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Runs a main class in a JVM of its own, which native code may end without harm to this one.
 *
 * <pre>{@code
 * JvmProcess.Ended ended =
 *     new JvmProcess(classPath, Worker.class).run(List.of(file), cancellation, Stage.COMPILE);
 * ended.signal().ifPresent(s -> System.err.println("died of " + s));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class JvmProcess {
  /** The system properties that say where native libraries are. */
  private static final List<String> HANDED_ON =
      List.of("inferc.", "onnxruntime.", "org.bytedeco.", "jna.");

  /** By the numbers that they have on Linux and macOS. */
  private static final Map<Integer, String> SIGNALS =
      Map.of(4, "SIGILL", 6, "SIGABRT", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

  private static final int MOST_OUTPUT = 1 << 20;
  private static final int SIGNAL_BASE = 128;

  private final String classPath;
  private final Class<?> main;
  private final Duration time;
  private final long memory;

  /**
   * How a process ended.
   *
   * @param exitCode its exit code
   * @param output what it printed, on both streams; of very much, the beginning
   * @param exceeded the limit for which it was ended, as a clause; empty if it kept them
   */
  public record Ended(int exitCode, String output, Optional<String> exceeded) {
    /**
     * Names the signal that ended it.
     *
     * @return for example {@code SIGABRT}; empty if it ended by itself
     */
    public Optional<String> signal() {
      return Optional.ofNullable(SIGNALS.get(exitCode - SIGNAL_BASE));
    }

    /**
     * Picks out what was said at the end: what was thrown, or the signal; not how to report it to
     * the makers of the JVM.
     *
     * @return one line; empty if nothing was said
     */
    public String lastWords() {
      return output
          .lines()
          .map(l -> l.replaceFirst("^[#\\s]+", "").strip())
          .filter(
              l ->
                  l.startsWith("what():")
                      || l.startsWith("SIG")
                      || l.startsWith("terminate")
                      || l.contains("ssertion"))
          .collect(Collectors.joining("; "));
    }
  }

  /**
   * Prepares a process.
   *
   * @param classPath its class path
   * @param main the class whose main method to run
   */
  public JvmProcess(String classPath, Class<?> main) {
    this(classPath, main, Duration.ofNanos(Long.MAX_VALUE), Long.MAX_VALUE);
  }

  private JvmProcess(String classPath, Class<?> main, Duration time, long memory) {
    this.classPath = Objects.requireNonNull(classPath, "classPath");
    this.main = Objects.requireNonNull(main, "main");
    this.time = Objects.requireNonNull(time, "time");
    this.memory = memory;
  }

  /**
   * Finds the jars or folders of some classes, which an application may hide.
   *
   * @param types the classes
   * @return a class path, or empty if one of them is in no jar or folder of its own
   */
  public static Optional<String> classPathOf(List<Class<?>> types) {
    Objects.requireNonNull(types, "types");
    Set<String> places = new LinkedHashSet<>();
    for (Class<?> type : types) {
      CodeSource source = type.getProtectionDomain().getCodeSource();
      try {
        if (source == null || source.getLocation() == null) {
          return Optional.empty();
        }
        places.add(Path.of(source.getLocation().toURI()).toString());
      } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
        return Optional.empty();
      }
    }
    return Optional.of(String.join(File.pathSeparator, places));
  }

  /**
   * Returns the same process with limits, at which it is ended.
   *
   * @param time how long it may take
   * @param memory the bytes that it may hold; half of them on the Java heap. Elsewhere than on
   *     Linux, only the heap is limited
   * @return a copy
   */
  public JvmProcess within(Duration time, long memory) {
    return new JvmProcess(classPath, main, time, memory);
  }

  /**
   * Runs the process to its end.
   *
   * @param arguments what its main method gets
   * @param cancellation kills it
   * @param stage what is done in it, for the exception of a cancellation
   * @return how it ended
   * @throws IOException if it cannot be started or read
   * @throws CancelledException if it was cancelled, or this thread interrupted
   */
  public Ended run(List<String> arguments, Cancellation cancellation, Stage stage)
      throws IOException {
    Objects.requireNonNull(arguments, "arguments");
    Objects.requireNonNull(cancellation, "cancellation");
    Objects.requireNonNull(stage, "stage");
    ProcessBuilder builder = new ProcessBuilder(command(arguments)).redirectErrorStream(true);
    // Not on the command line, which some native code reads and which may be too long.
    builder.environment().put("CLASSPATH", classPath);
    Process child = builder.start();
    ProcessWatch watch = new ProcessWatch(child, time, memory);
    if (memory < Long.MAX_VALUE) {
      Thread watching = new Thread(watch, "inferc-process-watch");
      watching.setDaemon(true);
      watching.start();
    }
    Cancellation.Registration kill = cancellation.onCancel(child::destroyForcibly);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      child.getOutputStream().close();
      String output = beginning(lines);
      int exitCode = child.waitFor();
      cancellation.throwIfCancelled(stage);
      return new Ended(exitCode, output, watch.exceeded());
    } catch (IOException | UncheckedIOException e) {
      // To end a process closes what it prints in the middle of reading.
      cancellation.throwIfCancelled(stage);
      throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(stage);
    } finally {
      kill.close();
      child.destroyForcibly();
    }
  }

  /** Reads all, so that the process does not wait, and keeps what messages can use. */
  private static String beginning(BufferedReader reader) throws IOException {
    StringBuilder kept = new StringBuilder();
    char[] part = new char[8192];
    for (int n = reader.read(part); n >= 0; n = reader.read(part)) {
      kept.append(part, 0, Math.min(n, MOST_OUTPUT - kept.length()));
    }
    return kept.toString().stripTrailing();
  }

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (memory < Long.MAX_VALUE) {
      command.add("-Xmx" + (memory >> 21) + "m");
      // By default the heap's limit is that of buffers outside of it, too.
      command.add("-XX:MaxDirectMemorySize=" + (memory >> 20) + "m");
    }
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null"));
    for (String property : System.getProperties().stringPropertyNames()) {
      if (HANDED_ON.stream().anyMatch(property::startsWith)) {
        command.add("-D" + property + "=" + System.getProperty(property));
      }
    }
    command.add(main.getName());
    command.addAll(arguments);
    return command;
  }
}
