package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.RatioInterval;
import io.inferc.common.Stage;
import io.inferc.onnx.Node;
import io.inferc.rewrite.LayerDecision;
import io.inferc.rewrite.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** One run of a search: its phases, and the best mix so far. */
final class SearchRun {
  private static final double NANOS = 1e9;
  // A mix that is less than this faster is not worth telling from noise.
  private static final double LEAST_GAIN = 1.003;

  private final PrecisionSearch.Settings settings;
  private final Trials trials;
  private final TrialStore store;
  private final long started = System.nanoTime();
  private final List<SearchStep> steps = new ArrayList<>();
  private final Map<String, String> opTypes = new HashMap<>();
  private final Map<String, Map<NumericPrecision, TrialStore.Judged>> harm = new LinkedHashMap<>();
  private final Map<String, Map<NumericPrecision, Double>> gain = new LinkedHashMap<>();
  private final LayerPlan none;
  private LayerPlan best;
  private double bestSpeedup = 1;

  SearchRun(PrecisionSearch.Settings settings, Trials trials, TrialStore store) {
    this.settings = settings;
    this.trials = trials;
    this.store = store;
    for (Node n : settings.model().graph().nodes()) {
      opTypes.put(n.name(), n.opType());
    }
    Map<String, LayerDecision> fp32 = new LinkedHashMap<>();
    settings
        .candidates()
        .keySet()
        .forEach(n -> fp32.put(n, new LayerDecision(NumericPrecision.FP32, "search: as it was")));
    none = new LayerPlan(fp32);
    best = none;
  }

  private double seconds() {
    return store.seconds() + (System.nanoTime() - started) / NANOS;
  }

  private boolean timeLeft() {
    settings.cancellation().throwIfCancelled(Stage.SEARCH);
    return (System.nanoTime() - started) / NANOS < settings.budget().toNanos() / NANOS;
  }

  private void tell(String what) {
    double share = (System.nanoTime() - started) / (double) settings.budget().toNanos();
    settings
        .progress()
        .onProgress(Stage.SEARCH, what, Math.min(999, Math.round(1000 * share)), 1000);
    store.save(seconds());
  }

  SearchResult run() {
    // The original itself can be faster than the cleaned-up model; then nothing is changed.
    RatioInterval cleaned = trials.speedOfOriginal(none, settings.quick());
    bestSpeedup = cleaned.ratio();
    step("the cleaned-up model");
    Map<String, List<String>> kinds =
        PrecisionSearch.kinds(settings.model(), settings.candidates().keySet());
    boolean complete = measureKinds(kinds);
    complete &= rankLayers();
    complete &= tryUniform();
    complete &= tryCombined();
    complete &= refine(kinds);
    return result(complete);
  }

  private void step(String what) {
    steps.add(new SearchStep(seconds(), what, bestSpeedup));
    tell(what);
  }

