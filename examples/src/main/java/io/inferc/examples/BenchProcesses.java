package io.inferc.examples;

import io.inferc.benchmark.load.LoadRounds;
import io.inferc.benchmark.load.ProcessRounds;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Has a benchmark made anew by processes of their own, one after the other. */
final class BenchProcesses {
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
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.add(Bench.class.getName());
      command.addAll(without(words, Set.of("--processes", "--seed")));
      command.addAll(
          List.of("--rounds-to", own.toString(), "--seed", Long.toString(seed + process)));
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      // In the environment, since a class path on the command line may be too long for some.
      builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
      await(builder.start(), process);
      rounds.add(LoadRounds.read(own));
    }
    return new ProcessRounds(rounds);
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

  private static void await(Process process, int number) throws IOException {
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException("process " + number + " ended with the status " + code);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while process " + number + " measured", e);
    }
  }
}
