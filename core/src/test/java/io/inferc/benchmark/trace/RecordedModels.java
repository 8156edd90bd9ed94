package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.FunctionModel;
import java.nio.file.Path;
import java.util.Map;

/** Models and requests that tests of traces share. */
final class RecordedModels {
  /** The first element of a request that is to fail. */
  static final long BAD = -1;

  private RecordedModels() {}

  /** Takes ids [batch, length] and scale [2], returns one number; fails for {@link #BAD}. */
  static FunctionModel model() {
    return FunctionModel.named("traced")
        .input("ids", DataType.INT64, "batch, length")
        .input("scale", DataType.FLOAT32, "2")
        .output("y", DataType.FLOAT32, "1")
        .computing(
            inputs -> {
              Tensor ids = inputs.get("ids");
              if (ids.elementCount() > 0 && ids.longs().get(0) == BAD) {
                throw new InfercException(Stage.RUN, "Tried, but failed.", "Give another.");
              }
              return Map.of("y", Tensor.of(new float[] {ids.elementCount()}, 1));
            });
  }

  /** Runs the bound form with ids that count from a number on. */
  static void run(InferenceSession session, long first, long batch, long length) {
    Tensor ids = session.input("ids", batch, length);
    for (int i = 0; i < ids.elementCount(); i++) {
      ids.longs().put(i, first + i);
    }
    session.input("scale").floats().put(0, first).put(1, 0.5f);
    session.run();
  }

  /** Records so many requests of growing length, each with contents if asked for. */
  static void record(Path folder, TraceOptions options, int count) {
    try (FunctionModel model = model();
        TraceRecorder recorder = TraceRecorder.open(model, folder, options);
        InferenceSession session = recorder.record(model.newSession())) {
      for (int i = 0; i < count; i++) {
        run(session, i, 1, 1 + i % 5);
      }
    }
  }
}
