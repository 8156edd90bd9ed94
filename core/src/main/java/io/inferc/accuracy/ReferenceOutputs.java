package io.inferc.accuracy;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the original makes of some samples, kept so that many candidates can be judged by it and the
 * original runs once.
 *
 * <pre>{@code
 * try (ReferenceOutputs reference = ReferenceOutputs.record(original, samples, null, cancellation)) {
 *   boolean good = reference.compare(candidate, tolerance).judged().passed();
 * }
 * }</pre>
 *
 * <p>Outputs are kept up to 256 MiB; for what is beyond, the original runs again. The original must
 * stay open as long. Not thread-safe.
 */
public final class ReferenceOutputs implements AutoCloseable {
  private static final long MOST_BYTES = 256L << 20;
  private static final int TOP = 5;

  /**
   * How a candidate fares.
   *
   * @param outputs its outputs against the original's
   * @param judged what the application makes of them, against the same of the original; the outputs
   *     where there is no view
   */
  public record Comparison(AccuracyReport outputs, AccuracyReport judged) {}

  private record Kept(Outputs outputs, Outputs viewed) implements AutoCloseable {
    @Override
    public void close() {
      outputs.close();
      viewed.close();
    }

    long bytes() {
      return outputs.values().stream()
          .mapToLong(t -> t.elementCount() * Math.max(1, t.type().bitWidth() / 8))
          .sum();
    }
  }

  private final CompiledModel original;
  private final Dataset samples;
  private final @Nullable OutputView view;
  private final Cancellation cancellation;
  private final List<Kept> kept = new ArrayList<>();

  private ReferenceOutputs(
      CompiledModel original,
      Dataset samples,
      @Nullable OutputView view,
      Cancellation cancellation) {
    this.original = original;
    this.samples = samples;
    this.view = view;
    this.cancellation = cancellation;
  }

  /**
   * Runs the original on all samples.
   *
   * @param original the model that is right by definition
   * @param samples the samples, at least one, the same at every visit
   * @param view what the application makes of the outputs, or null
   * @param cancellation the switch that stops this run and later comparisons
   * @return the outputs, to be closed by the caller
   * @throws InfercException if there are no samples, or a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public static ReferenceOutputs record(
      CompiledModel original,
      Dataset samples,
      @Nullable OutputView view,
      Cancellation cancellation) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(samples, "samples");
    Objects.requireNonNull(cancellation, "cancellation");
    ReferenceOutputs reference = new ReferenceOutputs(original, samples, view, cancellation);
    boolean complete = false;
    try {
      reference.run();
      complete = true;
      return reference;
    } finally {
      if (!complete) {
        reference.close();
      }
    }
  }

  private void run() {
    long[] bytes = {0};
    try (InferenceSession session = original.newSession()) {
      samples.forEach(
          (index, sample) -> {
            cancellation.throwIfCancelled(Stage.VALIDATE);
            Kept outputs = outputs(session, index, sample, sample);
            kept.add(outputs);
            bytes[0] += outputs.bytes();
            return bytes[0] < MOST_BYTES;
          });
    }
    if (kept.isEmpty()) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to run "
              + original.name()
              + " to compare others with it, but there are no"
              + " samples.",
          "Pass a data set with at least one sample; 64 give a fair picture.");
    }
  }

  private Kept outputs(
      InferenceSession session,
      long index,
      Map<String, Tensor> inputs,
      Map<String, Tensor> sample) {
    Outputs made = session.run(inputs);
    boolean complete = false;
    try {
      Outputs viewed =
          view == null ? Outputs.of(Map.of()) : Comparisons.view(view, index, sample, made);
      complete = true;
      return new Kept(made, viewed);
    } finally {
      if (!complete) {
        made.close();
      }
    }
  }

  /**
   * Compares a candidate on all samples.
   *
   * @param candidate a model with the same outputs
   * @param tolerance the limits
   * @return metrics and verdict
   * @throws InfercException if the tolerance names outputs that are not there, or a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public Comparison compare(CompiledModel candidate, Tolerance tolerance) {
    Objects.requireNonNull(candidate, "candidate");
    Objects.requireNonNull(tolerance, "tolerance");
    return compare(candidate, tolerance, Long.MAX_VALUE, Map.of());
  }

  /**
   * Compares a candidate on some of the samples.
   *
   * @param candidate a model with the same outputs
   * @param tolerance the limits
   * @param most on how many samples at most, the first ones
   * @param more inputs that the candidate has beside those of the original, the same for each
   *     sample
   * @return metrics and verdict
   * @throws InfercException if the tolerance names outputs that are not there, or a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public Comparison compare(
      CompiledModel candidate, Tolerance tolerance, long most, Map<String, Tensor> more) {
    Objects.requireNonNull(candidate, "candidate");
    Objects.requireNonNull(more, "more");
    Objects.requireNonNull(tolerance, "tolerance");
    // What the application sees is judged; without a view these are the outputs themselves.
    Comparisons outputs =
        new Comparisons(view == null ? tolerance : Tolerance.exact(), TOP)
            .declared(original.outputs());
    Comparisons viewed = new Comparisons(tolerance, TOP).viewed();
    try (InferenceSession session = candidate.newSession();
        InferenceSession again = original.newSession()) {
      samples
          .limit(most)
          .forEach(
              (index, sample) -> {
                cancellation.throwIfCancelled(Stage.VALIDATE);
                Map<String, Tensor> inputs = new LinkedHashMap<>(sample);
                inputs.putAll(more);
                try (Kept actual = outputs(session, index, inputs, sample)) {
                  if (index < kept.size()) {
                    add(index, kept.get((int) index), actual, outputs, viewed);
                  } else {
                    try (Kept expected = outputs(again, index, sample, sample)) {
                      add(index, expected, actual, outputs, viewed);
                    }
                  }
                }
                return true;
              });
    }
    AccuracyReport raw = report(candidate, tolerance, outputs);
    return new Comparison(raw, view == null ? raw : report(candidate, tolerance, viewed));
  }

  private void add(
      long index, Kept expected, Kept actual, Comparisons outputs, Comparisons viewed) {
    outputs.add(index, expected.outputs(), actual.outputs());
    if (view != null) {
      viewed.add(index, expected.viewed(), actual.viewed());
    }
  }

  private AccuracyReport report(
      CompiledModel candidate, Tolerance tolerance, Comparisons comparisons) {
    List<OutputAccuracy> found = comparisons.results();
    return new AccuracyReport(
        Accuracy.describe(original),
        Accuracy.describe(candidate),
        tolerance,
        found,
        comparisons.violations(found));
  }

  @Override
  public void close() {
    kept.forEach(Kept::close);
    kept.clear();
  }
}
