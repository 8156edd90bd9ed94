package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One walk over the samples for one group of tensors. */
final class CalibrationPass {
  private final OnnxModel model;
  private final List<String> names;
  private final List<TensorObservation> observations;
  private final Workers workers;
  private final @Nullable String[] notFinite;
  private final Tensor[] values;

  CalibrationPass(
      OnnxModel model, List<String> names, List<TensorObservation> observations, Workers workers) {
    this.model = model;
    this.names = names;
    this.observations = observations;
    this.workers = workers;
    notFinite = new String[names.size()];
    values = new Tensor[names.size()];
  }

  /** Tells someone how many samples this pass has done. */
  interface Progress {
    void done(long samples);
  }

  /**
   * Runs all samples.
   *
   * @return how many there were
   */
  long run(ReferenceRun reference, Dataset samples, Cancellation cancellation, Progress progress) {
    long[] seen = {0};
    samples.forEach(
        (index, sample) -> {
          cancellation.throwIfCancelled(Stage.CALIBRATE);
          reference.run(index, sample);
          observe(reference, index, sample);
          progress.done(++seen[0]);
          return true;
        });
    return seen[0];
  }

  private void observe(ReferenceRun reference, long index, Map<String, Tensor> sample) {
    for (int i = 0; i < values.length; i++) {
      Tensor input = sample.get(names.get(i));
      values[i] = input != null ? input : reference.output(names.get(i));
    }
    workers.each(
        values.length,
        (i, scratch) -> notFinite[i] = observations.get(i).observe(values[i], scratch));
    for (int i = 0; i < values.length; i++) {
      if (notFinite[i] != null) {
        throw new InfercException(
            Stage.CALIBRATE,
            "Tried to calibrate "
                + model
                + ", but on sample "
                + index
                + " the tensor '"
                + names.get(i)
                + "' has the value "
                + notFinite[i]
                + "; it is the first such tensor in the order of the graph that is observed.",
            "Look at that sample's inputs, or leave it out; if every sample does this, the model"
                + " itself overflows and cannot be calibrated.");
      }
    }
  }

  /** Says how far a walk has come among all of them. */
  static Progress report(ProgressListener listener, long before, long total) {
    return samples -> listener.onProgress(Stage.CALIBRATE, "calibrating", before + samples, total);
  }
}
