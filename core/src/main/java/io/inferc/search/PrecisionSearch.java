package io.inferc.search;

import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Searches the precision of each layer: the mix that keeps a tolerance at the lowest latency
 * measured on the target.
 *
 * <p>It ranks layers by what each does to the outputs alone, measures what layers of one kind gain
 * together, combines what pays, gives back the most harmful layers until the tolerance is met, and
 * then tries to better the mix by changing kinds and single layers, each against the best so far in
 * turns. Nothing is accepted that was not measured to be faster.
 *
 * <p>Not thread-safe; a search is run once.
 */
public final class PrecisionSearch {
  /** Everything a search was given. */
  record Settings(
      OnnxModel model,
      PlanRewriter rewriter,
      Map<String, List<NumericPrecision>> candidates,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      Dataset samples,
      Tolerance tolerance,
      @Nullable OutputView view,
      Workload workload,
      Duration budget,
      @Nullable Path state,
      BenchmarkOptions quick,
      BenchmarkOptions thorough,
      ProgressListener progress,
      Cancellation cancellation) {}

  private final OnnxModel model;
  private final PlanRewriter rewriter;
  private final Map<String, List<NumericPrecision>> candidates;
  private @Nullable Backend backend;
  private Target.@Nullable Choice choice;
  private List<ShapeProfile> profiles = List.of();
  private @Nullable Dataset samples;
  private @Nullable Tolerance tolerance;
  private @Nullable OutputView view;
  private @Nullable Workload workload;
  private Duration budget = Duration.ofMinutes(10);
  private @Nullable Path state;
  private BenchmarkOptions quick =
      BenchmarkOptions.defaults()
          .withRounds(8)
          .withTimes(Duration.ofMillis(200), Duration.ofMillis(120));
  private BenchmarkOptions thorough = BenchmarkOptions.defaults();
  private ProgressListener progress = ProgressListener.none();
  private Cancellation cancellation = new Cancellation();

  private PrecisionSearch(
      OnnxModel model, PlanRewriter rewriter, Map<String, List<NumericPrecision>> candidates) {
    this.model = model;
    this.rewriter = rewriter;
    this.candidates = candidates;
  }

