package io.inferc.accuracy;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares all outputs of two models within a tolerance, sample by sample, in constant memory. */
final class Comparisons {
  private final Tolerance tolerance;
  private final int k;
  private final Map<String, TensorShape> declared = new HashMap<>();
  private final Map<String, OutputComparison> outputs = new LinkedHashMap<>();
  private final Map<BoxMeasure, Map<Metric, Double>> boxes;
  private boolean viewed;
  private @Nullable Set<String> names;

  /**
   * Starts a comparison.
   *
   * @param k how many elements of a row the top-k agreement looks at
   */
  Comparisons(Tolerance tolerance, int k) {
    this.tolerance = tolerance;
    this.k = k;
    this.boxes = tolerance.boxMeasures();
  }

  /** Takes outputs as the model declares them: in this order they are reported. */
  Comparisons declared(List<TensorSpec> specs) {
    for (TensorSpec spec : specs) {
      declared.put(spec.name(), spec.shape());
      comparison(spec.name());
    }
    return this;
  }

  /** Takes what an application makes of outputs, which must be something. */
  Comparisons viewed() {
    viewed = true;
    return this;
  }

  /**
   * Returns what an application makes of the outputs of one sample.
   *
   * @throws InfercException if that is nothing
   */
  static Outputs view(
      OutputView view, long sample, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    @Nullable Map<String, Tensor> seen = view.of(inputs, outputs);
    if (seen == null || seen.isEmpty()) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare what the OutputView makes of sample "
              + sample
              + ", but it made no tensor of the outputs "
              + outputs.keySet()
              + ".",
          "Return at least one tensor, under the same names for each sample.");
    }
    return Outputs.of(seen);
  }

  private OutputComparison comparison(String output) {
    return outputs.computeIfAbsent(output, this::newComparison);
  }

  private OutputComparison newComparison(String output) {
    OutputComparison made = new OutputComparison(output, k);
    tolerance.of(output).ifPresent(made::within);
    TensorShape shape = declared.get(output);
    boolean batch =
        shape != null
            && shape.dimensions().filter(d -> d.size() == 1 && !d.get(0).isFixed()).isPresent();
    return batch ? made.ofBatch() : made;
  }

  /** Adds a sample. */
  void add(long sample, Map<String, Tensor> original, Map<String, Tensor> compiled) {
    requireNamed(original.keySet());
    requireSame(sample, original.keySet(), compiled.keySet());
    original.forEach(
        (name, tensor) -> comparison(name).addAny(sample, tensor, tensor(compiled, name)));
    boxes.keySet().forEach(b -> b.add(sample, original, compiled));
  }

  private static Tensor tensor(Map<String, Tensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private void requireSame(long sample, Set<String> original, Set<String> compiled) {
    Set<String> expected = names == null ? Set.copyOf(original) : names;
    names = expected;
    if (!original.equals(expected) || !compiled.containsAll(expected)) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare the outputs "
              + expected
              + ", but sample "
              + sample
              + " has "
              + original
              + " of the original and "
              + compiled
              + " of the compiled model.",
          "An OutputView must return tensors of the same names for each sample and both models.");
    }
  }

  private void requireNamed(Set<String> present) {
    Set<String> missing = new HashSet<>(tolerance.named());
    missing.removeAll(present);
    if (!missing.isEmpty()) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to judge the outputs " + missing + ", but there are only " + present + ".",
          "Name outputs of the model, or of the OutputView, in the tolerance.");
    }
  }

  /** The accuracy of all outputs, and of boxes behind them. */
  List<OutputAccuracy> results() {
    List<OutputAccuracy> results = new ArrayList<>();
    outputs.values().forEach(o -> results.add(o.result()));
    boxes.forEach((measure, limits) -> results.add(measure.result(limits)));
    return results;
  }

  /** What broke a limit, one sentence each. */
  List<String> violations(List<OutputAccuracy> results) {
    List<String> violations = new ArrayList<>();
    for (OutputAccuracy o : results) {
      if (o.limits().isEmpty()) {
        continue;
      }
      if (o.otherShapes() > 0) {
        violations.add(
            "The output '"
                + o.output()
                + "' has another shape than the original's in "
                + o.otherShapes()
                + " of "
                + o.samples()
                + " samples. Where numbers of boxes differ, describe them: Tolerance.boxes.");
      }
      if (viewed && o.elements() == 0 && o.otherShapes() == 0) {
        violations.add(
            "The output '"
                + o.output()
                + "' has no elements in any of "
                + o.samples()
                + " samples, so nothing was compared. Correct the OutputView, or give samples with"
                + " something in them.");
      }
      if (o.strayed() > 0) {
        violations.add(
            String.format(
                Locale.ROOT,
                "The output '%s' has %d NaN and %d infinite elements, the original's %d and %d.",
                o.output(),
                o.compiledNotFinite().nan(),
                o.compiledNotFinite().infinite(),
                o.originalNotFinite().nan(),
                o.originalNotFinite().infinite()));
      }
      o.limits().forEach((metric, limit) -> addViolation(violations, o, metric, limit));
    }
    return violations;
  }

  private static void addViolation(
      List<String> violations, OutputAccuracy o, Metric metric, double limit) {
    if (o.metric(metric).isEmpty()) {
      violations.add(
          "The output '"
              + o.output()
              + "' has no "
              + metric.label()
              + ", which the tolerance limits. Choose a tolerance that fits the output.");
      return;
    }
    double value = o.metric(metric).getAsDouble();
    // Written so that NaN breaks every limit.
    boolean kept = metric.higherIsBetter() ? value >= limit : value <= limit;
    if (!kept) {
      OutputAccuracy.WorstSample worst = o.worst().get(metric);
      violations.add(
          "The "
              + metric.label()
              + " of the output '"
              + o.output()
              + "' is "
              + AccuracyReport.number(value)
              + ", "
              + (metric.higherIsBetter() ? "below" : "above")
              + " the limit "
              + AccuracyReport.number(limit)
              + " by "
              + AccuracyReport.number(Math.abs(limit - value))
              + (worst == null
                  ? "."
                  : "; worst is sample "
                      + worst.sample()
                      + " with "
                      + AccuracyReport.number(worst.value())
                      + "."));
    }
  }
}
