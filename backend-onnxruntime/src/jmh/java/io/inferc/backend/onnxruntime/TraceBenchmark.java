package io.inferc.backend.onnxruntime;

import com.sun.management.OperatingSystemMXBean;
import io.inferc.Compiler;
import io.inferc.benchmark.trace.PayloadSampling;
import io.inferc.benchmark.trace.TraceOptions;
import io.inferc.benchmark.trace.TraceRecorder;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What recording adds to a call: each form plain and recorded in one run. A stand-in for a model
 * computes for about a microsecond, so that only the recorder differs; a real one adds 16 floats.
 * Calls are sampled one by one, because their percentiles bear with a machine that others use.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TraceBenchmark {
  private static final int SHAPES = 64;
  private static final long[][] SHAPE = new long[SHAPES][];

  private final Tensor[] ids = new Tensor[SHAPES];
  private final Tensor[] mask = new Tensor[SHAPES];
  private Path folder;
  private Path file;
  private TraceRecorder recorder;
  private TraceRecorder payloads;
  private TraceRecorder modelRecorder;
  private CompiledModel model;
  private InferenceSession plain;
  private InferenceSession recorded;
  private InferenceSession withPayloads;
  private InferenceSession bound;
  private InferenceSession boundRecorded;
  private Map<String, Tensor> request;
  private int next;

  /** Two inputs of up to 64 tokens, as a stand-in for a text model. */
  private final class StandIn implements InferenceSession {
    private final Outputs none = Outputs.of(Map.of());
    private Tensor boundIds = ids[SHAPES - 1];
    private Tensor boundMask = mask[SHAPES - 1];

    @Override
    public Tensor input(String name) {
      return name.equals("ids") ? boundIds : boundMask;
    }

    @Override
    public Tensor input(String name, long... shape) {
      int index = (int) shape[1] - 1;
      if (name.equals("ids")) {
        boundIds = ids[index];
        return boundIds;
      }
      boundMask = mask[index];
      return boundMask;
    }

    @Override
    public void bindInput(String name, Tensor tensor) {}

    @Override
    public void bindOutput(String name, Tensor tensor) {}

    @Override
    public void run() {
      Blackhole.consumeCPU(400);
    }

    @Override
    public Tensor output(String name) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Outputs run(Map<String, Tensor> inputs) {
      Blackhole.consumeCPU(400);
      return none;
    }

    @Override
    public void close() {}
  }

  /** Opens each session twice: as it is, and recorded. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    for (int i = 0; i < SHAPES; i++) {
      SHAPE[i] = new long[] {1, i + 1};
      ids[i] = Tensor.allocate(DataType.INT64, SHAPE[i]);
      mask[i] = Tensor.allocate(DataType.INT64, SHAPE[i]);
    }
    folder = Files.createTempDirectory("trace-");
    List<TensorSpec> inputs =
        List.of(
            TensorSpec.of("ids", DataType.INT64, "batch, length"),
            TensorSpec.of("mask", DataType.INT64, "batch, length"));
    TraceOptions options = TraceOptions.defaults();
    recorder = TraceRecorder.open(inputs, folder.resolve("shapes"), options);
    payloads =
        TraceRecorder.open(
            inputs, folder.resolve("payloads"), options.payloads(PayloadSampling.every(100)));
    plain = new StandIn();
    recorded = recorder.record(new StandIn());
    withPayloads = payloads.record(new StandIn());
    request = Map.of("ids", ids[SHAPES - 1], "mask", mask[SHAPES - 1]);

    file = folder.resolve("tiny.onnx");
    FoundationModels.tinyAdd().save(file);
    model =
        Compiler.forTarget(
                Target.onnxRuntime()
                    .options(OnnxRuntimeOptions.builder().intraOpThreads(1).build()))
            .build()
            .compile(file);
    modelRecorder = TraceRecorder.open(model, folder.resolve("model"), options);
    bound = model.newSession();
    bound.input("x");
    boundRecorded = modelRecorder.record(model.newSession());
    boundRecorded.input("x");
  }

  /** Closes everything, and says what was dropped. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    bound.close();
    boundRecorded.close();
    model.close();
    for (TraceRecorder each : List.of(recorder, payloads, modelRecorder)) {
      each.close();
      if (each.status().written() + each.status().dropped() > 0) {
        System.out.println("# " + each.status());
      }
    }
    for (int i = 0; i < SHAPES; i++) {
      ids[i].close();
      mask[i].close();
    }
    try (var files = Files.walk(folder)) {
      for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }

  /** The bound form, one shape. */
  @Benchmark
  public void plain() {
    plain.run();
  }

  /** The bound form, one shape, recorded. */
  @Benchmark
  public void recorded() {
    recorded.run();
  }

  /** The bound form, another shape each time. */
  @Benchmark
  public void changingPlain() {
    change(plain);
  }

  /** The bound form, another shape each time, recorded. */
  @Benchmark
  public void changingRecorded() {
    change(recorded);
  }

  private void change(InferenceSession session) {
    next = (next + 1) % SHAPES;
    session.input("ids", SHAPE[next]);
    session.input("mask", SHAPE[next]);
    session.run();
  }

  /** The Map form. */
  @Benchmark
  public Outputs mapPlain() {
    return plain.run(request);
  }

  /** The Map form, recorded. */
  @Benchmark
  public Outputs mapRecorded() {
    return recorded.run(request);
  }

  /** The bound form, recorded, each hundredth with its 1,024 bytes of contents. */
  @Benchmark
  public void recordedWithPayloads() {
    withPayloads.run();
  }

  /** A real model that computes next to nothing. */
  @Benchmark
  public void modelPlain() {
    bound.run();
  }

  /** The same, recorded. */
  @Benchmark
  public void modelRecorded() {
    boundRecorded.run();
  }

  /**
   * Says what a call costs on average in processor time, which other programs do not touch: that of
   * the calling thread, and that of the whole process with the recorder's thread in it.
   */
  public static void main(String[] arguments) throws Exception {
    int blocks = 60;
    int calls = 200_000;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    TraceBenchmark benchmark = new TraceBenchmark();
    benchmark.open();
    double[] caller = new double[blocks];
    double[] process = new double[blocks];
    for (int i = -10; i < blocks; i++) {
      double[] cost = new double[4];
      for (int side = 0; side < 2; side++) {
        InferenceSession session = side == 0 ? benchmark.plain : benchmark.recorded;
        long own = threads.getCurrentThreadCpuTime();
        long all = processNanos();
        for (int call = 0; call < calls; call++) {
          session.run();
        }
        cost[side] = threads.getCurrentThreadCpuTime() - own;
        // The recorder's thread has a few calls left to write.
        Thread.sleep(20);
        cost[2 + side] = processNanos() - all;
      }
      if (i >= 0) {
        caller[i] = (cost[1] - cost[0]) / calls;
        process[i] = (cost[3] - cost[2]) / calls;
      }
    }
    benchmark.close();
    System.out.println("Recording adds, in ns of processor time a call: " + said(caller));
    System.out.println("With the recorder's thread: " + said(process));
  }

  private static long processNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static String said(double[] differences) {
    double mean = DoubleStream.of(differences).average().orElseThrow();
    double squares = DoubleStream.of(differences).map(d -> (d - mean) * (d - mean)).sum();
    int n = differences.length;
    double error = Math.sqrt(squares / (n - 1) / n);
    return String.format(
        Locale.ROOT, "%.0f [%.0f, %.0f]", mean, mean - 2 * error, mean + 2 * error);
  }
}
