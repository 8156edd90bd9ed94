package io.inferc.calibrate;

import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.shape.internal.ShapeInference;
import io.inferc.spi.Backend;
import io.inferc.tensor.Dataset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns the ranges of a model's tensors by running it on samples in a reference back end.
 *
 * <p>The observed tensors become outputs of one compiled model, which runs each sample once; their
 * values are counted where the runtime wrote them and never kept. Of tensors that only move the
 * values of another one, as Reshape and Transpose do, one is observed for all. Memory is that of
 * the largest sample's tensors and about 64 KB of heap a tensor, whatever the number of samples.
 *
 * <p>Infinities and the lowest floats, which mask, set no range; a tensor that has them says so.
 *
 * <pre>{@code
 * Calibration calibration = Calibrator.builder(model, backend, choice)
 *     .observer(RangeObserver.mse())
 *     .tensors(Set.of("/encoder/layer.0/output"))
 *     .build()
 *     .calibrate(samples);
 * calibration.table().save(Path.of("model.calibration.json"));
 * }</pre>
 *
 * <p>Immutable. May be used from several threads if their data sets allow it.
 */
public final class Calibrator {
  private static final Logger LOG = LoggerFactory.getLogger(Calibrator.class);
  private static final long ENOUGH_SAMPLES = 500;

  private final OnnxModel model;
  private final Backend backend;
  private final Target.Choice choice;
  private final RangeObserver observer;
  private final @Nullable Set<String> tensors;
  private final Map<String, Integer> channelAxes;
  private final OptionalLong memoryBudget;
  private final long minimumSamples;
  private final ProgressListener progress;
  private final Cancellation cancellation;

  private Calibrator(Builder b) {
    model = b.model;
    backend = b.backend;
    choice = b.choice;
    observer = b.observer;
    tensors = b.tensors;
    channelAxes = Collections.unmodifiableMap(new LinkedHashMap<>(b.channelAxes));
    memoryBudget = b.memoryBudget;
    minimumSamples = b.minimumSamples;
    progress = b.progress;
    cancellation = b.cancellation;
  }

