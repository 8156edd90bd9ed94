package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a model returns for the first few of some samples, run in a reference back end. */
public final class ReferenceOutputs {
  // 64 MB, so that large outputs are those of one sample.
  private static final long MOST_VALUES = 16L << 20;

  private ReferenceOutputs() {}

  /**
   * Compiles a model, and runs samples until there are enough.
   *
   * @param model the model
   * @param backend the back end of the run
   * @param choice its device and options
   * @param outputs which of the model's outputs to keep, all of a floating-point type; one at least
   * @param samples the samples, as for a calibration
   * @param most how many of them to run; fewer if the outputs are large
   * @param cancellation stops the work between two samples
   * @return for each sample the values of the outputs, in row-major order, by name
   * @throws io.inferc.common.InfercException if the back end or a sample fails
   * @throws io.inferc.common.CancelledException if it was cancelled
   */
  public static List<Map<String, float[]>> of(
      OnnxModel model,
      Backend backend,
      Target.Choice choice,
      List<String> outputs,
      Dataset samples,
      int most,
      Cancellation cancellation) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(choice, "choice");
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(samples, "samples");
    Objects.requireNonNull(cancellation, "cancellation");
    List<Map<String, float[]>> values = new ArrayList<>();
    long[] count = {0};
    try (ReferenceRun run = ReferenceRun.open(model, backend, choice, outputs)) {
      samples.forEach(
          (index, sample) -> {
            cancellation.throwIfCancelled(Stage.CALIBRATE);
            run.run(index, sample);
            Map<String, float[]> returned = new LinkedHashMap<>();
            for (String output : outputs) {
              float[] read = run.output(output).toFloatArray();
              returned.put(output, read);
              count[0] += read.length;
            }
            values.add(returned);
            return values.size() < most && count[0] < MOST_VALUES;
          });
    }
    return values;
  }
}
