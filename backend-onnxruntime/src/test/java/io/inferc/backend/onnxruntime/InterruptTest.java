package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.LoadPattern;
import io.inferc.benchmark.Workload;
import io.inferc.calibrate.Calibrator;
import io.inferc.common.CancelledException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.SmallModels;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Work that would take hours ends soon after its thread is interrupted. */
class InterruptTest {
  private static final int ENDLESS = 100_000_000;
  private static final long BEFORE_MILLIS = 300;

  /** What was asked for is 2 seconds; a machine full of other builds takes its time. */
  private static final long LIMIT_MILLIS = 6_000;

  /** Multiplies a matrix as often as its input says. */
  private static OnnxModel looping() {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64, ""))
            .input(TensorSpec.of("on", DataType.BOOL, ""))
            .input(TensorSpec.of("m", DataType.FLOAT32, "16, 16"))
            .node(Node.builder("MatMul").inputs("m", "m").outputs("next").build())
            .node(Node.builder("Identity").inputs("on").outputs("still").build())
            .output(TensorSpec.of("still", DataType.BOOL, ""))
            .output(TensorSpec.of("next", DataType.FLOAT32, "16, 16"))
            .build();
    return OnnxModel.of(
        Graph.builder("looping")
            .input(TensorSpec.of("turns", DataType.INT64, ""))
            .input(TensorSpec.of("x", DataType.FLOAT32, "16, 16"))
            .node(
                Node.builder("Loop")
                    .inputs("turns", "", "x")
                    .outputs("y")
                    .attribute(Attribute.of("body", body))
                    .build())
            .output(TensorSpec.of("y", DataType.FLOAT32, "16, 16"))
            .build(),
        17);
  }

  private static Map<String, Tensor> request() {
    return Map.of("turns", Tensor.of(new long[] {ENDLESS}), "x", Tensor.of(new float[256], 16, 16));
  }

  private static Dataset endless() {
    return Dataset.generated(ENDLESS, i -> Map.of("x", Tensor.of(new float[64], 1, 64)));
  }

  private static OnnxModel perceptron() {
    return SmallModels.perceptron(64, 256, 8, 1);
  }

  private static Compiler compiler(Precision precision) {
    return Compiler.forTarget(Target.onnxRuntime()).precision(precision).build();
  }

  private static void assertEndsInterrupted(Runnable work) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicBoolean flag = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException | Error e) {
                thrown.set(e);
              }
              flag.set(Thread.currentThread().isInterrupted());
            });
    thread.setDaemon(true);
    thread.start();
    Thread.sleep(BEFORE_MILLIS);
    assertTrue(thread.isAlive(), () -> "ended by itself: " + thrown.get());
    thread.interrupt();
    thread.join(LIMIT_MILLIS);
    assertTrue(!thread.isAlive(), "it goes on");
    assertNotNull(thrown.get(), "it ended in good order");
    assertInstanceOf(CancelledException.class, thrown.get(), () -> String.valueOf(thrown.get()));
    assertTrue(flag.get(), "the interrupt is lost");
  }

  @Test
  void aRun() throws InterruptedException {
    try (CompiledModel model = compiler(Precision.fp32()).compile(looping());
        InferenceSession session = model.newSession()) {
      assertEndsInterrupted(() -> model.run(request()).close());
      assertEndsInterrupted(() -> session.run(request()).close());
      session.input("turns").longs().put(0, ENDLESS);
      assertEndsInterrupted(session::run);
      session.input("turns").longs().put(0, 2);
      session.run();
    }
  }

  @Test
  void aBenchmark() throws InterruptedException {
    try (CompiledModel model = compiler(Precision.fp32()).compile(looping())) {
      Workload workload = Workload.of("endless", request());
      BenchmarkOptions options = BenchmarkOptions.defaults().withRounds(1000);
      assertEndsInterrupted(() -> Benchmark.comparison(model, model).run(workload, options));
      assertEndsInterrupted(
          () ->
              Benchmark.comparison(model, model)
                  .run(workload, options.withLoad(new LoadPattern.ClosedLoop(2))));
    }
  }

  @Test
  void aComparison() throws InterruptedException {
    try (CompiledModel model = compiler(Precision.fp32()).compile(perceptron())) {
      assertEndsInterrupted(
          () -> Accuracy.compare(model, model, endless(), Tolerance.regression()));
    }
  }

  @Test
  void aCalibration() throws InterruptedException {
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    Calibrator calibrator =
        Calibrator.builder(perceptron(), opened.backend(), opened.choice()).build();
    assertEndsInterrupted(() -> calibrator.calibrate(endless()));
  }

  @Test
  void aCompile() throws InterruptedException {
    Compiler compiler = compiler(Precision.int8(endless()));
    assertEndsInterrupted(() -> compiler.compile(perceptron()).close());
  }

  @Test
  void aSearch() throws InterruptedException {
    Compiler compiler =
        compiler(
            Precision.int8(
                Dataset.generated(4, i -> Map.of("x", Tensor.of(new float[64], 1, 64)))));
    ModelRewriter rewriter = compiler.rewriter(perceptron());
    try (Tensor x = Tensor.of(new float[64], 1, 64)) {
      assertEndsInterrupted(
          () ->
              compiler
                  .search(perceptron(), rewriter)
                  .samples(endless(), Tolerance.custom().limit(Metric.SQNR_DB, 20).build())
                  .workload(Workload.of("one", Map.of("x", x)))
                  .budget(Duration.ofHours(1))
                  .run());
    }
  }
}
