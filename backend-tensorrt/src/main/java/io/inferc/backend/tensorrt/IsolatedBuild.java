package io.inferc.backend.tensorrt;

import io.inferc.backend.tensorrt.BuildFailure.Kind;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A build in a JVM of its own, which is killed on cancel and may crash without harm. */
final class IsolatedBuild {
  private static final Logger LOG = LoggerFactory.getLogger(IsolatedBuild.class);
  private static final int KEPT_LINES = 12;

  private final List<String> command;
  private final List<Path> libraryFolders;
  private final BuildLog log;
  private final Cancellation cancellation;
  private final Deque<String> lastLines = new ArrayDeque<>();

  /**
   * Prepares a build.
   *
   * @param command the JVM and its class path, up to and with the main class
   * @param libraryFolders folders that the loader of the child shall look through first
   * @param log takes the log
   * @param cancellation kills the child
   */
  IsolatedBuild(
      List<String> command, List<Path> libraryFolders, BuildLog log, Cancellation cancellation) {
    this.command = List.copyOf(command);
    this.libraryFolders = List.copyOf(libraryFolders);
    this.log = log;
    this.cancellation = cancellation;
  }

  /** The command that starts a worker on a class path. */
  static List<String> command(String classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    String cache = System.getProperty("org.bytedeco.javacpp.cachedir");
    if (cache != null) {
      command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }
    command.addAll(List.of("-cp", classPath, BuildWorker.class.getName()));
    return command;
  }

  /**
   * Builds.
   *
   * @param plan what to build
   * @param folder a folder of the build's own, for the plan and the failure
   * @param onLine hears, on the calling thread, of each line that the child printed
   */
  void run(BuildPlan plan, Path folder, Consumer<BuildPhase> onLine) throws BuildFailure {
    Path failure = folder.resolve("failure.properties");
    int exitCode;
    try {
      Path planFile = folder.resolve("plan.properties");
      PlanFile.write(plan, planFile);
      exitCode = runChild(planFile, failure, onLine);
    } catch (IOException e) {
      throw new BuildFailure(
          Kind.FILE, "the JVM for the build could not be started or read: " + e.getMessage());
    }
    cancellation.throwIfCancelled(Stage.COMPILE);
    if (exitCode == BuildWorker.BUILT && Files.isRegularFile(plan.engine())) {
      return;
    }
    if (Files.isRegularFile(failure)) {
      try {
        throw PlanFile.readFailure(failure);
      } catch (IOException | RuntimeException e) {
        LOG.debug("The failure that a build left could not be read", e);
      }
    }
    throw new BuildFailure(
        Kind.BUILD,
        "the JVM for the build ended with exit code "
            + exitCode
            + " and without an engine; its last lines: "
            + String.join(" | ", lastLines));
  }

  private int runChild(Path planFile, Path failure, Consumer<BuildPhase> onLine)
      throws IOException {
    List<String> whole = new ArrayList<>(command);
    whole.add(planFile.toString());
    whole.add(failure.toString());
    whole.add(Boolean.toString(BuildLog.wantsEverything()));
    ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
    if (!libraryFolders.isEmpty()) {
      String path = builder.environment().getOrDefault("LD_LIBRARY_PATH", "");
      List<String> folders = new ArrayList<>(libraryFolders.stream().map(Path::toString).toList());
      if (!path.isEmpty()) {
        folders.add(path);
      }
      builder.environment().put("LD_LIBRARY_PATH", String.join(":", folders));
    }
    Process child = builder.start();
    Cancellation.Registration kill = cancellation.onCancel(child::destroyForcibly);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line);
        onLine.accept(log.phase());
      }
      return child.waitFor();
    } catch (IOException e) {
      // To kill a process closes what it prints in the middle of reading.
      if (cancellation.isCancelled()) {
        throw new CancelledException(Stage.COMPILE);
      }
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.COMPILE);
    } finally {
      kill.close();
      child.destroyForcibly();
    }
  }

  private void take(String line) {
    int mark = BuildWorker.LOG_MARK.length();
    if (line.startsWith(BuildWorker.LOG_MARK)
        && line.length() > mark + 1
        && Character.isDigit(line.charAt(mark))) {
      LogSeverity severity = LogSeverity.of(line.charAt(mark) - '0');
      String text = line.substring(mark + 2);
      log.line(severity, text);
      if (severity.isComplaint()) {
        keep(text);
      }
    } else {
      LOG.debug("The JVM of a build said: {}", line);
      keep(line);
    }
  }

  private void keep(String line) {
    lastLines.addLast(line);
    if (lastLines.size() > KEPT_LINES) {
      lastLines.removeFirst();
    }
  }
}
