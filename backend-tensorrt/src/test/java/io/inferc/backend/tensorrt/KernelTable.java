package io.inferc.backend.tensorrt;

import io.inferc.testing.KernelTrial;
import io.inferc.testing.KernelTrial.Outcome;
import io.inferc.testing.OperatorCases;
import io.inferc.testing.OperatorCases.Case;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/**
 * Tries the table of operators that integer kernels are held to on a device, all of it, and writes
 * how each case ended to a file. A program, since it takes minutes. Cases run in JVMs of their own,
 * several at once, so that one that ends its process costs no other: it counts as ABORTED, and as
 * HUNG if it does not end. A table that is in the folder is continued; forms of operators that it
 * has of no opset come first.
 */
final class KernelTable {
  private static final String MARK = "outcome\t";
  private static final long MOST_SECONDS = 90;

  private final List<Case> cases = OperatorCases.all();
  private final Queue<Integer> open = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Path folder;
  private final Writer table;
  private final ScheduledExecutorService guards = Executors.newSingleThreadScheduledExecutor();

  private KernelTable(Path folder, Pattern names) throws IOException {
    this.folder = folder;
    Path file = folder.resolve("kernels.tsv");
    Set<Integer> done = new HashSet<>();
    if (Files.exists(file)) {
      Files.readAllLines(file)
          .forEach(l -> done.add(Integer.parseInt(l.substring(0, l.indexOf('\t')))));
    }
    table = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    Set<String> forms = new HashSet<>();
    done.forEach(i -> forms.add(form(i)));
    List<Integer> later = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      if (!done.contains(i) && names.matcher(cases.get(i).name()).find()) {
        (forms.add(form(i)) ? open : later).add(i);
      }
    }
    Collections.shuffle(later, new Random(later.size()));
    open.addAll(later);
  }

  /** The name without the opset. */
  private String form(int number) {
    String name = cases.get(number).name();
    return name.substring(name.indexOf(", ") + 2);
  }

  /** Takes a folder, the number of processes and a pattern of names; without any, it is one. */
  public static void main(String... args) throws IOException, InterruptedException {
    if (args.length == 0) {
      work();
      return;
    }
    KernelTable all =
        new KernelTable(
            Files.createDirectories(Path.of(args[0])),
            Pattern.compile(args.length > 2 ? args[2] : ""));
    all.run(Integer.parseInt(args[1]));
  }

  /** Answers each line, the number of a case, by a line. */
  private static void work() throws IOException {
    List<Case> cases = OperatorCases.all();
    BufferedReader numbers =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = numbers.readLine(); line != null; line = numbers.readLine()) {
      long start = System.nanoTime();
      String answer;
      try {
        Outcome outcome = KernelTrial.of(cases.get(Integer.parseInt(line)), Targets.quick(0));
        answer = outcome.kind() + "\t" + outcome.detail();
      } catch (RuntimeException | AssertionError e) {
        answer = "ERROR\t" + e;
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      System.out.println(MARK + answer.replace('\n', ' ') + "\t" + millis + " ms");
    }
  }

  private void run(int processes) throws IOException, InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      int number = i;
      Thread thread = new Thread(() -> feed(number));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    guards.shutdownNow();
    table.close();
    System.out.println(counts);
  }

  private void feed(int number) {
    try {
      while (!open.isEmpty()) {
        Process child = start(number);
        try (Writer asks = child.outputWriter(StandardCharsets.UTF_8);
            BufferedReader answers = child.inputReader(StandardCharsets.UTF_8)) {
          Integer next = open.poll();
          while (next != null && ask(child, asks, answers, next)) {
            next = open.poll();
          }
        } catch (IOException e) {
          System.out.println("A process ended before it was asked: " + e);
        } finally {
          child.destroyForcibly();
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Process start(int number) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), KernelTable.class.getName()));
    return new ProcessBuilder(command)
        .redirectError(
            ProcessBuilder.Redirect.appendTo(folder.resolve("errors" + number + ".txt").toFile()))
        .start();
  }

  /** Returns whether the process lives on. */
  private boolean ask(Process child, Writer asks, BufferedReader answers, int next)
      throws IOException {
    AtomicBoolean hung = new AtomicBoolean();
    ScheduledFuture<?> guard =
        guards.schedule(
            () -> {
              hung.set(true);
              child.destroyForcibly();
            },
            MOST_SECONDS,
            TimeUnit.SECONDS);
    asks.write(next + "\n");
    asks.flush();
    String line = answers.readLine();
    while (line != null && !line.startsWith(MARK)) {
      line = answers.readLine();
    }
    guard.cancel(false);
    if (line != null) {
      record(next, line.substring(MARK.length()));
      return true;
    }
    int code = child.onExit().join().exitValue();
    record(next, hung.get() ? "HUNG\tfor " + MOST_SECONDS + " s" : "ABORTED\texit code " + code);
    return false;
  }

  private synchronized void record(int number, String outcome) {
    try {
      table.write(number + "\t" + cases.get(number).name() + "\t" + outcome + "\n");
      table.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    counts.merge(outcome.substring(0, outcome.indexOf('\t')), 1, Integer::sum);
  }
}
