package io.inferc.benchmark.load;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes and reads rounds: a folder with a file for each run, and one that says whose they are,
 * which is written last, and of older rounds is deleted first.
 */
final class RoundsFile {
  private static final String MAGIC = "inferc load rounds 1";
  private static final String INDEX = "rounds.bin";
  private static final int MOST_SUBJECTS = 1 << 10;

  private RoundsFile() {}

  static void write(LoadRounds rounds, Path folder) {
    try {
      Files.createDirectories(folder);
      // Without it nothing can be read, should writing end with runs of two studies there.
      Files.deleteIfExists(folder.resolve(INDEX));
      for (int round = 0; round < rounds.rounds().size(); round++) {
        List<LoadRun> runs = rounds.rounds().get(round).runs();
        for (int subject = 0; subject < runs.size(); subject++) {
          runs.get(subject).write(folder.resolve(name(round, subject)));
        }
      }
      RegularFiles.replace(folder.resolve(INDEX), out -> index(rounds, new DataOutputStream(out)));
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.REPORT, e);
      throw new InfercException(
          Stage.REPORT,
          "Tried to save rounds of a load in " + folder + ", but writing failed: " + e + ".",
          "Check that it can be a folder, its permissions and the free space.",
          e);
    }
  }

  private static String name(int round, int subject) {
    return "round-" + round + "-subject-" + subject + ".run";
  }

  private static void index(LoadRounds rounds, DataOutputStream out) throws IOException {
    RunFile.text(out, MAGIC);
    RunFile.settings(out, rounds.settings());
    RunFile.number(out, rounds.subjects().size());
    for (String subject : rounds.subjects()) {
      RunFile.text(out, subject);
    }
    RunFile.number(out, rounds.rounds().size());
    for (LoadRounds.Round round : rounds.rounds()) {
      for (int place : round.order()) {
        RunFile.number(out, place);
      }
    }
    out.flush();
  }

  static LoadRounds read(Path folder) {
    try (InputStream file = RegularFiles.newInputStream(folder.resolve(INDEX))) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(file));
      if (!RunFile.text(in).equals(MAGIC)) {
        throw new IOException(INDEX + " is no such file, or one of another version");
      }
      LoadSettings settings = RunFile.settings(in);
      List<String> subjects = new ArrayList<>();
      for (long left = atMost(RunFile.number(in), MOST_SUBJECTS); left > 0; left--) {
        subjects.add(RunFile.text(in));
      }
      List<LoadRounds.Round> rounds = new ArrayList<>();
      long count = atMost(RunFile.number(in), Integer.MAX_VALUE);
      for (int round = 0; round < count; round++) {
        List<Integer> order = new ArrayList<>();
        List<LoadRun> runs = new ArrayList<>();
        for (int subject = 0; subject < subjects.size(); subject++) {
          order.add((int) atMost(RunFile.number(in), MOST_SUBJECTS));
          runs.add(LoadRun.read(folder.resolve(name(round, subject))));
        }
        rounds.add(new LoadRounds.Round(runs, order));
      }
      return new LoadRounds(settings, subjects, rounds);
    } catch (IOException | IllegalArgumentException | DateTimeException | ArithmeticException e) {
      CancelledException.throwIfInterrupted(Stage.REPORT, e);
      throw new InfercException(
          Stage.REPORT,
          "Tried to read rounds of a load from "
              + folder
              + ", but "
              + (e instanceof EOFException ? INDEX + " ends too early" : e.getMessage())
              + ".",
          "Give a folder that LoadRounds.write wrote, whole.",
          e);
    }
  }

  private static long atMost(long count, int most) throws IOException {
    if (count > most) {
      throw new IOException(INDEX + " is damaged: it tells of " + count);
    }
    return count;
  }
}
