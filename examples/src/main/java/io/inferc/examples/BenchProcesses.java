package io.inferc.examples;

import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.ProcessRounds;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Has a benchmark made anew by processes of their own, one after the other. */
final class BenchProcesses {
  private static final double P95 = 95;
  private static final List<String> AGENTS =
      List.of("-agentlib:", "-agentpath:", "-javaagent:", "-Xrunjdwp", "-Xdebug");

  private BenchProcesses() {}

  /**
   * Starts the processes and takes what they measured together.
   *
   * @param words the command line of this process
   * @param count how many
   * @param folder where they leave their samples
   * @param seed each has one of its own, from this on
   * @throws IOException if one cannot be started, or fails
   */
  static ProcessRounds run(List<String> words, int count, Path folder, long seed)
      throws IOException {
    List<LoadRounds> rounds = new ArrayList<>();
    for (int process = 1; process <= count; process++) {
      Path own = Files.createDirectories(folder).resolve("process-" + process);
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(inherited(ManagementFactory.getRuntimeMXBean().getInputArguments()));
      command.add(Bench.class.getName());
      command.addAll(without(words, Set.of("--processes", "--seed")));
      command.addAll(
          List.of("--rounds-to", own.toString(), "--seed", Long.toString(seed + process)));
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      // In the environment, since a class path on the command line may be too long for some.
      builder.environment().put("CLASSPATH", classPath(Bench.class.getClassLoader()));
      await(builder.start(), process);
      rounds.add(LoadRounds.read(own));
    }
    return new ProcessRounds(rounds);
  }

  /**
   * Where another JVM finds what a class loader sees: inside a build tool, the class path is that
   * of the tool, and the loader alone knows the jars.
   */
  static String classPath(@Nullable ClassLoader loader) {
    Set<String> places = new LinkedHashSet<>();
    for (ClassLoader next = loader; next != null; next = next.getParent()) {
      if (next instanceof URLClassLoader urls) {
        Stream.of(urls.getURLs()).flatMap(BenchProcesses::file).forEach(places::add);
      }
    }
    Stream.of(System.getProperty("java.class.path", "").split(File.pathSeparator, -1))
        .filter(place -> !place.isEmpty())
        .forEach(places::add);
    return String.join(File.pathSeparator, places);
  }

  private static Stream<String> file(URL url) {
    try {
      return Stream.of(Path.of(url.toURI()).toString());
    } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
      // No place that another JVM could read, such as a jar inside of a jar.
      return Stream.empty();
    }
  }

  /** Arguments of this JVM without agents: two cannot listen at one port for a debugger. */
  static List<String> inherited(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> AGENTS.stream().noneMatch(argument::startsWith))
        .toList();
  }

  /**
   * A command line without some options and their values, which stand in the next word or behind =.
   */
  static List<String> without(List<String> words, Set<String> options) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (options.contains(word)) {
        i++;
      } else if (options.stream().noneMatch(option -> word.startsWith(option + "="))) {
        kept.add(word);
      }
    }
    return kept;
  }

  /** What several processes say of a variant's P95, or why they say nothing. */
  static String p95(ProcessRounds made, int variant) {
    try {
      return made.latency(0, variant, P95).toString();
    } catch (IllegalArgumentException e) {
      return "not known. " + e.getMessage();
    }
  }

  private static void await(Process process, int number) throws IOException {
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("process " + number + " ended with the status " + code + ".");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while process " + number + " measured.", e);
    }
  }
}
