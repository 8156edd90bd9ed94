package io.inferc.search;

import io.inferc.accuracy.AccuracyReport;
import io.inferc.benchmark.Benchmark;
import io.inferc.benchmark.BenchmarkComparison;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.RatioInterval;
import io.inferc.common.Stage;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
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
  // Of the time of all kernels.
  private static final double SMALL_SHARE = 0.015;

  private final PrecisionSearch.Settings settings;
  private final Trials trials;
  private final TrialStore store;
  private final long started = System.nanoTime();
  private long told = started;
  private double longest;
  private final List<SearchStep> steps = new ArrayList<>();
  private final Map<String, String> opTypes = new HashMap<>();
  private final LayerEffects effects = new LayerEffects();
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

  /**
   * Whether another trial fits, as long as the longest so far, with the end of the search behind.
   */
  boolean timeLeft() {
    settings.cancellation().throwIfCancelled(Stage.SEARCH);
    double end = last() + trials.judgingSeconds() + longest;
    return (System.nanoTime() - started) / NANOS + end < settings.budget().toNanos() / NANOS;
  }

  /** What the last measurement takes. */
  private double last() {
    BenchmarkOptions options = settings.thorough();
    long each = options.warmUp().toNanos() + options.rounds() * options.round().toNanos();
    return 2 * each / NANOS;
  }

  void tell(String what) {
    long now = System.nanoTime();
    longest = Math.max(longest, (now - told) / NANOS);
    told = now;
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
    Map<String, List<String>> kinds = kinds();
    // What is likely to be good comes first, so that a search cut short has something to show.
    boolean complete =
        tryUniform()
            && measureKinds(kinds)
            && rankLayers()
            && tryReduced()
            && new Refinement(this, settings, trials, effects, kinds).run();
    return result(complete);
  }

  /**
   * The kinds of layers, those that take most time first. Kinds that take next to none are taken
   * together, by operator, since what they gain cannot be told apart.
   */
  private Map<String, List<String>> kinds() {
    Map<String, List<String>> all =
        PrecisionSearch.kinds(settings.model(), settings.candidates().keySet());
    Map<String, Double> shares = trials.shares(none);
    if (shares.isEmpty()) {
      return all;
    }
    Map<String, List<String>> grouped = new LinkedHashMap<>();
    Map<String, Double> share = new HashMap<>();
    all.forEach(
        (kind, nodes) -> {
          double part = nodes.stream().mapToDouble(n -> shares.getOrDefault(n, 0.0)).sum();
          String name =
              part < SMALL_SHARE ? "small " + opTypes.getOrDefault(nodes.get(0), "layers") : kind;
          grouped.computeIfAbsent(name, k -> new ArrayList<>()).addAll(nodes);
          share.merge(name, part, Double::sum);
        });
    Map<String, List<String>> sorted = new LinkedHashMap<>();
    grouped.keySet().stream()
        .sorted(Comparator.comparingDouble(k -> -share.getOrDefault(k, 0.0)))
        .forEach(k -> sorted.put(k, grouped.getOrDefault(k, List.of())));
    return sorted;
  }

  private void step(String what) {
    double when = store.stepped(steps.size() + ": " + what, seconds());
    steps.add(new SearchStep(when, what, bestSpeedup, best));
    tell(what);
  }

  LayerPlan with(LayerPlan plan, Iterable<String> nodes, NumericPrecision precision) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    for (String node : nodes) {
      List<NumericPrecision> possible = settings.candidates().getOrDefault(node, List.of());
      if (precision == NumericPrecision.FP32 || possible.contains(precision)) {
        decisions.put(node, new LayerDecision(precision, "search"));
      }
    }
    return new LayerPlan(decisions);
  }

  Set<NumericPrecision> precisions() {
    Set<NumericPrecision> all = new LinkedHashSet<>();
    settings.candidates().values().forEach(all::addAll);
    return all;
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
      tell("tried all layers at " + p);
    }
    return true;
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
        RatioInterval ratio = trials.estimate(none, plan, settings.quick());
        // Relative to the latency without any change, which is 1 here.
        double each = (1 - 1 / ratio.ratio()) / changed(plan);
        kind.getValue().forEach(node -> effects.gains(node, p, each));
        tell("measured " + kind.getKey() + " at " + p);
      }
    }
    return true;
  }

  private static long changed(LayerPlan plan) {
    return plan.decisions().values().stream()
        .filter(d -> d.precision() != NumericPrecision.FP32)
        .count();
  }

  /** Judges each layer alone. */
  private boolean rankLayers() {
    Map<LayerSwitches.Variant, LayerPlan> alone = new LinkedHashMap<>();
    settings
        .candidates()
        .forEach(
            (node, possible) ->
                possible.forEach(
                    p ->
                        alone.put(
                            new LayerSwitches.Variant(node, p), with(none, List.of(node), p))));
    int[] ranked = {0};
    boolean complete =
        timeLeft()
            && trials.rank(
                alone,
                () -> {
                  tell("judged " + ++ranked[0] + " of " + alone.size() + " layers alone");
                  return timeLeft();
                });
    alone
        .keySet()
        .forEach(v -> trials.alone(v).ifPresent(j -> effects.harms(v.node(), v.precision(), j)));
    return complete;
  }

  /** Takes what gains, then gives back what harms most until the tolerance is kept. */
  private boolean tryReduced() {
    Map<String, LayerPlan> starts = new LinkedHashMap<>();
    LayerPlan fastest = none;
    for (String node : settings.candidates().keySet()) {
      fastest = with(fastest, List.of(node), effects.fastest(node));
    }
    LayerPlan gentlest = none;
    for (String node : settings.candidates().keySet()) {
      gentlest = with(gentlest, List.of(node), effects.gentlest(node));
    }
    starts.put("the gentler of what gains in each layer", gentlest);
    starts.put("what gains in each layer", fastest);
    for (NumericPrecision p : precisions()) {
      starts.put("all layers at " + p, with(none, settings.candidates().keySet(), p));
    }
    for (Map.Entry<String, LayerPlan> start : starts.entrySet()) {
      if (changed(start.getValue()) > 0 && !reduce(start.getKey(), start.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** Finds the fewest layers to give back by halving: more of them never make it worse. */
  private boolean reduce(String what, LayerPlan start) {
    List<String> worst = effects.worstFirst(start);
    int low = 0;
    int high = worst.size();
    while (low < high) {
      if (!timeLeft()) {
        return false;
      }
      int middle = low == 0 && high == worst.size() ? 0 : (low + high) / 2;
      LayerPlan trial = with(start, worst.subList(0, middle), NumericPrecision.FP32);
      if (trials.judge(trial).met()) {
        high = middle;
        if (best.equals(none)) {
          // Something to show for the case that the time is up soon.
          challenge(trial, what + ", less " + middle + " that harm");
        }
      } else {
        low = middle + 1;
      }
      tell("gave back " + middle + " of " + worst.size() + " layers");
    }
    if (low < worst.size()) {
      challenge(
          with(start, worst.subList(0, low), NumericPrecision.FP32),
          what + (low == 0 ? "" : ", less " + low + " that harm"));
    }
    return true;
  }

  /** Measures a mix against the best so far, which gives way if that is slower for certain. */
  boolean challenge(LayerPlan plan, String what) {
    if (Trials.key(plan).equals(Trials.key(best))) {
      return false;
    }
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

  LayerPlan best() {
    return best;
  }

  private SearchResult result(boolean complete) {
    BenchmarkComparison benchmark = measure(best);
    AccuracyReport accuracy = trials.report(best);
    boolean good = benchmark.latencyRatio().low() > 1 && accuracy.passed();
    if (!good && !best.equals(none)) {
      best = none;
      benchmark = measure(best);
      accuracy = trials.report(best);
      good = benchmark.latencyRatio().low() > 1 && accuracy.passed();
    }
    double base = benchmark.original().latency().p50();
    List<LayerCost> layers = new ArrayList<>();
    effects
        .harms()
        .forEach(
            (node, byPrecision) ->
                byPrecision.forEach((p, judged) -> layers.add(cost(node, p, judged, base))));
    store.save(seconds());
    // Written last, so that a rewriter that tells what it did tells it of this mix.
    OnnxModel written = settings.rewriter().rewrite(best);
    return new SearchResult(
        good ? written : settings.model(),
        best,
        !good,
        accuracy,
        benchmark,
        layers,
        steps,
        store.trials(),
        complete,
        verdict(benchmark, accuracy, !good));
  }

  private BenchmarkComparison measure(LayerPlan plan) {
    return Benchmark.comparison(trials.original(), trials.model(plan))
        .cancellation(settings.cancellation())
        .progress(settings.progress())
        .run(settings.workload(), settings.thorough());
  }

  private LayerCost cost(
      String node, NumericPrecision p, TrialStore.Judged judged, double baseMillis) {
    OptionalDouble gained = effects.measuredGain(node, p);
    return new LayerCost(
        node,
        opTypes.getOrDefault(node, ""),
        p,
        judged.sqnrDb(),
        judged.cosine(),
        gained.isEmpty() ? gained : OptionalDouble.of(gained.getAsDouble() * baseMillis),
        best.precision(node) == p);
  }

  private String verdict(BenchmarkComparison benchmark, AccuracyReport accuracy, boolean asGiven) {
    long reduced = changed(best);
    String speed = "median latency " + benchmark.latencyRatio() + " times better";
    String kept = accuracy.passed() ? "within" : "outside";
    if (asGiven) {
      return String.format(
          Locale.ROOT,
          "Reduced precision does not pay here, so the model stays as it was given: no mix within"
              + " the tolerance was measured to be faster for certain. The cleaned-up model alone:"
              + " %s, %s the tolerance.",
          speed,
          kept);
    }
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