  private LayerPlan with(LayerPlan plan, Iterable<String> nodes, NumericPrecision precision) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    for (String node : nodes) {
      List<NumericPrecision> possible = settings.candidates().getOrDefault(node, List.of());
      if (precision == NumericPrecision.FP32 || possible.contains(precision)) {
        decisions.put(node, new LayerDecision(precision, "search"));
      }
    }
    return new LayerPlan(decisions);
  }

  private Set<NumericPrecision> precisions() {
    Set<NumericPrecision> all = new LinkedHashSet<>();
    settings.candidates().values().forEach(all::addAll);
    return all;
  }

  /** Measures what all layers of one kind gain, so that noise is small against the gain. */
  private boolean measureKinds(Map<String, List<String>> kinds) {
    for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
      for (NumericPrecision p : precisions()) {
        LayerPlan plan = with(none, kind.getValue(), p);
        if (plan.equals(none)) {
          continue;
        }
        if (!timeLeft()) {
          return false;
        }
        RatioInterval ratio = trials.speed(none, plan, settings.quick());
        long changed =
            plan.decisions().values().stream()
                .filter(d -> d.precision() != NumericPrecision.FP32)
                .count();
        // Relative to the latency without any change, which is 1 here.
        double each = (1 - 1 / ratio.ratio()) / changed;
        for (String node : kind.getValue()) {
          gain.computeIfAbsent(node, n -> new LinkedHashMap<>()).put(p, each);
        }
        tell("measured " + kind.getKey() + " at " + p);
      }
    }
    return true;
  }

  /** Judges each layer alone, those that may gain most first. */
  private boolean rankLayers() {
    List<String> order = new ArrayList<>(settings.candidates().keySet());
    order.sort(Comparator.comparingDouble(n -> -bestGain(n)));
    for (String node : order) {
      for (NumericPrecision p : settings.candidates().getOrDefault(node, List.of())) {
        if (!timeLeft()) {
          return false;
        }
        TrialStore.Judged judged = trials.judge(with(none, List.of(node), p));
        harm.computeIfAbsent(node, n -> new LinkedHashMap<>()).put(p, judged);
        tell("judged " + node + " at " + p);
      }
    }
    return true;
  }

  private double bestGain(String node) {
    return gain.getOrDefault(node, Map.of()).values().stream()
        .mapToDouble(Double::doubleValue)
        .max()
        .orElse(0);
  }

  private boolean tryUniform() {
    for (NumericPrecision p : precisions()) {
      if (!timeLeft()) {
        return false;
      }
      LayerPlan all = with(none, settings.candidates().keySet(), p);
      if (trials.judge(all).met()) {
        challenge(all, "all layers at " + p);
      }
    }
    return true;
  }

  /** Takes for each layer what gains most, then gives back what harms most until it is good. */
  private boolean tryCombined() {
    LayerPlan plan = none;
    List<String> changed = new ArrayList<>();
    for (String node : settings.candidates().keySet()) {
      NumericPrecision choice = NumericPrecision.FP32;
      double most = 0;
      for (Map.Entry<NumericPrecision, Double> e : gain.getOrDefault(node, Map.of()).entrySet()) {
        if (e.getValue() > most) {
          most = e.getValue();
          choice = e.getKey();
        }
      }
      if (choice != NumericPrecision.FP32) {
        plan = with(plan, List.of(node), choice);
        changed.add(node);
      }
    }
    if (changed.isEmpty()) {
      return true;
    }
    LayerPlan combined = plan;
    changed.sort(Comparator.comparingDouble(n -> -harmPerGain(combined, n)));
    // The fewest layers to give back, found by halving: giving back more never makes it worse.
    int low = 0;
    int high = changed.size();
    while (low < high) {
      if (!timeLeft()) {
        return false;
      }
      int middle = (low + high) / 2;
      LayerPlan trial = with(combined, changed.subList(0, middle), NumericPrecision.FP32);
      if (trials.judge(trial).met()) {
        high = middle;
      } else {
        low = middle + 1;
      }
      tell("gave back " + middle + " of " + changed.size() + " layers");
    }
    if (low < changed.size()) {
      challenge(
          with(combined, changed.subList(0, low), NumericPrecision.FP32),
          "what gains, less " + low + " layers that harm");
    }
    return true;
  }

  private double harmPerGain(LayerPlan plan, String node) {
    NumericPrecision p = plan.precision(node);
    TrialStore.Judged judged = harm.getOrDefault(node, Map.of()).get(p);
    double noise = judged == null ? 0 : Math.pow(10, -judged.sqnrDb() / 10);
    double gained = gain.getOrDefault(node, Map.of()).getOrDefault(p, 0.0);
    return noise / Math.max(gained, 1e-6);
  }

  /** Changes kinds, then single layers, as long as that helps. */
  private boolean refine(Map<String, List<String>> kinds) {
    boolean improved = true;
    while (improved) {
      improved = false;
      for (List<String> nodes : neighbourhoods(kinds)) {
        for (NumericPrecision p : with32(precisions())) {
          LayerPlan trial = with(best, nodes, p);
          if (trial.equals(best) || Trials.key(trial).equals(Trials.key(best))) {
            continue;
          }
          if (!timeLeft()) {
            return false;
          }
          if (promising(nodes, p) && trials.judge(trial).met()) {
            improved |=
                challenge(
                    trial, nodes.get(0) + (nodes.size() > 1 ? " and its kind" : "") + " at " + p);
          }
        }
      }
    }
    return true;
  }

  private static List<NumericPrecision> with32(Set<NumericPrecision> reduced) {
    List<NumericPrecision> all = new ArrayList<>(reduced);
    all.add(NumericPrecision.FP32);
    return all;
  }

  private static List<List<String>> neighbourhoods(Map<String, List<String>> kinds) {
    List<List<String>> all = new ArrayList<>();
    kinds.values().stream().filter(k -> k.size() > 1).forEach(all::add);
    kinds.values().forEach(k -> k.forEach(n -> all.add(List.of(n))));
    return all;
  }

  /** Skips changes that measurements of the kind say must lose clearly. */
  private boolean promising(List<String> nodes, NumericPrecision p) {
    double change = 0;
    for (String node : nodes) {
      Map<NumericPrecision, Double> known = gain.getOrDefault(node, Map.of());
      change += known.getOrDefault(p, 0.0) - known.getOrDefault(best.precision(node), 0.0);
    }
    return change > -0.01;
  }

  /** Measures a mix against the best so far, and takes its place if it is faster for certain. */
  private boolean challenge(LayerPlan plan, String what) {
    RatioInterval ratio = trials.speed(best, plan, settings.quick());
    tell("measured " + what);
    if (ratio.ratio() <= LEAST_GAIN || ratio.low() <= 1) {
      return false;
    }
    best = plan;
    bestSpeedup = trials.speedOfOriginal(plan, settings.quick()).ratio();
    step(what);
    return true;
  }

  private SearchResult result(boolean complete) {
    BenchmarkComparison benchmark = measure(best);
    if (!best.equals(none) && benchmark.latencyRatio().low() <= 1) {
      best = none;
      benchmark = measure(best);
    }
    AccuracyReport accuracy = trials.report(best);
    double base = benchmark.original().latency().p50();
    List<LayerCost> layers = new ArrayList<>();
    harm.forEach(
        (node, byPrecision) ->
            byPrecision.forEach((p, judged) -> layers.add(cost(node, p, judged, base))));
    store.save(seconds());
    return new SearchResult(
        best,
        accuracy,
        benchmark,
        layers,
        steps,
        store.trials(),
        complete,
        verdict(benchmark, accuracy));
  }

  private BenchmarkComparison measure(LayerPlan plan) {
    return Benchmark.comparison(trials.original(), trials.model(plan))
        .cancellation(settings.cancellation())
        .progress(settings.progress())
        .run(settings.workload(), settings.thorough());
  }

  private LayerCost cost(
      String node, NumericPrecision p, TrialStore.Judged judged, double baseMillis) {
    Double gained = gain.getOrDefault(node, Map.of()).get(p);
    return new LayerCost(
        node,
        opTypes.getOrDefault(node, ""),
        p,
        judged.sqnrDb(),
        judged.cosine(),
        gained == null ? OptionalDouble.empty() : OptionalDouble.of(gained * baseMillis),
        best.precision(node) == p);
  }

  private String verdict(BenchmarkComparison benchmark, AccuracyReport accuracy) {
    long reduced =
        best.decisions().values().stream()
            .filter(d -> d.precision() != NumericPrecision.FP32)
            .count();
    String speed = "median latency " + benchmark.latencyRatio() + " times better";
    String kept = accuracy.passed() ? "within" : "outside";
    if (reduced == 0) {
      return String.format(
          Locale.ROOT,
          "No layer has a reduced precision: none of the mixes tried within the tolerance was"
              + " measured to be faster. The cleaned-up model: %s, %s the tolerance.",
          speed,
          kept);
    }
    return String.format(
        Locale.ROOT,
        "%d of %d layers have a reduced precision: %s, %s the tolerance.",
        reduced,
        best.decisions().size(),
        speed,
        kept);
  }
}