  /**
   * Starts a calibrator of all activations with the percentile 99.99.
   *
   * @param model the model as it is before any rewrite
   * @param backend the back end of the reference run, whose capabilities have {@code
   *     intermediateOutputs}
   * @param choice its device and options
   * @return a builder
   */
  public static Builder builder(OnnxModel model, Backend backend, Target.Choice choice) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(choice, "choice");
    return new Builder(model, backend, choice);
  }

  /**
   * Runs the samples and chooses the ranges.
   *
   * @param samples the samples, 500 to 1,000 as a rule; visited once, or once a group and once more
   *     for sizes if there is a memory budget
   * @return the table and what to know about it
   * @throws InfercException if there are no samples, a sample does not fit the model, a value is
   *     NaN, a tensor does not exist or has no floating-point type, or the back end fails
   * @throws io.inferc.common.CancelledException if it was cancelled
   */
  public Calibration calibrate(Dataset samples) {
    cancellation.throwIfCancelled(Stage.CALIBRATE);
    requireIntermediateOutputs();
    if (samples.size().isPresent() && samples.size().getAsLong() == 0) {
      throw noSamples();
    }
    List<String> names =
        tensors == null
            ? ObservedTensors.all(model.graph(), ShapeInference.infer(model, backend, choice))
            : ObservedTensors.chosen(model, tensors);
    // A range of inputs alone is of no use to nodes that make no floating-point numbers.
    if (tensors == null && inputs().containsAll(names)) {
      return nothing();
    }
    SharedValues shared = new SharedValues(model.graph(), names, channelAxes.keySet());
    return walk(shared, groups(shared.observed(), samples), samples);
  }

  private Calibration nothing() {
    String warning =
        "Nothing was calibrated: no tensor between the nodes of "
            + model
            + " is of a floating-point type.";
    LOG.warn(warning);
    return new Calibration(
        CalibrationTable.builder(model.digest(), observer.method(), 0).build(), List.of(warning));
  }

  private void requireIntermediateOutputs() {
    if (!backend.capabilities(choice).intermediateOutputs()) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to calibrate "
              + model
              + " with the back end '"
              + backend.name()
              + "', but it cannot return intermediate tensors.",
          "Use ONNX Runtime for this: add io.inferc:inferc-backend-onnxruntime.");
    }
  }

  private InfercException noSamples() {
    return new InfercException(
        Stage.CALIBRATE,
        "Tried to calibrate " + model + ", but the data set has no samples at all.",
        "Give at least " + minimumSamples + " samples like those the model will meet in use.");
  }

  private List<List<String>> groups(List<String> names, Dataset samples) {
    return memoryBudget.isEmpty() || names.isEmpty()
        ? List.of(names)
        : MemoryGroups.split(
            model,
            backend,
            choice,
            names,
            inputs(),
            samples,
            memoryBudget.getAsLong(),
            cancellation);
  }

  private Set<String> inputs() {
    Set<String> names = new LinkedHashSet<>();
    model.graph().requiredInputs().forEach(i -> names.add(i.name()));
    return names;
  }

  private Calibration walk(SharedValues shared, List<List<String>> groups, Dataset samples) {
    OptionalLong size = samples.size();
    long total =
        size.isPresent() ? size.getAsLong() * groups.size() : ProgressListener.UNKNOWN_TOTAL;
    Findings findings = new Findings(shared.observers());
    long seen = 0;
    try (Workers workers = new Workers(shared.observed().size())) {
      for (int g = 0; g < groups.size(); g++) {
        CalibrationPass.Progress report = CalibrationPass.report(progress, g * seen, total);
        seen = pass(groups.get(g), samples, workers, report, findings);
      }
    }
    CalibrationTable.Builder table =
        CalibrationTable.builder(model.digest(), observer.method(), seen);
    findings.addTo(table);
    List<String> warnings = findings.warnings(seen, minimumSamples);
    warnings.forEach(LOG::warn);
    return new Calibration(table.build(), warnings);
  }

  private long pass(
      List<String> names,
      Dataset samples,
      Workers workers,
      CalibrationPass.Progress report,
      Findings findings) {
    List<TensorObservation> observations = new ArrayList<>();
    for (String name : names) {
      Integer axis = channelAxes.get(name);
      observations.add(
          new TensorObservation(
              observer, axis == null ? null : new ChannelObservation(name, axis)));
    }
    Set<String> inputs = inputs();
    List<String> returned = names.stream().filter(n -> !inputs.contains(n)).toList();
    CalibrationPass pass = new CalibrationPass(model, names, observations, workers);
    long seen;
    try (ReferenceRun reference = ReferenceRun.open(model, backend, choice, returned)) {
      seen = pass.run(reference, samples, cancellation, report);
      reference.warning().ifPresent(findings::warn);
    }
    if (seen == 0) {
      throw noSamples();
    }
    cancellation.throwIfCancelled(Stage.CALIBRATE);
    findings.add(names, observations, workers);
    return seen;
  }

  /** Sets up a {@link Calibrator}. */
  public static final class Builder {
    private final OnnxModel model;
    private final Backend backend;
    private final Target.Choice choice;
    private RangeObserver observer = RangeObserver.percentile();
    private @Nullable Set<String> tensors;
    private final Map<String, Integer> channelAxes = new LinkedHashMap<>();
    private OptionalLong memoryBudget = OptionalLong.empty();
    private long minimumSamples = ENOUGH_SAMPLES;
    private ProgressListener progress = ProgressListener.none();
    private Cancellation cancellation = new Cancellation();

    private Builder(OnnxModel model, Backend backend, Target.Choice choice) {
      this.model = model;
      this.backend = backend;
      this.choice = choice;
    }

    /**
     * Sets how ranges are chosen; by default {@link RangeObserver#percentile()}.
     *
     * @param value the observer
     * @return this
     */
    public Builder observer(RangeObserver value) {
      Objects.requireNonNull(value, "value");
      observer = value;
      return this;
    }

    /**
     * Sets which tensors are observed: inputs of the model and outputs of nodes. Fewer is faster,
     * and leaves the optimizer of the reference more to fuse.
     *
     * @param names the tensors, or null for all activations of floating-point type, the default
     * @return this
     */
    public Builder tensors(@Nullable Set<String> names) {
      tensors = names == null ? null : Collections.unmodifiableSet(new LinkedHashSet<>(names));
      return this;
    }

    /**
     * Asks for the mean and the largest magnitude of each channel of an observed tensor.
     *
     * @param tensor the tensor; if tensors were chosen, one of them
     * @param axis the axis of the channels, counted from the end: -1 is the last
     * @return this
     * @throws IllegalArgumentException if the axis is not negative
     */
    public Builder channels(String tensor, int axis) {
      Objects.requireNonNull(tensor, "tensor");
      if (axis >= 0) {
        throw new IllegalArgumentException(
            "Tried to take the channels of '"
                + tensor
                + "' along the axis "
                + axis
                + "; count axes from the end, -1 is the last.");
      }
      channelAxes.put(tensor, axis);
      return this;
    }

    /**
     * Bounds the memory for tensors and histograms, by their sizes in the sample with the largest
     * inputs: what does not fit at once is observed in several passes over the samples, each with a
     * model compiled for its tensors. By default there is one pass.
     *
     * @param bytes the bound, over 0
     * @return this
     * @throws IllegalArgumentException if it is not over 0
     */
    public Builder memoryBudget(long bytes) {
      if (bytes <= 0) {
        throw new IllegalArgumentException(
            "Tried to calibrate within " + bytes + " bytes; the budget must be over 0.");
      }
      memoryBudget = OptionalLong.of(bytes);
      return this;
    }

    /**
     * Sets below how many samples there is a warning; by default 500.
     *
     * @param samples the number, 1 or more
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder minimumSamples(long samples) {
      if (samples < 1) {
        throw new IllegalArgumentException(
            "Tried to ask for at least " + samples + " samples; the number must be 1 or more.");
      }
      minimumSamples = samples;
      return this;
    }

    /**
     * Sets who hears of each sample.
     *
     * @param listener the listener
     * @return this
     */
    public Builder progress(ProgressListener listener) {
      Objects.requireNonNull(listener, "listener");
      progress = listener;
      return this;
    }

    /**
     * Sets the switch that stops the work between two samples.
     *
     * @param value the switch
     * @return this
     */
    public Builder cancellation(Cancellation value) {
      Objects.requireNonNull(value, "value");
      cancellation = value;
      return this;
    }

    /**
     * Finishes the calibrator.
     *
     * @return the calibrator
     * @throws IllegalArgumentException if channels are asked of a tensor that is not observed
     */
    public Calibrator build() {
      Set<String> observed = tensors;
      for (String name : channelAxes.keySet()) {
        if (observed != null && !observed.contains(name)) {
          throw new IllegalArgumentException(
              "Tried to take the channels of '"
                  + name
                  + "', which is not among the tensors to observe. Near matches: "
                  + String.join(", ", NearMatches.of(name, observed))
                  + ".");
        }
      }
      return new Calibrator(this);
    }
  }
}
