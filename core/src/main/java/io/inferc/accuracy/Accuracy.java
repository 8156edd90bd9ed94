package io.inferc.accuracy;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares a compiled model with its original on the same samples.
 *
 * <p>Memory does not grow with the number of samples. The comparison opens one session of each
 * model and runs on the calling thread.
 */
public final class Accuracy {
  private static final int DEFAULT_K = 5;

  private final CompiledModel original;
  private final CompiledModel compiled;
  private ProgressListener progress = ProgressListener.none();
  private Cancellation cancellation = new Cancellation();
  private int k = DEFAULT_K;
  private @Nullable OutputView view;

  private Accuracy(CompiledModel original, CompiledModel compiled) {
    this.original = original;
    this.compiled = compiled;
  }

  /**
   * Compares two models.
   *
   * @param original the model that is right by definition
   * @param compiled the model in question
   * @param dataset the samples, at least one
   * @param tolerance the limits
   * @return metrics and verdict
   * @throws InfercException if the models' outputs differ in name, the tolerance names others, a
   *     run fails, or there are no samples
   */
  public static AccuracyReport compare(
      CompiledModel original, CompiledModel compiled, Dataset dataset, Tolerance tolerance) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(compiled, "compiled");
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(tolerance, "tolerance");
    return comparison(original, compiled).run(dataset, tolerance);
  }

  /**
   * Starts a comparison with settings of the caller's.
   *
   * @param original the model that is right by definition
   * @param compiled the model in question
   * @return the comparison, not yet run
   */
  public static Accuracy comparison(CompiledModel original, CompiledModel compiled) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(compiled, "compiled");
    return new Accuracy(original, compiled);
  }

  /**
   * Sets who hears of progress.
   *
   * @param listener the listener
   * @return this
   */
  public Accuracy progress(ProgressListener listener) {
    Objects.requireNonNull(listener, "listener");
    progress = listener;
    return this;
  }

  /**
   * Sets the switch that stops the comparison.
   *
   * @param cancellation the switch
   * @return this
   */
  public Accuracy cancellation(Cancellation cancellation) {
    Objects.requireNonNull(cancellation, "cancellation");
    this.cancellation = cancellation;
    return this;
  }

  /**
   * Compares what the application makes of the outputs in place of the outputs themselves, such as
   * the mean of token vectors, or the text that was recognised.
   *
   * @param view makes tensors of the inputs and outputs of one sample
   * @return this
   */
  public Accuracy view(OutputView view) {
    Objects.requireNonNull(view, "view");
    this.view = view;
    return this;
  }

  /**
   * Sets k of the top-k agreement, by default 5.
   *
   * @param k 1 or more; rows shorter than that use their length
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public Accuracy topK(int k) {
    if (k < 1) {
      throw new IllegalArgumentException(
          "Tried to compare the top " + k + " elements; k must be at least 1.");
    }
    this.k = k;
    return this;
  }

  /**
   * Runs the comparison.
   *
   * @param dataset the samples, at least one
   * @param tolerance the limits
   * @return metrics and verdict
   * @throws InfercException if the models' outputs differ in name, the tolerance names others, a
   *     run fails, or there are no samples
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public AccuracyReport run(Dataset dataset, Tolerance tolerance) {
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(tolerance, "tolerance");
    checkOutputs();
    Comparisons comparisons =
        view == null
            ? new Comparisons(tolerance, k).declared(original.outputs())
            : new Comparisons(tolerance, k).viewed();
    long total = dataset.size().orElse(ProgressListener.UNKNOWN_TOTAL);
    String task = "comparing " + compiled.name() + " with the original";
    long[] seen = {0};
    try (InferenceSession reference = original.newSession();
        InferenceSession candidate = compiled.newSession()) {
      dataset.forEach(
          (index, sample) -> {
            cancellation.throwIfCancelled(Stage.VALIDATE);
            compareOne(index, sample, reference, candidate, comparisons);
            seen[0]++;
            progress.onProgress(Stage.VALIDATE, task, seen[0], total);
            return true;
          });
    }
    if (seen[0] == 0) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare " + compiled.name() + " with its original, but there are no samples.",
          "Pass a data set with at least one sample; a few hundred give a fair picture.");
    }
    List<OutputAccuracy> outputs = comparisons.results();
    return new AccuracyReport(
        describe(original),
        describe(compiled),
        tolerance,
        outputs,
        comparisons.violations(outputs));
  }

  static String describe(CompiledModel model) {
    return model.name() + " on " + model.target();
  }

  private void checkOutputs() {
    List<String> names = compiled.outputs().stream().map(TensorSpec::name).toList();
    List<String> originals = original.outputs().stream().map(TensorSpec::name).toList();
    if (!new TreeSet<>(names).equals(new TreeSet<>(originals))) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare "
              + compiled.name()
              + ", which returns "
              + names
              + ", with an original that returns "
              + originals
              + ".",
          "Both must be the same model: check what was compiled.");
    }
  }

  private void compareOne(
      long index,
      Map<String, Tensor> sample,
      InferenceSession reference,
      InferenceSession candidate,
      Comparisons comparisons) {
    try (Outputs expected = viewed(index, sample, reference.run(sample));
        Outputs actual = viewed(index, sample, candidate.run(sample))) {
      comparisons.add(index, expected, actual);
    }
  }

  private Outputs viewed(long index, Map<String, Tensor> inputs, Outputs outputs) {
    if (view == null) {
      return outputs;
    }
    try (outputs) {
      return Comparisons.view(view, index, inputs, outputs);
    }
  }
}
