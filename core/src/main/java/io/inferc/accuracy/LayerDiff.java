package io.inferc.accuracy;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.execution.internal.ExecutionOptions;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.shape.internal.ShapeInference;
import io.inferc.spi.Backend;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Finds the layer at which a changed model leaves its original: runs both node by node on the same
 * samples and compares every floating-point tensor that has the same name in both, in the order of
 * the graph.
 *
 * <p>Rewrites keep the names of the tensors that layers make, so a quantized model can be compared
 * with the one it was made of. Tensors inside subgraphs are not compared.
 *
 * <p>One sample is in memory at a time, with all compared tensors of both models; {@link
 * #tensorsAtOnce} bounds their number, for one more visit of the samples a group.
 *
 * <pre>{@code
 * LayerDiffReport diff = LayerDiff.between(original, quantized, backend, choice).run(samples.limit(8));
 * diff.firstDrift().ifPresent(System.out::println);
 * }</pre>
 */
public final class LayerDiff {
  private static final double DEFAULT_SQNR_DB = 20;
  private static final double DEFAULT_COSINE = 0.99;

  private final OnnxModel original;
  private final OnnxModel changed;
  private final Backend backend;
  private final Target.Choice choice;
  private double minSqnrDb = DEFAULT_SQNR_DB;
  private double minCosine = DEFAULT_COSINE;
  private int tensorsAtOnce = Integer.MAX_VALUE;
  private ProgressListener progress = ProgressListener.none();
  private Cancellation cancellation = new Cancellation();

  private LayerDiff(OnnxModel original, OnnxModel changed, Backend backend, Target.Choice choice) {
    this.original = original;
    this.changed = changed;
    this.backend = backend;
    this.choice = choice;
  }

  /**
   * Starts a comparison.
   *
   * @param original the model that is right by definition
   * @param changed the model in question, with the same inputs
   * @param backend a back end whose capabilities have {@code intermediateOutputs}
   * @param choice its device and options
   * @return the comparison, not yet run
   * @throws InfercException if the back end cannot return intermediate tensors
   */
  public static LayerDiff between(
      OnnxModel original, OnnxModel changed, Backend backend, Target.Choice choice) {
    Objects.requireNonNull(original, "original");
    Objects.requireNonNull(changed, "changed");
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(choice, "choice");
    if (!backend.capabilities(choice).intermediateOutputs()) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare layers with the back end '"
              + backend.name()
              + "', but it cannot return intermediate tensors.",
          "Use ONNX Runtime for this: add io.inferc:inferc-backend-onnxruntime.");
    }
    return new LayerDiff(original, changed, backend, choice);
  }

  /**
   * Sets what counts as drifting; by default an SQNR below {@value #DEFAULT_SQNR_DB} dB or a mean
   * cosine below {@value #DEFAULT_COSINE}.
   *
   * @param minSqnrDb the least SQNR in dB
   * @param minCosine the least mean cosine, from -1 to 1
   * @return this
   * @throws IllegalArgumentException if either is no number, or the cosine is out of range
   */
  public LayerDiff limits(double minSqnrDb, double minCosine) {
    if (Double.isNaN(minSqnrDb) || !(minCosine >= -1 && minCosine <= 1)) {
      throw new IllegalArgumentException(
          "Tried to limit the drift to an SQNR of "
              + minSqnrDb
              + " dB and a cosine of "
              + minCosine
              + "; a cosine lies between -1 and 1.");
    }
    this.minSqnrDb = minSqnrDb;
    this.minCosine = minCosine;
    return this;
  }

  /**
   * Bounds how many tensors of each model are held at once; by default all.
   *
   * @param count 1 or more; the samples are visited once for each group of that many
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public LayerDiff tensorsAtOnce(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Tried to compare " + count + " tensors at once; it takes at least 1.");
    }
    tensorsAtOnce = count;
    return this;
  }

  /**
   * Sets who hears of progress.
   *
   * @param listener the listener
   * @return this
   */
  public LayerDiff progress(ProgressListener listener) {
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
  public LayerDiff cancellation(Cancellation cancellation) {
    Objects.requireNonNull(cancellation, "cancellation");
    this.cancellation = cancellation;
    return this;
  }

  /**
   * Runs the comparison.
   *
   * @param samples the samples, at least one; a few show where a model drifts
   * @return the drift of each common tensor
   * @throws InfercException if there are no samples, the models have no tensor in common, a tensor
   *     has another shape in the changed model, or a run fails
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public LayerDiffReport run(Dataset samples) {
    Objects.requireNonNull(samples, "samples");
    Set<String> made = madeByNodes(original.graph());
    Set<String> common = new LinkedHashSet<>(made);
    common.retainAll(floatingPoint(original));
    common.retainAll(madeByNodes(changed.graph()));
    common.retainAll(floatingPoint(changed));
    if (common.isEmpty()) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare the layers of "
              + changed
              + " with "
              + original
              + ", but they have no floating-point tensor of the same name.",
          "Both must come from one model, by rewrites that keep names.");
    }
    Map<String, OutputAccuracy> found = new LinkedHashMap<>();
    List<String> names = List.copyOf(common);
    long compared = 0;
    int step = Math.min(tensorsAtOnce, names.size());
    for (int from = 0; from < names.size(); from += step) {
      List<String> group = names.subList(from, Math.min(names.size(), from + step));
      compared = compare(group, samples, found);
    }
    made.removeAll(common);
    return new LayerDiffReport(drifts(found), compared, minSqnrDb, minCosine, List.copyOf(made));
  }

  private static Set<String> madeByNodes(Graph graph) {
    Set<String> made = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (!node.opType().equals("Constant")) {
        made.addAll(node.outputs());
      }
    }
    made.remove("");
    return made;
  }

  private Set<String> floatingPoint(OnnxModel model) {
    Set<String> names = new LinkedHashSet<>();
    for (TensorSpec spec : ShapeInference.infer(model, backend, choice).values()) {
      if (spec.type().isFloatingPoint()) {
        names.add(spec.name());
      }
    }
    return names;
  }

  private long compare(List<String> group, Dataset samples, Map<String, OutputAccuracy> found) {
    Map<String, OutputComparison> comparisons = new LinkedHashMap<>();
    group.forEach(name -> comparisons.put(name, OutputComparison.unranked(name)));
    long[] seen = {0};
    long total = samples.size().orElse(ProgressListener.UNKNOWN_TOTAL);
    try (CompiledModel reference = returning(original, group);
        CompiledModel candidate = returning(changed, group);
        InferenceSession expected = reference.newSession();
        InferenceSession actual = candidate.newSession()) {
      samples.forEach(
          (index, sample) -> {
            cancellation.throwIfCancelled(Stage.VALIDATE);
            compareOne(index, sample, expected, actual, comparisons);
            seen[0]++;
            progress.onProgress(Stage.VALIDATE, "comparing layers", seen[0], total);
            return true;
          });
    }
    if (seen[0] == 0) {
      throw new InfercException(
          Stage.VALIDATE,
          "Tried to compare the layers of " + changed + ", but there are no samples.",
          "Pass a data set with at least one sample.");
    }
    comparisons.forEach((name, c) -> found.put(name, c.result()));
    return seen[0];
  }

  private CompiledModel returning(OnnxModel model, List<String> tensors) {
    GraphEditor editor = model.graph().edit();
    model.graph().outputs().forEach(o -> editor.removeOutput(o.name()));
    tensors.forEach(t -> editor.addOutput(ValueInfo.untyped(t)));
    String name = model.graph().name();
    try (ModelSource source = ModelSource.of(model.withGraph(editor.build()))) {
      return ExecutableModel.of(
          name,
          backend.compile(CompileRequest.of(source, name, choice).asFaithful()),
          backend,
          choice,
          List.of(),
          new ExecutionOptions(1, ExecutionOptions.defaults().bufferPool()));
    }
  }

  private static void compareOne(
      long index,
      Map<String, Tensor> sample,
      InferenceSession reference,
      InferenceSession candidate,
      Map<String, OutputComparison> comparisons) {
    try (Outputs expected = reference.run(sample);
        Outputs actual = candidate.run(sample)) {
      comparisons.forEach((name, c) -> c.add(index, expected.tensor(name), actual.tensor(name)));
    }
  }

  private List<LayerDrift> drifts(Map<String, OutputAccuracy> found) {
    List<LayerDrift> drifts = new ArrayList<>();
    // The least SQNR of what each tensor is made of, reaching back over those not compared.
    Map<String, Double> sqnr = new LinkedHashMap<>();
    for (Node node : original.graph().nodes()) {
      double before = LayerDrift.BEST_DB;
      for (String read : node.reads()) {
        before = Math.min(before, sqnr.getOrDefault(read, LayerDrift.BEST_DB));
      }
      for (String output : node.outputs()) {
        OutputAccuracy accuracy = found.get(output);
        if (accuracy == null) {
          sqnr.put(output, before);
          continue;
        }
        LayerDrift drift = drift(node, accuracy, before);
        sqnr.put(output, LayerDrift.bounded(drift.sqnrDb()));
        drifts.add(drift);
      }
    }
    return drifts;
  }

  private static LayerDrift drift(Node node, OutputAccuracy accuracy, double before) {
    double sqnr = accuracy.metric(Metric.SQNR_DB).orElseThrow();
    OutputAccuracy.WorstSample worst = accuracy.worst().get(Metric.SQNR_DB);
    return new LayerDrift(
        accuracy.output(),
        node.name().isEmpty() ? accuracy.output() : node.name(),
        node.opType(),
        sqnr,
        accuracy.metric(Metric.MEAN_COSINE).orElseThrow(),
        accuracy.metric(Metric.MIN_COSINE).orElseThrow(),
        Math.max(0, before - LayerDrift.bounded(sqnr)),
        worst == null ? 0 : worst.sample(),
        Math.max(0, accuracy.compiledNotFinite().total() - accuracy.originalNotFinite().total()));
  }
}