  /**
   * Starts a search.
   *
   * @param model the model as it was given, which is right by definition and the baseline of speed
   * @param rewriter makes the model of a plan
   * @param candidates the reduced precisions that each layer may have, by node name, in the order
   *     of the graph
   * @return the search, not yet run
   * @throws IllegalArgumentException if a candidate has no node, or FP32 for a reduced precision
   */
  public static PrecisionSearch of(
      OnnxModel model, PlanRewriter rewriter, Map<String, List<NumericPrecision>> candidates) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(rewriter, "rewriter");
    Objects.requireNonNull(candidates, "candidates");
    Map<String, List<NumericPrecision>> copy = new LinkedHashMap<>();
    candidates.forEach(
        (node, precisions) -> {
          if (precisions.isEmpty() || precisions.contains(NumericPrecision.FP32)) {
            throw new IllegalArgumentException(
                "Tried to search the precision of '"
                    + node
                    + "' among "
                    + precisions
                    + "; give at least one, and none of them FP32, which is always tried.");
          }
          copy.put(node, List.copyOf(precisions));
        });
    return new PrecisionSearch(model, rewriter, copy);
  }

  /**
   * Sets where the model shall be fast.
   *
   * @param backend the back end
   * @param choice its device and options
   * @param profiles the shapes to serve
   * @return this
   */
  public PrecisionSearch on(Backend backend, Target.Choice choice, List<ShapeProfile> profiles) {
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(choice, "choice");
    Objects.requireNonNull(profiles, "profiles");
    this.backend = backend;
    this.choice = choice;
    this.profiles = List.copyOf(profiles);
    return this;
  }

  /**
   * Sets what the outputs are judged on.
   *
   * @param samples samples that calibration has not seen; 64 are enough to search, and more cost
   *     time at each trial
   * @param tolerance the limits to keep
   * @return this
   */
  public PrecisionSearch samples(Dataset samples, Tolerance tolerance) {
    Objects.requireNonNull(samples, "samples");
    Objects.requireNonNull(tolerance, "tolerance");
    this.samples = samples;
    this.tolerance = tolerance;
    return this;
  }

  /**
   * Holds the tolerance against what the application makes of the outputs.
   *
   * @param view the view
   * @return this
   */
  public PrecisionSearch view(OutputView view) {
    Objects.requireNonNull(view, "view");
    this.view = view;
    return this;
  }

  /**
   * Sets the request whose latency is to be low.
   *
   * @param workload the request
   * @return this
   */
  public PrecisionSearch workload(Workload workload) {
    Objects.requireNonNull(workload, "workload");
    this.workload = workload;
    return this;
  }

  /**
   * Sets how long the search may take, by default 10 minutes. It ends after the trial during which
   * the time is up, and a last measurement.
   *
   * @param time more than 0
   * @return this
   * @throws IllegalArgumentException if it is not
   */
  public PrecisionSearch budget(Duration time) {
    Objects.requireNonNull(time, "time");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("Tried to search for " + time + "; it takes some time.");
    }
    budget = time;
    return this;
  }

  /**
   * Keeps what was measured in a file, and goes on from there if it exists.
   *
   * @param file a JSON file
   * @return this
   */
  public PrecisionSearch resume(Path file) {
    Objects.requireNonNull(file, "file");
    state = file;
    return this;
  }

  /**
   * Sets how trials and the result are measured.
   *
   * @param trial for each of many trials, by default 8 rounds of 120 ms
   * @param result for the last measurement, by default {@link BenchmarkOptions#defaults()}
   * @return this
   */
  public PrecisionSearch measurement(BenchmarkOptions trial, BenchmarkOptions result) {
    Objects.requireNonNull(trial, "trial");
    Objects.requireNonNull(result, "result");
    quick = trial;
    thorough = result;
    return this;
  }

  /**
   * Sets who hears of progress.
   *
   * @param listener the listener
   * @return this
   */
  public PrecisionSearch progress(ProgressListener listener) {
    Objects.requireNonNull(listener, "listener");
    progress = listener;
    return this;
  }

  /**
   * Sets the switch that stops the search; what was measured so far is kept if it is resumable.
   *
   * @param cancellation the switch
   * @return this
   */
  public PrecisionSearch cancellation(Cancellation cancellation) {
    Objects.requireNonNull(cancellation, "cancellation");
    this.cancellation = cancellation;
    return this;
  }

  /**
   * Searches.
   *
   * @return the best mix, what each layer costs and gains, and how it was found
   * @throws IllegalStateException if target, samples or workload were not set
   * @throws io.inferc.common.InfercException if the original cannot be compiled, or the state is of
   *     another search
   * @throws io.inferc.common.CancelledException if it was stopped
   */
  public SearchResult run() {
    List<String> missing = new ArrayList<>();
    if (backend == null || choice == null) {
      missing.add("on(backend, choice, profiles)");
    }
    if (samples == null || tolerance == null) {
      missing.add("samples(samples, tolerance)");
    }
    if (workload == null) {
      missing.add("workload(workload)");
    }
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "Tried to search, but this is not set: " + String.join(", ", missing) + ".");
    }
    Settings settings =
        new Settings(
            model,
            rewriter,
            candidates,
            Objects.requireNonNull(backend),
            Objects.requireNonNull(choice),
            profiles,
            Objects.requireNonNull(samples),
            Objects.requireNonNull(tolerance),
            view,
            Objects.requireNonNull(workload),
            budget,
            state,
            quick,
            thorough,
            progress,
            cancellation);
    TrialStore store = TrialStore.open(state, subject(settings));
    try (Trials trials = new Trials(settings, store)) {
      return new SearchRun(settings, trials, store).run();
    }
  }

  private static String subject(Settings s) {
    return "the model "
        + s.model().digest()
        + " on "
        + s.choice()
        + " within "
        + s.tolerance()
        + " at "
        + s.workload().name()
        + " with "
        + s.candidates().size()
        + " layers";
  }

  /** Returns layers of one kind: the same operator on weights of the same shape. */
  static Map<String, List<String>> kinds(OnnxModel model, Iterable<String> nodes) {
    Map<String, Node> byName = new LinkedHashMap<>();
    model.graph().nodes().forEach(n -> byName.put(n.name(), n));
    Map<String, List<String>> kinds = new LinkedHashMap<>();
    for (String name : nodes) {
      Node node = byName.get(name);
      String kind = node == null ? name : kind(model, node);
      kinds.computeIfAbsent(kind, k -> new ArrayList<>()).add(name);
    }
    return kinds;
  }

  private static String kind(OnnxModel model, Node node) {
    StringBuilder kind = new StringBuilder(node.opType());
    for (String input : node.inputs()) {
      model
          .graph()
          .initializer(input)
          .filter(i -> i.dims().length > 1)
          .ifPresent(i -> kind.append(' ').append(Arrays.toString(i.dims())));
    }
    node.attribute("group").ifPresent(g -> kind.append(" group ").append(g.asInt() > 1));
    return kind.toString();
  }
}
