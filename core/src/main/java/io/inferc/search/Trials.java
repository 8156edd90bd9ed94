package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.ReferenceOutputs;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Measurement;
import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.Workload;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles plans, and judges and measures them; each is done once. */
final class Trials implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Trials.class);

  // The best so far, its challenger, and one to spare.
  private static final int KEPT_OPEN = 3;
  // Enough to tell which layers harm more.
  private static final long RANKED_BY = 24;
  private static final double LEAST_SWITCHED_DB = 50;
  private static final int MOST_BLOCKS = 3;
  private static final double SMALL = 0.01;

  private final PlanCompiler compiler;
  private final PlanRewriter rewriter;
  private final Dataset samples;
  private final Tolerance tolerance;
  private final @Nullable OutputView view;
  private final Workload workload;
  private final TrialStore store;
  private final Cancellation cancellation;
  private final CompiledModel original;
  private @Nullable ReferenceOutputs reference;
  private double judging;
  private final Map<String, CompiledModel> open = new LinkedHashMap<>(8, 0.75f, true);

  Trials(PrecisionSearch.Settings s, TrialStore store) {
    compiler = new PlanCompiler(s.backend(), s.choice(), s.profiles(), s.cancellation());
    rewriter = s.rewriter();
    samples = s.samples();
    tolerance = s.tolerance();
    view = s.view();
    workload = s.workload();
    cancellation = s.cancellation();
    this.store = store;
    original = compile(s.model(), "original", NumericPrecision.FP32);
  }

  CompiledModel original() {
    return original;
  }

  private CompiledModel compile(OnnxModel model, String name, NumericPrecision precision) {
    return compiler.compile(model, name, precision);
  }

  /** The text that stands for a plan: what it changes. */
  static String key(LayerPlan plan) {
    StringBuilder key = new StringBuilder();
    plan.decisions()
        .forEach(
            (node, decision) -> {
              if (decision.precision() != NumericPrecision.FP32) {
                key.append(node).append('=').append(decision.precision()).append(';');
              }
            });
    return key.length() == 0 ? "FP32" : key.toString();
  }

  /** Returns a plan's model, compiled; this object closes it. */
  CompiledModel model(LayerPlan plan) {
    String key = key(plan);
    CompiledModel known = open.get(key);
    if (known != null) {
      return known;
    }
    CompiledModel compiled =
        compile(rewriter.rewrite(plan), "candidate", PlanCompiler.precision(plan));
    open.put(key, compiled);
    Iterator<CompiledModel> oldest = open.values().iterator();
    while (open.size() > KEPT_OPEN) {
      CompiledModel closing = oldest.next();
      oldest.remove();
      closing.close();
    }
    return compiled;
  }

  /**
   * Returns the share of each node in the time of all kernels; empty if the target has no times.
   */
  Map<String, Double> shares(LayerPlan plan) {
    Map<String, Double> shares = new LinkedHashMap<>();
    List<KernelInfo> kernels = model(plan).kernels(workload.inputs());
    double all = kernels.stream().mapToDouble(k -> k.timeMillis().orElse(0.0)).sum();
    if (all > 0) {
      for (KernelInfo k : kernels) {
        double each = k.timeMillis().orElse(0.0) / all / Math.max(1, k.nodes().size());
        k.nodes().forEach(n -> shares.merge(n, each, Double::sum));
      }
    }
    return shares;
  }

  /** Judges a plan on the samples. */
  TrialStore.Judged judge(LayerPlan plan) {
    Optional<TrialStore.Judged> known = store.judged(key(plan));
    if (known.isPresent()) {
      return known.get();
    }
    CompiledModel model = model(plan);
    ReferenceOutputs right = reference();
    long before = System.nanoTime();
    TrialStore.Judged judged = judged(right.compare(model, tolerance));
    judging = Math.max(judging, (System.nanoTime() - before) / 1e9);
    store.put(key(plan), judged);
    return judged;
  }

  /** How long judging a plan took, the longest time; 0 if none was judged yet. */
  double judgingSeconds() {
    return judging;
  }

  private ReferenceOutputs reference() {
    ReferenceOutputs made = reference;
    if (made == null) {
      made = ReferenceOutputs.record(original, samples, view, cancellation);
      reference = made;
    }
    return made;
  }

  /** What an application sees counts, where it sees numbers. */
  private static TrialStore.Judged judged(ReferenceOutputs.Comparison comparison) {
    double sqnr = Double.POSITIVE_INFINITY;
    double cosine = 1;
    for (OutputAccuracy o : ranking(comparison)) {
      sqnr = Math.min(sqnr, o.metric(Metric.SQNR_DB).orElse(Double.POSITIVE_INFINITY));
      cosine = Math.min(cosine, o.metric(Metric.MEAN_COSINE).orElse(1));
    }
    return new TrialStore.Judged(comparison.judged().passed(), sqnr, cosine);
  }

  private static List<OutputAccuracy> ranking(ReferenceOutputs.Comparison comparison) {
    for (List<OutputAccuracy> outputs :
        List.of(comparison.judged().outputs(), comparison.outputs().outputs())) {
      List<OutputAccuracy> numbers =
          outputs.stream()
              .filter(o -> !o.limits().isEmpty() && o.metric(Metric.SQNR_DB).isPresent())
              .toList();
      if (!numbers.isEmpty()) {
        return numbers;
      }
    }
    // Of boxes, which are judged together, the numbers they are made of.
    return comparison.outputs().outputs();
  }

  /** Returns what a layer alone does to the outputs, if that was found out. */
  Optional<TrialStore.Judged> alone(LayerSwitches.Variant variant) {
    return store.judged(aloneKey(variant));
  }

  private static String aloneKey(LayerSwitches.Variant variant) {
    return "alone: " + variant.node() + "=" + variant.precision();
  }

  /**
   * Judges layers alone on a few of the samples: with one compiled model that has a switch for each
   * layer where the target can run it, else with a model for each.
   *
   * @param plans the plan that changes one layer only, by layer
   * @param told hears of each layer judged; false ends the ranking
   * @return false if it was ended
   */
  boolean rank(Map<LayerSwitches.Variant, LayerPlan> plans, BooleanSupplier told) {
    Map<LayerSwitches.Variant, OnnxModel> open = new LinkedHashMap<>();
    for (Map.Entry<LayerSwitches.Variant, LayerPlan> e : plans.entrySet()) {
      if (alone(e.getKey()).isEmpty()) {
        open.put(e.getKey(), rewriter.rewrite(e.getValue()));
      }
    }
    OnnxModel base = rewriter.rewrite(new LayerPlan(Map.of()));
    for (LayerSwitches switches : LayerSwitches.of(base, open)) {
      if (!rank(switches, told)) {
        return false;
      }
    }
    for (LayerSwitches.Variant variant : open.keySet()) {
      if (alone(variant).isPresent()) {
        continue;
      }
      try (CompiledModel single =
          compile(Objects.requireNonNull(open.get(variant)), "one layer", variant.precision())) {
        store.put(aloneKey(variant), compared(single, Map.of()));
      }
      if (!told.getAsBoolean()) {
        return false;
      }
    }
    return true;
  }

  private TrialStore.Judged compared(CompiledModel model, Map<String, Tensor> more) {
    return judged(reference().compare(model, tolerance, RANKED_BY, more));
  }

  private boolean rank(LayerSwitches switches, BooleanSupplier told) {
    Optional<OnnxModel> model = switches.build();
    if (model.isEmpty()) {
      return true;
    }
    try (CompiledModel compiled = compile(model.get(), "switches", NumericPrecision.INT8)) {
      if (switched(compiled, LayerSwitches.NONE).sqnrDb() < LEAST_SWITCHED_DB) {
        LOG.info("The model with switches is not the original; layers are compiled one by one.");
        return true;
      }
      for (Map.Entry<LayerSwitches.Variant, Long> e : switches.numbers().entrySet()) {
        store.put(aloneKey(e.getKey()), switched(compiled, e.getValue()));
        if (!told.getAsBoolean()) {
          return false;
        }
      }
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.info("The target cannot run a model with switches; layers are compiled one by one.", e);
    }
    return true;
  }

  private TrialStore.Judged switched(CompiledModel model, long number) {
    try (Tensor choice = Tensor.of(new long[] {number})) {
      return compared(model, Map.of(LayerSwitches.INPUT, choice));
    }
  }

  /** Compares a plan with the original on all samples. */
  AccuracyReport report(LayerPlan plan) {
    return reference().compare(model(plan), tolerance).judged();
  }

  /** Measures how many times faster a plan is than the original; above 1 is faster. */
  RatioInterval speedOfOriginal(LayerPlan fast, BenchmarkOptions options) {
    return measured("original", original, fast, options, MOST_BLOCKS);
  }

  /** Measures how many times faster one plan is than another; above 1 is faster. */
  RatioInterval speed(LayerPlan slow, LayerPlan fast, BenchmarkOptions options) {
    return measured(key(slow), model(slow), fast, options, MOST_BLOCKS);
  }

  /** Measures the same in one block, for an estimate. */
  RatioInterval estimate(LayerPlan slow, LayerPlan fast, BenchmarkOptions options) {
    return measured(key(slow), model(slow), fast, options, 1);
  }

  /**
   * Measures in blocks until it is certain which is faster, that the difference is too small to
   * matter, or so many blocks are over.
   */
  private RatioInterval measured(
      String slow,
      CompiledModel slowModel,
      LayerPlan fast,
      BenchmarkOptions options,
      int mostBlocks) {
    String key = slow + " -> " + key(fast) + " in " + mostBlocks + " x " + options.rounds();
    Optional<RatioInterval> known = store.speed(key);
    if (known.isPresent()) {
      return known.get();
    }
    CompiledModel fastModel = model(fast);
    double[] slowMedians = {};
    double[] fastMedians = {};
    RatioInterval ratio = new RatioInterval(1, 0, Double.POSITIVE_INFINITY);
    for (int block = 0; block < mostBlocks && !decided(ratio); block++) {
      BenchmarkOptions again =
          new BenchmarkOptions(
              options.load(),
              block == 0 ? options.warmUp() : Duration.ZERO,
              options.rounds(),
              options.round(),
              options.seed() + block);
      BenchmarkComparison c =
          Benchmark.comparison(slowModel, fastModel)
              .cancellation(cancellation)
              .run(workload, again);
      slowMedians = with(slowMedians, c.original());
      fastMedians = with(fastMedians, c.compiled());
      ratio = RatioInterval.ofPairs(slowMedians, fastMedians);
    }
    store.put(key, ratio);
    return ratio;
  }

  private static boolean decided(RatioInterval ratio) {
    return ratio.low() > 1 || ratio.high() < 1 + SMALL || ratio.high() / ratio.low() < 1 + SMALL;
  }

  private static double[] with(double[] medians, Measurement more) {
    return DoubleStream.concat(
            Arrays.stream(medians), more.rounds().stream().mapToDouble(r -> r.latency().p50()))
        .toArray();
  }

  @Override
  public void close() {
    open.values().forEach(CompiledModel::close);
    open.clear();
    if (reference != null) {
      reference.close();
    }
    original.close();
  }
}
