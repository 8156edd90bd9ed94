package io.inferc.testing.conformance;

import io.inferc.runtime.Target;
import io.inferc.testing.PyPiModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Runs the ONNX project's cases through every {@link Mode} in every {@link Variant}, in processes
 * of their own.
 *
 * <p>What runs is told by system properties: {@code inferc.conformance=all} for all cases instead
 * of a fixed tenth; {@code inferc.conformance.case}, parts of the names of cases, with commas;
 * {@code inferc.conformance.mode} and {@code inferc.conformance.variant}, likewise; {@code
 * inferc.conformance.limit}, seconds for one answer; {@code inferc.conformance.workers}. For a
 * single case there is a program too:
 *
 * <pre>{@code
 * java -cp … -Dinferc.conformance.case=node/test_gelu_tanh_1_expanded -Dinferc.conformance.mode=FP16 \
 *     io.inferc.testing.conformance.Conformance onnxruntime
 * }</pre>
 */
public final class Conformance {
  private static final String PROGRESS = "progress.tsv";

  private final String target;
  private final Class<? extends Supplier<Target>> options;
  private final Path folder;
  private final Selection selection;

  /**
   * Prepares a run on a target without options.
   *
   * @param target onnxruntime or openvino
   * @param folder where results and what runtimes print are written
   */
  public Conformance(String target, Path folder) {
    this(target, target.equals("openvino") ? OpenVino.class : OnnxRuntime.class, folder);
  }

  /**
   * Prepares a run.
   *
   * @param target onnxruntime or openvino
   * @param options makes the target with its options, by a constructor without arguments
   * @param folder where results and what runtimes print are written
   */
  public Conformance(String target, Class<? extends Supplier<Target>> options, Path folder) {
    this.target = target;
    this.options = options;
    this.folder = folder;
    selection = Selection.ofProperties(target);
  }

  /** Runs what the properties say on the target named, and prints what fails. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of("target", "conformance", arguments[0]);
    ConformanceResult result = new Conformance(arguments[0], folder).run();
    result.failures().forEach(System.out::println);
    System.out.println(result.table());
    System.exit(0);
  }

  /** Whether all cases run, in all variants and modes. */
  public boolean isComplete() {
    return selection.complete();
  }

  /**
   * Tries everything selected, and writes results.tsv and what {@link Claims} says.
   *
   * @return what became of it
   * @throws IOException if a process cannot be started
   */
  public ConformanceResult run() throws IOException, InterruptedException {
    Files.createDirectories(folder);
    List<SuiteCase> cases = selection.cases(PyPiModels.onnxTestData());
    ConcurrentLinkedQueue<SuiteCase> waiting =
        new ConcurrentLinkedQueue<>(Selection.scattered(cases));
    int workers =
        Integer.getInteger(
            "inferc.conformance.workers", Math.min(4, Runtime.getRuntime().availableProcessors()));
    Files.deleteIfExists(folder.resolve(PROGRESS));
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    List<Future<Map<Unit, Answer>>> parts = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      Path log = folder.resolve("worker-" + i + ".log");
      parts.add(threads.submit(() -> work(waiting, log)));
    }
    Map<Unit, Answer> answers = new LinkedHashMap<>();
    try {
      Map<Unit, Answer> all = new LinkedHashMap<>();
      for (Future<Map<Unit, Answer>> part : parts) {
        all.putAll(part.get());
      }
      for (SuiteCase suiteCase : cases) {
        for (Unit unit : selection.units(suiteCase)) {
          Optional.ofNullable(all.get(unit)).ifPresent(a -> answers.put(unit, a));
        }
      }
    } catch (ExecutionException e) {
      throw new IOException("a worker could not be run", e.getCause());
    } finally {
      threads.shutdownNow();
    }
    ConformanceResult result = ConformanceResult.of(answers, Expectations.of(target));
    Files.write(folder.resolve("results.tsv"), result.lines());
    new Claims(folder).write(cases, result.worths());
    return result;
  }

  private Map<Unit, Answer> work(ConcurrentLinkedQueue<SuiteCase> waiting, Path log)
      throws IOException, InterruptedException {
    Map<Unit, Answer> answers = new LinkedHashMap<>();
    long limit = Long.getLong("inferc.conformance.limit", 60);
    try (WorkerProcess worker = new WorkerProcess(options, limit, log)) {
      for (SuiteCase next = waiting.poll(); next != null; next = waiting.poll()) {
        for (Unit unit : selection.units(next)) {
          Optional<Answer> answer = worker.answer(unit);
          if (answer.isPresent()) {
            answers.put(unit, answer.get());
            note(unit, answer.get());
          }
        }
      }
    }
    return answers;
  }

  /** What is known when a run is ended early. */
  private synchronized void note(Unit unit, Answer answer) throws IOException {
    Files.writeString(
        folder.resolve(PROGRESS),
        answer.verdict() + "\t" + unit.asLine() + "\t" + answer.detail() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** The target without options. */
  static final class OnnxRuntime implements Supplier<Target> {
    @Override
    public Target get() {
      return Target.onnxRuntime();
    }
  }

  /** The target without options. */
  static final class OpenVino implements Supplier<Target> {
    @Override
    public Target get() {
      return Target.openVino();
    }
  }

  static Set<String> words(String property) {
    String value = System.getProperty(property, "");
    return value.isBlank() ? Set.of() : Set.copyOf(Arrays.asList(value.split(",")));
  }
}
