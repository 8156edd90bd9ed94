package io.inferc.backend.onnxruntime;

import com.sun.management.ThreadMXBean;
import io.inferc.Compiler;
import io.inferc.benchmark.Environment;
import io.inferc.benchmark.RatioInterval;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ProcessMemory;
import io.inferc.testing.RealModels;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.hipparchus.stat.regression.SimpleRegression;

/**
 * What inferc adds to ONNX Runtime: time and allocation of a call against the raw API in turns, the
 * cost of importing a model, and memory under 64 threads. Prints Markdown.
 */
public final class FoundationBenchmark {
  private static final int LIVES = 12;
  private static final int TINY_ROUNDS = 20;
  private static final int MODEL_ROUNDS = 20;
  private static final int SOAK_THREADS = 64;
  private static final int SOAK_SECONDS = 60;
  private static final int SETTLE_SECONDS = 10;

  private FoundationBenchmark() {}

  // One thread for both: the idle threads of one session would spin on the cores of the other.
  private static final Target ONE_THREAD =
      Target.onnxRuntime().options(OnnxRuntimeOptions.builder().intraOpThreads(1).build());

  /** A call that is measured. */
  private interface Call {
    void run() throws Exception;
  }

  /**
   * Runs everything, about three minutes.
   *
   * @param arguments the file to write the figures to; none to print them only
   */
  public static void main(String... arguments) throws Exception {
    List<String> report = new ArrayList<>();
    report.add("# inferc against the raw ONNX Runtime Java API");
    report.add("");
    report.add(Environment.current().describe() + ", ONNX Runtime " + RuntimeVersion.find());
    report.add("");
    report.add("## A call, bound form against pinned outputs, one thread");
    report.add("");
    report.add(
        "| model | raw p50 | inferc p50 | ratio of p50, 95 % interval | raw bytes a call | inferc"
            + " bytes a call |");
    report.add("|---|---|---|---|---|---|");
    report.add(tiny());
    report.add(miniLm());
    report.add("");
    report.addAll(imports());
    report.add("");
    report.addAll(soak());
    report.forEach(System.out::println);
    if (arguments.length > 0) {
      Files.write(Path.of(arguments[0]), report);
    }
  }

