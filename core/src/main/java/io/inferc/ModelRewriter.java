package io.inferc;

import io.inferc.calibrate.Calibration;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.Calibrator;
import io.inferc.common.Cancellation;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.PassRecord;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.cleanup.AdditionOrder;
import io.inferc.rewrite.cleanup.AttentionFusion;
import io.inferc.rewrite.cleanup.CleanUp;
import io.inferc.rewrite.cleanup.DeadNodeElimination;
import io.inferc.rewrite.cleanup.FixedConstants;
import io.inferc.rewrite.cleanup.GeluKernelFusion;
import io.inferc.rewrite.cleanup.ShapeDeclaration;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.LayerPlanner;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.rewrite.quantize.BiasCorrection;
import io.inferc.rewrite.quantize.CalibrationTensors;
import io.inferc.rewrite.quantize.DetectorHeads;
import io.inferc.rewrite.quantize.DynamicQuantization;
import io.inferc.rewrite.quantize.MultiplyAdds;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.rewrite.quantize.SmoothQuant;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.rewrite.quantize.WeightOnlyQuantization;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes precision into one model for one target: cleans it up, calibrates it once, and makes any
 * number of mixes of it.
 *
 * <p>{@link Compiler} does this by itself; a rewriter of one's own is for looking at the model in
 * between, and for {@link io.inferc.search.PrecisionSearch}.
 *
 * <pre>{@code
 * ModelRewriter rewriter = compiler.rewriter(model);
 * OnnxModel quantized = rewriter.rewrite(rewriter.plan());
 * rewriter.notes().forEach(System.out::println);
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class ModelRewriter {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRewriter.class);
  private static final int SMALLEST_OPSET = 13;
  private static final LayerDecision WRONG =
      new LayerDecision(
          NumericPrecision.FP32,
          "left at FP32: at INT8 the target computes it wrongly; a rule can quantize it.");

  private final Precision precision;
  private final PrecisionSettings settings;
  private final PreferredForm form;
  private final BackendRegistry.@Nullable Opened reference;
  private final List<ShapeProfile> profiles;
  private final ProgressListener progress;
  private final Cancellation cancellation;
  private final PassRun passes;
  private final OnnxModel cleaned;
  private final Map<String, List<NumericPrecision>> candidates = new LinkedHashMap<>();
  private final WeightOnlyRewriting weights;
  private final @Nullable LayerTarget target;
  private final LayerPlan plan;
  private final NoiseCheck noise;
  private final List<String> warnings = new ArrayList<>();
  private final List<RewriteNote> cleanUpNotes;
  private final List<PassRecord> cleanUpRecords;
  private List<RewriteNote> notes;
  private List<PassRecord> records;
  private Map<String, LayerDecision> outcome = Map.of();
  private Optional<String> coverage = Optional.empty();
  private @Nullable CalibrationTable table;
  private Map<String, LayerDecision> leftOut;

  ModelRewriter(
      OnnxModel model,
      Precision precision,
      Capabilities capabilities,
      List<ShapeProfile> profiles,
      BackendRegistry.@Nullable Opened reference,
      ProgressListener progress,
      Cancellation cancellation,
      PassListener listener) {
    this(
        model,
        precision,
        capabilities,
        profiles,
        reference,
        progress,
        cancellation,
        listener,
        null);
  }

  /**
   * Cleans a model up and plans its layers.
   *
   * @param target compiles single layers for measurements; null to have none
   */
  ModelRewriter(
      OnnxModel model,
      Precision precision,
      Capabilities capabilities,
      List<ShapeProfile> profiles,
      BackendRegistry.@Nullable Opened reference,
      ProgressListener progress,
      Cancellation cancellation,
      PassListener listener,
      @Nullable LayerTarget target) {
    this.target = target;
    this.precision = precision;
    settings = precision.settings();
    form = capabilities.preferredForm();
    this.profiles = profiles;
    this.reference = reference;
    this.progress = progress;
    this.cancellation = cancellation;
    RewriteLog log = new RewriteLog();
    passes = new PassRun(avoided(form), listener, cancellation);
    cleaned = cleanUp(model, log);
    weights = new WeightOnlyRewriting(cleaned, form.weightOnly().orElse(null), precision);
    findCandidates();
    LayerPlan asked =
        withObstacles(
            withOnlyForm(
                LayerPlanner.forBase(inModel(precision.numeric()), inModel(precision.rest()))
                    .plan(cleaned, possible(), precision.rules())));
    plan = DetectorHeads.keep(cleaned, asked);
    noise = new NoiseCheck(settings.samples(), reference, cancellation);
    NoiseCheck.keptHeads(asked, plan).ifPresent(warnings::add);
    if (precision.numeric().quantizes()) {
      Outcome.unreachable(cleaned, plan.decisions().keySet()).ifPresent(warnings::add);
    }
    cleanUpNotes = log.notes();
    notes = cleanUpNotes;
    cleanUpRecords = log.passes();
    records = cleanUpRecords;
    leftOut = settings.leftOut;
    table = settings.table().orElse(null);
    if (table != null) {
      table.requireFor(cleaned);
    }
  }

  /** No model can say TF32: it is single precision, and the target is told beside it. */
  private static NumericPrecision inModel(NumericPrecision asked) {
    return asked == NumericPrecision.TF32 ? NumericPrecision.FP32 : asked;
  }

  private OnnxModel cleanUp(OnnxModel model, RewriteLog log) {
    OnnxModel fixed = passes.run(model, log, new FixedConstants());
    // Scales for each channel came with this version.
    OnnxModel upgraded =
        fixed.opset() < SMALLEST_OPSET ? fixed.upgradeOpset(SMALLEST_OPSET) : fixed;
    // First so that no pass believes an exporter's wrong shape, then for what the passes made.
    OnnxModel proved = passes.run(upgraded, new RewriteLog(), new ShapeDeclaration(profiles));
    OnnxModel clean = passes.run(proved, log, progress, CleanUp.passes());
    OnnxModel declared = passes.run(clean, log, new ShapeDeclaration(profiles));
    LOG.debug(
        "{} of the tensors of {} have a declared shape.",
        declared.graph().valueInfos().size(),
        model);
    return declared;
  }

  /** Operators that no pass should write for the target. */
  private static Set<String> avoided(PreferredForm form) {
    Set<String> avoided = new HashSet<>(form.slowOperators());
    if (!form.transformerKernels()) {
      avoided.addAll(
          List.of("MultiHeadAttention", "SkipLayerNormalization", GeluKernelFusion.OPERATOR));
    }
    return avoided;
  }

  private void findCandidates() {
    weights.candidates(
        (node, p) -> candidates.computeIfAbsent(node, n -> new ArrayList<>()).add(p));
    QuantizationDialect dialect = form.dialect().orElse(null);
    boolean integers =
        !precision.numeric().isWeightOnly()
            || precision.rules().stream().anyMatch(r -> r.precision().isInteger());
    if (dialect == null || !integers) {
      return;
    }
    if (calibrated()) {
      for (String node : QuantizableLayers.layers(cleaned, dialect, NumericPrecision.INT8)) {
        candidates.computeIfAbsent(node, n -> new ArrayList<>()).add(NumericPrecision.INT8);
      }
    }
    Set<String> dynamic =
        dialect.kernels().dynamic()
            ? QuantizableLayers.layers(cleaned, dialect, NumericPrecision.INT8_DYNAMIC)
            : QuantizableLayers.tables(cleaned, dialect);
    for (String node : dynamic) {
      candidates.computeIfAbsent(node, n -> new ArrayList<>()).add(NumericPrecision.INT8_DYNAMIC);
    }
  }

  /** Says of each layer that cannot be quantized why. */
  private LayerPlan withObstacles(LayerPlan planned) {
    QuantizationDialect dialect = form.dialect().orElse(null);
    Map<String, String> obstacles =
        dialect != null && precision.numeric().isInteger()
            ? QuantizableLayers.obstacles(cleaned, dialect, precision.numeric())
            : weights.obstacles(precision.numeric());
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(planned.decisions());
    obstacles.forEach(
        (node, why) ->
            decisions.merge(
                node,
                new LayerDecision(NumericPrecision.FP32, "left at FP32: " + why),
                (d, alone) ->
                    d.ruled() || d.precision().quantizes()
                        ? d
                        : new LayerDecision(d.precision(), whyLeft(d, why))));
    return new LayerPlan(decisions);
  }

  private static String whyLeft(LayerDecision decision, String why) {
    return "left at " + decision.precision() + ": " + why;
  }

  private boolean calibrated() {
    return settings.samples().isPresent() || settings.table().isPresent();
  }

  private Set<String> possible() {
    Set<String> nodes = new LinkedHashSet<>();
    candidates.forEach(
        (node, precisions) -> {
          NumericPrecision base = precision.numeric();
          boolean other = isOnlyDynamic(precisions) && base == NumericPrecision.INT8;
          boolean ruled =
              precision.rules().stream().anyMatch(r -> precisions.contains(r.precision()));
          if (other || ruled || !base.quantizes() || precisions.contains(base)) {
            nodes.add(node);
          }
        });
    return nodes;
  }

  private static boolean isOnlyDynamic(List<NumericPrecision> precisions) {
    return precisions.contains(NumericPrecision.INT8_DYNAMIC)
        && !precisions.contains(NumericPrecision.INT8);
  }

  /** Recurrent layers, tables, and layers inside of nodes have no form with scales from samples. */
  private LayerPlan withOnlyForm(LayerPlan planned) {
    if (!calibrated()) {
      return planned;
    }
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(planned.decisions());
    decisions.replaceAll(
        (node, d) ->
            d.precision() == NumericPrecision.INT8
                    && isOnlyDynamic(candidates.getOrDefault(node, List.of()))
                ? new LayerDecision(
                    NumericPrecision.INT8_DYNAMIC,
                    d.reason() + "; its only integer form needs no samples",
                    d.ruled())
                : d);
    return new LayerPlan(decisions);
  }

  /**
   * Returns the model after clean-up, in single precision; its node names are those of plans.
   *
   * @return the model
   */
  public OnnxModel cleaned() {
    return cleaned;
  }

  /**
   * Counts the multiply-adds of convolutions, matrix products and recurrent layers in one run, by
   * the sizes that the first profile is best at, else those of the first sample; symbols that
   * neither gives count as 1.
   *
   * @return the number, 0 if nothing is known of it; the body of a loop counts once
   */
  public long multiplyAdds() {
    return MultiplyAdds.of(cleaned, typicalSizes()).stream()
        .mapToLong(MultiplyAdds.Layer::count)
        .sum();
  }

  /**
   * Returns the layers that can be quantized on the target, and how.
   *
   * @return the precisions possible beside FP32, by node name; static INT8 needs samples or a table
   */
  public Map<String, List<NumericPrecision>> candidates() {
    Map<String, List<NumericPrecision>> copy = new LinkedHashMap<>();
    candidates.forEach((node, precisions) -> copy.put(node, List.copyOf(precisions)));
    return copy;
  }

  /**
   * Returns the plan that the precision and its rules ask for.
   *
   * @return a decision with its reason for each node
   */
  public LayerPlan plan() {
    return plan;
  }

  /**
   * Returns the ranges of the model's tensors, calibrating it first if that was not done yet.
   *
   * @return the table of {@link #cleaned()}, or empty if there are neither samples nor a table
   * @throws InfercException if calibration fails
   */
  public Optional<CalibrationTable> calibrationTable() {
    boolean useful = form.dialect().isPresent() || measuresAll() || weights.needsStatistics();
    if (table == null && settings.samples().isPresent() && useful) {
      table = calibrate();
    }
    return Optional.ofNullable(table);
  }

  /** What FP16 can hold depends on the values of all nodes, not only on those of layers. */
  private boolean measuresAll() {
    return precision.rest() == NumericPrecision.FP16
        || precision.rules().stream().anyMatch(r -> r.precision() == NumericPrecision.FP16);
  }

  private CalibrationTable calibrate() {
    if (reference == null) {
      throw new InfercException(
          Stage.CALIBRATE,
          "Tried to calibrate, but there is no back end here that can run the reference model.",
          "Add io.inferc:inferc-backend-onnxruntime, or pass a calibration table.");
    }
    Calibrator.Builder calibrator =
        Calibrator.builder(cleaned, reference.backend(), reference.choice())
            .observer(settings.observer)
            .progress(progress)
            .cancellation(cancellation);
    Set<String> observed = new LinkedHashSet<>();
    QuantizationDialect dialect = form.dialect().orElse(null);
    if (dialect != null) {
      CalibrationTensors tensors = tensors(dialect);
      observed.addAll(tensors.ranges());
      if (settings.biasCorrection || settings.smoothing().isPresent()) {
        // Behind a Reshape the channels are others than those of the tensor whose range is taken.
        observed.addAll(tensors.channels().keySet());
        tensors.channels().forEach(calibrator::channels);
      }
    }
    weights.channels().forEach(calibrator::channels);
    observed.addAll(weights.channels().keySet());
    if (!measuresAll()) {
      calibrator.tensors(observed);
    }
    Calibration calibration = calibrator.build().calibrate(settings.samples().orElseThrow());
    warnings.addAll(calibration.warnings());
    return calibration.table();
  }

  /** Returns what must be observed to quantize every layer that can be. */
  private CalibrationTensors tensors(QuantizationDialect dialect) {
    Map<String, LayerDecision> everything = new LinkedHashMap<>();
    candidates.forEach(
        (node, precisions) -> {
          if (precisions.contains(NumericPrecision.INT8)) {
            everything.put(node, new LayerDecision(NumericPrecision.INT8, "to be calibrated"));
          }
        });
    LayerPlan all = QuantizableLayers.withFollowers(cleaned, dialect, new LayerPlan(everything));
    return QuantizableLayers.tensors(cleaned, dialect, all);
  }

  /**
   * Makes the model of a plan.
   *
   * @param layers the precision of each node of {@link #cleaned()}
   * @return the model for the target; the same plan gives the same model
   * @throws InfercException if calibration fails
   */
  public OnnxModel rewrite(LayerPlan layers) {
    Objects.requireNonNull(layers, "layers");
    RewriteLog log = new RewriteLog();
    PassRun run = passes.fork();
    OnnxModel model = cleaned;
    Map<String, LayerDecision> decided = new LinkedHashMap<>(layers.decisions());
    QuantizationDialect dialect = form.dialect().orElse(null);
    if (layers.equals(plan)) {
      decided.putAll(leftOut);
    }
    CalibrationTable[] scaled = new CalibrationTable[1];
    // The passes for weights alone do not look for noise, so what is left out is taken out here.
    LayerPlan kept = kept(layers);
    Map<NumericPrecision, WeightOnlyQuantization.Way> ways = ways(kept, log);
    if (!ways.isEmpty() && weights.needsStatistics()) {
      scaled[0] = requiredTable();
      model = run.run(model, log, weights.scaling(kept, ways, scaled[0], t -> scaled[0] = t));
    }
    if (dialect != null) {
      model = quantize(model, dialect, layers, scaled[0], decided, run, log);
    }
    if (!ways.isEmpty()) {
      model = run.run(model, log, weights.writing(kept, ways, scaled[0]));
    }
    model =
        run.run(model, log, ProgressListener.none(), rest(layers.equals(plan) ? own() : layers));
    List<RewriteNote> all = new ArrayList<>(cleanUpNotes);
    all.addAll(log.notes());
    notes = List.copyOf(all);
    List<PassRecord> ran = new ArrayList<>(cleanUpRecords);
    ran.addAll(log.passes());
    records = List.copyOf(ran);
    outcome = Outcome.of(cleaned, decided, log.notes(), precision.rest());
    // Whoever brings another plan than the precision's own knows what is in it.
    coverage = layers.equals(plan) ? coverage(model) : Optional.empty();
    coverage.ifPresent(w -> LOG.warn("{}: {}", cleaned.graph().name(), w));
    return model;
  }

  private Map<NumericPrecision, WeightOnlyQuantization.Way> ways(LayerPlan layers, RewriteLog log) {
    WeightOnlyForm written = form.weightOnly().orElse(null);
    return written == null
        ? Map.of()
        : weights.ways(layers, new MeasuredVariants(cleaned, typicalSizes(), written, target), log);
  }

  /** The passes behind those that write integers. */
  private List<GraphPass> rest(LayerPlan mix) {
    List<GraphPass> rest = new ArrayList<>();
    if (mix.uses(NumericPrecision.FP16)) {
      HalfPrecision.Builder half = HalfPrecision.fp16();
      calibrationTable().ifPresent(half::table);
      rest.add(half(half, NumericPrecision.FP16, mix));
    }
    if (mix.uses(NumericPrecision.BF16)) {
      rest.add(half(HalfPrecision.bf16(), NumericPrecision.BF16, mix));
    }
    rest.add(new AdditionOrder());
    rest.add(new AttentionFusion(cleaned, profiles));
    rest.add(new GeluKernelFusion());
    // The weights in single precision, which nobody reads any more.
    rest.add(new DeadNodeElimination());
    return rest;
  }

  private Optional<String> coverage(OnnxModel written) {
    NumericPrecision asked = precision.numeric();
    if (!asked.quantizes() && asked != NumericPrecision.FP16 && asked != NumericPrecision.BF16) {
      return Optional.empty();
    }
    Map<String, Long> sizes = typicalSizes();
    return new PrecisionCoverage(
            asked,
            MultiplyAdds.of(cleaned, sizes),
            MultiplyAdds.of(written, sizes),
            outcome,
            !written.equals(cleaned))
        .warning(this::otherPrecisions);
  }

  private Map<String, Long> typicalSizes() {
    return TypicalSizes.of(cleaned.graph().requiredInputs(), profiles, settings.samples());
  }

  /** The layers that the other kind of integers takes. */
  private Map<String, Set<String>> otherPrecisions() {
    QuantizationDialect dialect = form.dialect().orElse(null);
    if (dialect == null || !precision.numeric().isInteger()) {
      return Map.of();
    }
    if (precision.numeric() == NumericPrecision.INT8) {
      return dialect.kernels().dynamic()
          ? Map.of(
              "Precision.int8Dynamic()",
              QuantizableLayers.layers(cleaned, dialect, NumericPrecision.INT8_DYNAMIC))
          : Map.of();
    }
    return Map.of(
        "Precision.int8(samples)",
        QuantizableLayers.layers(cleaned, dialect, NumericPrecision.INT8));
  }

  /** Writes the layers with integers, of either kind. */
  private OnnxModel quantize(
      OnnxModel model,
      QuantizationDialect dialect,
      LayerPlan layers,
      @Nullable CalibrationTable scaled,
      Map<String, LayerDecision> decided,
      PassRun run,
      RewriteLog log) {
    boolean calibrated = layers.uses(NumericPrecision.INT8);
    boolean dynamic = layers.uses(NumericPrecision.INT8_DYNAMIC);
    boolean adjusted = settings.smoothing().isPresent() || settings.biasCorrection;
    List<GraphPass> writers = new ArrayList<>();
    OnnxModel prepared = model;
    if (calibrated || (dynamic && adjusted)) {
      CalibrationTable[] ranges = {scaled == null ? requiredTable() : scaled};
      if (settings.smoothing().isPresent()) {
        Smoothing smoothing = settings.smoothing().get();
        prepared =
            run.run(
                prepared, log, new SmoothQuant(ranges[0], layers, smoothing, t -> ranges[0] = t));
      }
      if (settings.biasCorrection) {
        prepared = run.run(prepared, log, new BiasCorrection(ranges[0], dialect, layers));
      }
      if (calibrated) {
        writers.add(calibrated(prepared, dialect, layers, ranges[0], decided, log));
      }
    }
    writers.add(new DynamicQuantization(dialect, kept(layers)));
    return run.run(prepared, log, ProgressListener.none(), writers);
  }

  private StaticQuantization calibrated(
      OnnxModel prepared,
      QuantizationDialect dialect,
      LayerPlan layers,
      CalibrationTable ranges,
      Map<String, LayerDecision> decided,
      RewriteLog log) {
    LayerPlan quiet = layers;
    // Whoever brings another plan than the precision's own decides on noise too.
    if (layers.equals(plan)) {
      noise.find(cleaned, prepared, ranges, dialect, layers);
      quiet = own();
    }
    LayerPlan all = QuantizableLayers.withFollowers(cleaned, dialect, quiet);
    decided.putAll(all.decisions());
    StaticQuantization pass = new StaticQuantization(ranges, dialect, all);
    if (layers.equals(plan)) {
      noise.note(pass, log);
      leftOut.forEach((node, why) -> log.leftAlone(pass, node, why.reason()));
    }
    return pass;
  }

  /** The precision's own plan without what turned out to do harm. */
  private LayerPlan own() {
    return without(noise.without(plan), leftOut);
  }

  /** A plan without what was found to do harm or not to pay, which concerns our own plan alone. */
  private LayerPlan kept(LayerPlan layers) {
    return layers.equals(plan) ? without(plan, leftOut) : layers;
  }

  private static LayerPlan without(LayerPlan layers, Map<String, LayerDecision> left) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(layers.decisions());
    decisions.putAll(left);
    return new LayerPlan(decisions);
  }

  private static Map<String, LayerDecision> wrong(Set<String> layers) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>();
    layers.forEach(node -> decisions.put(node, WRONG));
    return decisions;
  }

  /** The precision's own plan as it is written, once the model was rewritten by it. */
  LayerPlan ownPlan() {
    return own();
  }

  /** Multiply-adds of a request by layer, as far as sizes are known. */
  Map<String, Long> work(Map<String, Tensor> request) {
    Map<String, Long> work = new LinkedHashMap<>();
    MultiplyAdds.of(cleaned, TypicalSizes.of(cleaned.graph().requiredInputs(), request))
        .forEach(l -> work.put(l.node().name(), l.count()));
    return work;
  }

  /**
   * The layers that the precision's own plan still quantizes with calibrated scales and that no
   * rule asks for, grouped by operator, large groups first.
   */
  List<List<String>> ownLayers() {
    LayerPlan own = own();
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (Node node : cleaned.graph().nodes()) {
      LayerDecision decision = own.of(node.name());
      if (decision.precision() == NumericPrecision.INT8 && !decision.ruled()) {
        groups.computeIfAbsent(node.opType(), o -> new ArrayList<>()).add(node.name());
      }
    }
    return groups.values().stream()
        .sorted(Comparator.comparingInt((List<String> group) -> group.size()).reversed())
        .toList();
  }

  /** Writes the model as the precision's own plan says, but for some layers. */
  OnnxModel rewriteWithout(Set<String> layers) {
    return rewrite(without(own(), wrong(layers)));
  }

  /** Leaves layers out of the precision's own plan from now on, since the target fails at them. */
  void leaveOut(Set<String> layers) {
    leaveOut(wrong(layers));
  }

  /** Leaves layers out of the precision's own plan from now on, for the reasons given. */
  void leaveOut(Map<String, LayerDecision> layers) {
    Map<String, LayerDecision> all = new LinkedHashMap<>(leftOut);
    all.putAll(layers);
    leftOut = all;
  }

  /** What the cleaned model returns for the first samples; empty if it was not run on them. */
  List<Map<String, float[]>> expected() {
    return noise.expected();
  }

  private CalibrationTable requiredTable() {
    return calibrationTable()
        .orElseThrow(
            () ->
                new InfercException(
                    Stage.REWRITE,
                    "Tried to quantize layers with calibrated scales, but there are neither"
                        + " samples nor a calibration table.",
                    "Use Precision.int8(samples), or quantize them dynamically."));
  }

  /**
   * Returns the precision that each node ended with in the last {@link #rewrite}, and why.
   *
   * @return decisions by name of the nodes of {@link #cleaned()}, in their order, and of layers
   *     inside of functions and subgraphs behind them; empty before the first rewrite
   */
  public Map<String, LayerDecision> outcome() {
    return outcome;
  }

  private HalfPrecision half(
      HalfPrecision.Builder builder, NumericPrecision type, LayerPlan layers) {
    Optional<QuantizationDialect> dialect = form.dialect();
    boolean around =
        precision.rest() == type
            && dialect.filter(QuantizationDialect::halfPrecisionScales).isPresent();
    builder
        .plan(layers)
        .preferredForm(form)
        .quantizedNodes(around)
        .quantizedEpilogues(dialect.map(QuantizationDialect::halfPrecisionEpilogues).orElse(true))
        .convertInterface(precision.rest() == type && settings.convertsInterface);
    if (around && layers.uses(NumericPrecision.INT8)) {
      // Scales have had other types than FLOAT32 since opset 19.
      builder.upgradeOpset(true);
    }
    return builder.build();
  }

  /**
   * Returns what clean-up and the last {@link #rewrite} did, and what they left alone and why.
   *
   * @return the notes in order
   */
  public List<RewriteNote> notes() {
    return notes;
  }

  /**
   * Returns what each pass of the last {@link #rewrite} came to, those of clean-up before them.
   *
   * @return a record of each pass that ran or did not apply, in order
   */
  public List<PassRecord> passes() {
    return records;
  }

  /**
   * Returns what a user should know, such as too few samples, or that the last {@link #rewrite}
   * gave little of the model the precision that was asked for.
   *
   * @return whole sentences
   */
  public List<String> warnings() {
    List<String> all = new ArrayList<>(warnings);
    all.addAll(noise.warnings());
    coverage.ifPresent(all::add);
    return List.copyOf(all);
  }
}
