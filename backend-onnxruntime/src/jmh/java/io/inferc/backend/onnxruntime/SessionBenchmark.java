package io.inferc.backend.onnxruntime;

import io.inferc.Compiler;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

/** What a call costs on a model that computes next to nothing: one addition of 16 floats. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(3)
public class SessionBenchmark {
  private Path file;
  private Tensor x;
  private Tensor y;
  private RawSession raw;
  private CompiledModel model;
  private InferenceSession bound;

  /** Opens the model twice: by the runtime's own API, and by inferc. */
  @Setup(Level.Trial)
  public void open() throws Exception {
    file = Files.createTempFile("tiny-", ".onnx");
    FoundationModels.tinyAdd().save(file);
    x = Tensor.allocate(DataType.FLOAT32, 16);
    y = Tensor.allocate(DataType.FLOAT32, 16);
    raw = new RawSession(file, Map.of("x", x), Map.of("y", y));
    model =
        Compiler.forTarget(
                Target.onnxRuntime()
                    .options(OnnxRuntimeOptions.builder().intraOpThreads(1).build()))
            .build()
            .compile(file);
    bound = model.newSession();
    bound.input("x");
  }

  /** Closes everything. */
  @TearDown(Level.Trial)
  public void close() throws Exception {
    bound.close();
    model.close();
    raw.close();
    x.close();
    y.close();
    Files.delete(file);
  }

  /** The baseline. */
  @Benchmark
  public void rawApiWithPinnedOutputs() throws Exception {
    raw.run();
  }

  /** The bound form. */
  @Benchmark
  public void boundSession() {
    bound.run();
  }
}