  private static String tiny() throws Exception {
    Path file = Files.createTempFile("tiny-", ".onnx");
    FoundationModels.tinyAdd().save(file);
    try (Tensor x = Tensor.allocate(DataType.FLOAT32, 16);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 16)) {
      return compare(
          "one Add on 16 floats", file, Map.of("x", x), Map.of("y", y), TINY_ROUNDS, 10_000);
    } finally {
      Files.delete(file);
    }
  }

  private static String miniLm() throws Exception {
    Map<String, Tensor> inputs = FoundationModels.tokens(1, 16);
    try (Tensor out = Tensor.allocate(DataType.FLOAT32, 1, 16, 384)) {
      return compare(
          "all-MiniLM-L6-v2, 1 x 16 tokens",
          RealModels.MINILM.path(),
          inputs,
          Map.of("last_hidden_state", out),
          MODEL_ROUNDS,
          20);
    }
  }

  /**
   * Opens both anew several times, since where a session's weights come to lie in memory alone
   * makes it a few percent faster or slower for as long as it lives.
   */
  private static String compare(
      String name,
      Path file,
      Map<String, Tensor> in,
      Map<String, Tensor> out,
      int rounds,
      int calls)
      throws Exception {
    double[] rawNanos = new double[LIVES * rounds];
    double[] boundNanos = new double[LIVES * rounds];
    long[] bytes = new long[2];
    for (int life = 0; life < LIVES; life++) {
      live(life, file, in, out, rounds, calls, rawNanos, boundNanos, bytes);
    }
    RatioInterval ratio = RatioInterval.ofPairs(boundNanos, rawNanos);
    return String.format(
        Locale.ROOT,
        "| %s | %.2f µs | %.2f µs | %.4f [%.4f, %.4f] | %d | %d |",
        name,
        middle(rawNanos) / 1e3,
        middle(boundNanos) / 1e3,
        ratio.ratio(),
        ratio.low(),
        ratio.high(),
        bytes[0],
        bytes[1]);
  }

  private static void live(
      int life,
      Path file,
      Map<String, Tensor> in,
      Map<String, Tensor> out,
      int rounds,
      int calls,
      double[] rawNanos,
      double[] boundNanos,
      long[] bytes)
      throws Exception {
    RawSession early = life % 2 == 0 ? new RawSession(file, in, out) : null;
    try (CompiledModel model = Compiler.forTarget(ONE_THREAD).build().compile(file);
        InferenceSession bound = model.newSession();
        RawSession raw = early != null ? early : new RawSession(file, in, out)) {
      in.forEach((n, t) -> bound.input(n, t.shape()).copyFrom(t));
      Call rawCall = raw::run;
      Call boundCall = bound::run;
      for (int i = 0; i < 3; i++) {
        median(rawCall, calls);
        median(boundCall, calls);
      }
      for (int round = 0; round < rounds; round++) {
        int at = life * rounds + round;
        if (round % 2 == 0) {
          rawNanos[at] = median(rawCall, calls);
          boundNanos[at] = median(boundCall, calls);
        } else {
          boundNanos[at] = median(boundCall, calls);
          rawNanos[at] = median(rawCall, calls);
        }
      }
      bytes[0] = allocated(rawCall, calls);
      bytes[1] = allocated(boundCall, calls);
    }
  }

  private static double median(Call call, int calls) throws Exception {
    double[] nanos = new double[calls];
    for (int i = 0; i < calls; i++) {
      long before = System.nanoTime();
      call.run();
      nanos[i] = System.nanoTime() - before;
    }
    return middle(nanos);
  }

  private static double middle(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static long allocated(Call call, int calls) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    return (threads.getThreadAllocatedBytes(id) - before) / calls;
  }

  private static List<String> imports() {
    Path file = RealModels.MINILM.path();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    int loads = 20;
    double[] millis = new double[loads];
    long bytes = 0;
    for (int i = 0; i < loads; i++) {
      long before = threads.getThreadAllocatedBytes(id);
      long start = System.nanoTime();
      OnnxModel model = OnnxModel.load(file);
      millis[i] = (System.nanoTime() - start) / 1e6;
      if (model.graph().nodes().isEmpty()) {
        throw new IllegalStateException("the model has no nodes");
      }
      bytes = Math.max(bytes, threads.getThreadAllocatedBytes(id) - before);
    }
    double longest = Arrays.stream(millis).max().orElseThrow();
    return List.of(
        "## Importing all-MiniLM-L6-v2 (90 MB)",
        "",
        String.format(
            Locale.ROOT,
            "%d loads in the warm process: median %.1f ms, longest %.1f ms; at most %.1f MB"
                + " of heap allocated in a load, garbage included.",
            loads,
            middle(millis),
            longest,
            bytes / 1e6));
  }

  private static List<String> soak() throws Exception {
    AtomicLong runs = new AtomicLong();
    AtomicInteger errors = new AtomicInteger();
    SimpleRegression growth = new SimpleRegression();
    ExecutorService threads = Executors.newFixedThreadPool(SOAK_THREADS);
    long first = 0;
    long last = 0;
    try (CompiledModel model =
        Compiler.forTarget(Target.onnxRuntime()).build().compile(RealModels.MINILM.path())) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOAK_SECONDS);
      for (int t = 0; t < SOAK_THREADS; t++) {
        threads.execute(() -> soakOne(model, end, runs, errors));
      }
      threads.shutdown();
      for (int second = 1; second <= SOAK_SECONDS; second++) {
        Thread.sleep(1000);
        if (second > SETTLE_SECONDS) {
          last = ProcessMemory.residentBytes();
          first = first == 0 ? last : first;
          growth.addData(second / 60.0, last / 0x1p20);
        }
      }
      if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
        errors.incrementAndGet();
      }
    }
    return List.of(
        "## 64 threads sharing one compiled model for 60 s (all-MiniLM-L6-v2, 1 x 16 tokens)",
        "",
        String.format(
            Locale.ROOT,
            "%,d runs, %d errors. Resident memory after the first 10 s: %.1f MiB, at the end %.1f"
                + " MiB, slope %.2f MiB a minute (standard error %.2f).",
            runs.get(),
            errors.get(),
            first / 0x1p20,
            last / 0x1p20,
            growth.getSlope(),
            growth.getSlopeStdErr()));
  }

  private static void soakOne(
      CompiledModel model, long end, AtomicLong runs, AtomicInteger errors) {
    Map<String, Tensor> inputs = FoundationModels.tokens(1, 16);
    try (InferenceSession session = model.newSession()) {
      inputs.forEach((n, t) -> session.input(n, t.shape()).copyFrom(t));
      while (System.nanoTime() < end) {
        session.run();
        runs.incrementAndGet();
      }
    } catch (RuntimeException e) {
      errors.incrementAndGet();
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }
}
