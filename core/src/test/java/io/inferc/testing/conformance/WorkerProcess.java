package io.inferc.testing.conformance;

import io.inferc.runtime.Target;
import io.inferc.testing.conformance.Answer.Verdict;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A JVM that tries units, and is replaced when it dies or does not answer in time. */
final class WorkerProcess implements AutoCloseable {
  private static final String END = "end";
  private static final List<String> PASSED_ON =
      List.of("inferc.pypi.folder", "inferc.openvino.library");

  private final Class<? extends Supplier<Target>> target;
  private final long limitSeconds;
  private final Path log;
  private @Nullable Process process;
  private @Nullable Writer questions;
  private BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /**
   * Describes a worker; its JVM starts with the first unit.
   *
   * @param target makes what {@link ConformanceWorker} shall run models on
   * @param limitSeconds how long one unit may take
   * @param log where it writes what runtimes print
   */
  WorkerProcess(Class<? extends Supplier<Target>> target, long limitSeconds, Path log) {
    this.target = target;
    this.limitSeconds = limitSeconds;
    this.log = log;
  }

  /** Tries a unit; empty if its variant is the case as given. */
  Optional<Answer> answer(Unit unit) throws IOException, InterruptedException {
    Process running = running();
    try {
      Writer to = java.util.Objects.requireNonNull(questions);
      to.write(unit.asLine() + "\n");
      to.flush();
    } catch (IOException e) {
      return Optional.of(ended(running));
    }
    String line = answers.poll(limitSeconds, TimeUnit.SECONDS);
    if (line == null) {
      close();
      return Optional.of(
          new Answer(Verdict.HUNG, "no answer in " + limitSeconds + " seconds, " + lastWords()));
    }
    if (line.equals(END)) {
      return Optional.of(ended(running));
    }
    String[] words = line.substring(ConformanceWorker.MARK.length()).split("\t", 2);
    return words[0].equals(ConformanceWorker.SAME)
        ? Optional.empty()
        : Optional.of(new Answer(Verdict.valueOf(words[0]), words[1]));
  }

  private Answer ended(Process ended) throws IOException, InterruptedException {
    int code = ended.waitFor();
    close();
    return new Answer(Verdict.ABORTED, "the JVM ended with code " + code + ", " + lastWords());
  }

  private String lastWords() throws IOException {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.filter(l -> !l.isBlank()).toList();
      return String.join(" / ", all.subList(Math.max(0, all.size() - 3), all.size()));
    }
  }

  private Process running() throws IOException {
    if (process != null && process.isAlive()) {
      return process;
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // ONNX Runtime's environment and deep graphs want more than the usual stack; a dump helps
    // nobody here.
    command.addAll(List.of("-Xmx2g", "-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-XX:-CreateCoredumpOnCrash");
    command.add("-XX:ErrorFile=" + log.resolveSibling("hs_err_%p.log"));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    for (String property : PASSED_ON) {
      if (System.getProperty(property) != null) {
        command.add("-D" + property + "=" + System.getProperty(property));
      }
    }
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(ConformanceWorker.class.getName(), target.getName()));
    Process started =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(log.toFile())).start();
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(started, queue), "answers of a conformance worker");
    reader.setDaemon(true);
    reader.start();
    answers = queue;
    questions = started.outputWriter(StandardCharsets.UTF_8);
    process = started;
    return started;
  }

  private static void read(Process from, BlockingQueue<String> into) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        // A runtime may have left a line unfinished before it.
        int mark = line.indexOf(ConformanceWorker.MARK);
        if (mark >= 0) {
          into.add(line.substring(mark));
        }
      }
    } catch (IOException e) {
      // The process ended, which is told below.
    }
    into.add(END);
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }
}
