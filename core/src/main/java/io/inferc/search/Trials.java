package io.inferc.search;

import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputAccuracy;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.Workload;
import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.execution.ExecutableModel;
import io.inferc.execution.ExecutionOptions;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import io.inferc.tensor.Dataset;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compiles plans, and judges and measures them; each is done once. */
final class Trials implements AutoCloseable {
  // The best so far, its challenger, and one to spare.
  private static final int KEPT_OPEN = 3;

  private final Backend backend;
  private final Target.Choice choice;
  private final List<ShapeProfile> profiles;
  private final PlanRewriter rewriter;
  private final Dataset samples;
  private final Tolerance tolerance;
  private final @Nullable OutputView view;
  private final Workload workload;
  private final TrialStore store;
  private final Cancellation cancellation;
  private final CompiledModel original;
  private final Map<String, CompiledModel> open = new LinkedHashMap<>(8, 0.75f, true);

  Trials(PrecisionSearch.Settings s, TrialStore store) {
    backend = s.backend();
    choice = s.choice();
    profiles = s.profiles();
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
    try (ModelSource source = ModelSource.of(model)) {
      CompileRequest request =
          new CompileRequest(
              source,
              name,
              choice,
              profiles,
              new PrecisionPlan(precision, PrecisionSupport.IN_MODEL),
              false,
              ProgressListener.none(),
              cancellation);
      return ExecutableModel.of(
          name,
          backend.compile(request),
          backend,
          choice,
          profiles,
          new ExecutionOptions(1, Optional.empty()));
    }
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
    NumericPrecision precision =
        plan.decisions().values().stream()
            .map(d -> d.precision())
            .filter(p -> p != NumericPrecision.FP32)
            .findFirst()
            .orElse(NumericPrecision.FP32);
    CompiledModel compiled = compile(rewriter.rewrite(plan), "candidate", precision);
    open.put(key, compiled);
    Iterator<CompiledModel> oldest = open.values().iterator();
    while (open.size() > KEPT_OPEN) {
      CompiledModel closing = oldest.next();
      oldest.remove();
      closing.close();
    }
    return compiled;
  }

  /** Judges a plan on the samples. */
  TrialStore.Judged judge(LayerPlan plan) {
    Optional<TrialStore.Judged> known = store.judged(key(plan));
    if (known.isPresent()) {
      return known.get();
    }
    CompiledModel model = model(plan);
    AccuracyReport outputs = comparison(model).run(samples, tolerance);
    boolean met =
        view == null
            ? outputs.passed()
            : comparison(model).view(view).run(samples, tolerance).passed();
    double sqnr = Double.POSITIVE_INFINITY;
    double cosine = 1;
    for (OutputAccuracy o : outputs.outputs()) {
      sqnr = Math.min(sqnr, o.metric(Metric.SQNR_DB).orElse(Double.POSITIVE_INFINITY));
      cosine = Math.min(cosine, o.metric(Metric.MEAN_COSINE).orElse(1));
    }
    TrialStore.Judged judged = new TrialStore.Judged(met, sqnr, cosine);
    store.put(key(plan), judged);
    return judged;
  }

  private Accuracy comparison(CompiledModel model) {
    return Accuracy.comparison(original, model).cancellation(cancellation);
  }

  /** Compares a plan with the original on all samples. */
  AccuracyReport report(LayerPlan plan) {
    Accuracy comparison = comparison(model(plan));
    return (view == null ? comparison : comparison.view(view)).run(samples, tolerance);
  }

  /** Measures how many times faster a plan is than the original; above 1 is faster. */
  RatioInterval speedOfOriginal(LayerPlan fast, BenchmarkOptions options) {
    return measured("original", original, fast, options);
  }

  /** Measures how many times faster one plan is than another; above 1 is faster. */
  RatioInterval speed(LayerPlan slow, LayerPlan fast, BenchmarkOptions options) {
    return measured(key(slow), model(slow), fast, options);
  }

  private RatioInterval measured(
      String slow, CompiledModel slowModel, LayerPlan fast, BenchmarkOptions options) {
    String key = slow + " -> " + key(fast) + " in " + options.rounds();
    Optional<RatioInterval> known = store.speed(key);
    if (known.isPresent()) {
      return known.get();
    }
    RatioInterval ratio =
        Benchmark.comparison(slowModel, model(fast))
            .cancellation(cancellation)
            .run(workload, options)
            .latencyRatio();
    store.put(key, ratio);
    return ratio;
  }

  @Override
  public void close() {
    open.values().forEach(CompiledModel::close);
    open.clear();
    original.close();
  }
}
