package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ChildJvm;
import io.inferc.testing.FunctionModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceCrashTest {
  private static final int FLUSHED = 5000;
  private static final int CRASH = 42;

  @TempDir private Path folder;

  /** Records, makes sure that it is flushed, and goes on until it is gone without a word. */
  static final class Crashing {
    private Crashing() {}

    /** Takes the folder to record into. */
    public static void main(String[] arguments) {
      TraceOptions options =
          TraceOptions.defaults()
              .rotating(1 << 16, 100)
              .payloads(PayloadSampling.every(10))
              .flushEvery(Duration.ofMillis(20));
      FunctionModel model = RecordedModels.model();
      TraceRecorder recorder = TraceRecorder.open(model, Path.of(arguments[0]), options);
      InferenceSession session = recorder.record(model.newSession());
      long runs = 0;
      while (recorder.status().written() < FLUSHED) {
        RecordedModels.run(session, runs, 1, 1 + runs % 50);
        runs++;
      }
      for (int i = 0; i < 1000; i++) {
        RecordedModels.run(session, runs, 1, 1 + i % 50);
      }
      Runtime.getRuntime().halt(CRASH);
    }
  }

  /** Runs a request whose contents its memory has no room for a copy of. */
  static final class Starved {
    private Starved() {}

    /** Takes the folder to record into. */
    public static void main(String[] arguments) {
      TraceOptions options =
          TraceOptions.defaults()
              .rotating(1 << 30, 1)
              .payloads(PayloadSampling.every(1))
              .payloadQueue(1 << 30);
      ByteBuffer large = ByteBuffer.allocateDirect(1 << 27).order(ByteOrder.nativeOrder());
      try (FunctionModel model =
              FunctionModel.named("large")
                  .input("x", DataType.INT8, "n")
                  .output("y", DataType.FLOAT32, "1")
                  .computing(inputs -> Map.of("y", Tensor.of(new float[1], 1)));
          TraceRecorder recorder = TraceRecorder.open(model, Path.of(arguments[0]), options)) {
        Tensor x = Tensor.wrap(large, DataType.INT8, 1 << 27);
        recorder.record(model).run(Map.of("x", x)).close();
      }
    }
  }

  @Test
  void aRequestIsNotTroubledByMemoryThatItsCopyLacks() throws Exception {
    List<String> limits = List.of("-Xmx64m", "-XX:MaxDirectMemorySize=512m");
    ChildJvm.Result result = ChildJvm.run(limits, Starved.class, folder.toString());
    assertEquals(0, result.exitCode(), result.output());
    Trace trace = Trace.read(folder);
    assertEquals(1, trace.events().size());
    assertEquals(0, trace.failed());
    assertEquals(1, trace.droppedPayloads());
  }

  @Test
  void whatWasFlushedOutlivesTheProcess() throws Exception {
    ChildJvm.Result result = ChildJvm.run(List.of("-Xmx128m"), Crashing.class, folder.toString());
    assertEquals(CRASH, result.exitCode(), result.output());
    Trace trace = Trace.read(folder);
    assertTrue(trace.events().size() >= FLUSHED, trace.toString());
    // None where the process ended between two blocks.
    assertTrue(trace.notes().size() <= 1, trace.notes().toString());
    long[] samples = new long[1];
    trace.samples().forEach((index, sample) -> ++samples[0] > 0);
    assertTrue(samples[0] >= FLUSHED / 10 - trace.dropped(), samples[0] + " samples");
    // The lock went with the process.
    RecordedModels.record(folder, TraceOptions.defaults().rotating(1 << 16, 100), 1);
  }
}
