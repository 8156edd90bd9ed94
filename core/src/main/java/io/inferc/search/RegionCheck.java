package io.inferc.search;

import io.inferc.benchmark.RatioInterval;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.benchmark.platform.MatrixProduct;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the quantized layers of a model that do not pay, and leaves them in floating point.
 *
 * <p>Layers of one kind, the same operator on weights of the same shape, are a region: what one of
 * many alike gains cannot be told from noise. The model is measured with and without the integers
 * of each region, in turns, and the region stays only where the interval of the ratio is above 1,
 * with 95 % confidence over all looks at it. Regions with the most multiply-adds come first, and
 * each is measured in the model as it is by then, since regions share conversions.
 *
 * <p>Not thread-safe; a check is run once.
 */
public final class RegionCheck {
  private static final Logger LOG = LoggerFactory.getLogger(RegionCheck.class);
  private static final int MOST_BLOCKS = 6;
  // It looks after each block, and all looks together are to be right in 95 %.
  private static final double CONFIDENCE = 1 - 0.05 / MOST_BLOCKS;
  private static final double SMALL = 0.01;
  private static final int PRODUCT = 768;

  /**
   * What was found.
   *
   * @param plan the plan without the layers that do not pay
   * @param regions all regions that were measured, those that gain most first
   * @param complete false if the time was up before all were; the others are as they were
   */
  public record Result(LayerPlan plan, List<CompilationReport.Region> regions, boolean complete) {
    public Result {
      regions = List.copyOf(regions);
    }

    /**
     * Tells whether any layer is still quantized.
     *
     * @return false if none of them pays
     */
    public boolean quantizes() {
      return !quantized(plan).isEmpty();
    }
  }

  private record Measured(String kind, List<String> layers, RatioInterval gain, boolean kept) {}

  private final OnnxModel model;
  private final PlanRewriter rewriter;
  private final LayerPlan plan;
  private final PlanCompiler compiler;
  private final RequestMix mix;
  private final Map<String, Long> work;
  private final TimeBudget time;

  /**
   * Prepares a check.
   *
   * @param model the model whose nodes the plan names
   * @param rewriter makes the model of a plan
   * @param plan the plan to check
   * @param backend the back end
   * @param choice its device and options
   * @param profiles the shapes to serve
   * @param mix the requests to measure
   * @param work multiply-adds of a run by layer, as far as they are known
   * @param budget how long it may take
   * @param cancellation the switch that stops it
   */
  public RegionCheck(
      OnnxModel model,
      PlanRewriter rewriter,
      LayerPlan plan,
      Backend backend,
      Target.Choice choice,
      List<ShapeProfile> profiles,
      RequestMix mix,
      Map<String, Long> work,
      Duration budget,
      Cancellation cancellation) {
    this.model = Objects.requireNonNull(model, "model");
    this.rewriter = Objects.requireNonNull(rewriter, "rewriter");
    this.plan = Objects.requireNonNull(plan, "plan");
    this.mix = Objects.requireNonNull(mix, "mix");
    this.work = Map.copyOf(work);
    time = new TimeBudget(Objects.requireNonNull(budget, "budget"), System::nanoTime);
    compiler =
        new PlanCompiler(
            Objects.requireNonNull(backend, "backend"),
            Objects.requireNonNull(choice, "choice"),
            List.copyOf(profiles),
            Objects.requireNonNull(cancellation, "cancellation"));
  }

  /**
   * Checks all regions.
   *
   * @return the plan that pays, and what each region gains
   * @throws InfercException if a model cannot be compiled or run
   * @throws CancelledException if it was stopped
   */
  public Result run() {
    List<String> quantized = quantized(plan);
    if (quantized.isEmpty()) {
      return new Result(plan, List.of(), true);
    }
    Map<String, List<String>> kinds = kinds(quantized);
    try (CompiledModel floats = compile(without(plan, quantized))) {
      Pace pace = pace(floats, kinds.size());
      CompiledModel integers = compile(plan);
      Run run = new Run(floats, integers, kinds, pace);
      try {
        KernelBlame blame = blame(integers, floats);
        boolean complete = run.all();
        return new Result(run.current, regions(run.measured, blame), complete);
      } finally {
        run.close();
      }
    }
  }

  private Pace pace(CompiledModel floats, int kinds) {
    return Pace.of(
        OriginalLatency.millis(floats, mix, 1, compiler.cancellation()),
        TimeBudget.duration(time.seconds()),
        kinds,
        1);
  }

  /** The model as it is by now, and what was found of its regions so far. */
  private final class Run {
    private final CompiledModel floats;
    private final Map<String, List<String>> kinds;
    private final Pace pace;
    private final List<Measured> measured = new ArrayList<>();
    private LayerPlan current = plan;
    private CompiledModel with;

    Run(CompiledModel floats, CompiledModel integers, Map<String, List<String>> kinds, Pace pace) {
      this.floats = floats;
      this.kinds = kinds;
      this.pace = pace;
      with = integers;
    }

    /** Returns false if the time was up before all were measured. */
    boolean all() {
      for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
        double next = TimeBudget.seconds(pace.race(2, pace.rounds())) + time.making("");
        if (!measured.isEmpty() && time.left() < next) {
          return false;
        }
        LayerPlan fewer = without(current, kind.getValue());
        CompiledModel less = quantized(fewer).isEmpty() ? floats : compile(fewer);
        boolean kept = false;
        try {
          RatioInterval gain = gain(less, with, pace);
          kept = gain.low() > 1;
          measured.add(new Measured(kind.getKey(), kind.getValue(), gain, kept));
        } finally {
          // Of the two, the one that the next region is measured in stays open.
          CompiledModel done = kept ? less : with;
          with = kept ? with : less;
          close(done);
        }
        current = kept ? current : fewer;
      }
      return true;
    }

    private void close(CompiledModel done) {
      if (done != floats) {
        done.close();
      }
    }

    void close() {
      close(with);
    }
  }

  private List<CompilationReport.Region> regions(List<Measured> measured, KernelBlame blame) {
    return measured.stream()
        .sorted(Comparator.comparingDouble(m -> -m.gain().ratio()))
        .map(
            m ->
                new CompilationReport.Region(
                    m.kind(),
                    m.layers(),
                    new CompilationReport.Gain(m.gain().ratio(), m.gain().low(), m.gain().high()),
                    m.kept(),
                    blame.of(m.layers(), m.kept())))
        .toList();
  }

  private static List<String> quantized(LayerPlan plan) {
    return plan.decisions().entrySet().stream()
        .filter(e -> e.getValue().precision().quantizes())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The kinds of layers, those with most work first. */
  private Map<String, List<String>> kinds(List<String> quantized) {
    Map<String, List<String>> sorted = new LinkedHashMap<>();
    PrecisionSearch.kinds(model, quantized).entrySet().stream()
        .sorted(Comparator.comparingDouble(e -> -work(e.getValue())))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  private double work(List<String> layers) {
    return layers.stream().mapToDouble(l -> work.getOrDefault(l, 0L)).sum();
  }

  private static LayerPlan without(LayerPlan plan, List<String> layers) {
    Map<String, LayerDecision> decisions = new LinkedHashMap<>(plan.decisions());
    layers.forEach(
        l ->
            decisions.put(
                l,
                new LayerDecision(
                    NumericPrecision.FP32,
                    "left at FP32: measured here, its integers do not pay; a rule can quantize"
                        + " it.")));
    return new LayerPlan(decisions);
  }

  private CompiledModel compile(LayerPlan layers) {
    double before = time.now();
    CompiledModel compiled =
        compiler.compile(rewriter.rewrite(layers), "region", PlanCompiler.precision(layers));
    time.learn("", time.now() - before);
    return compiled;
  }

  /** Measures in blocks until it is certain whether it pays, or so many blocks are over. */
  private RatioInterval gain(CompiledModel less, CompiledModel with, Pace pace) {
    Race race = new Race(mix, Objective.latency(), compiler.cancellation());
    double[] slow = {};
    double[] fast = {};
    RatioInterval ratio = new RatioInterval(1, 0, Double.POSITIVE_INFINITY);
    for (int block = 0; block < MOST_BLOCKS && !isDecided(ratio); block++) {
      if (block > 0 && time.left() < TimeBudget.seconds(pace.race(2, pace.rounds()))) {
        break;
      }
      RaceResult figures = race.run(Map.of("less", less, "with", with), pace, pace.rounds());
      slow = joined(slow, figures.of("less").costs());
      fast = joined(fast, figures.of("with").costs());
      ratio = RatioInterval.ofPairs(slow, fast, CONFIDENCE);
    }
    return ratio;
  }

  private static double[] joined(double[] first, List<Double> second) {
    return DoubleStream.concat(Arrays.stream(first), Arrays.stream(RaceResult.array(second)))
        .toArray();
  }

  private static boolean isDecided(RatioInterval ratio) {
    return ratio.low() > 1 || ratio.high() < 1 + SMALL;
  }

  private KernelBlame blame(CompiledModel integers, CompiledModel floats) {
    Map<String, Tensor> request = mix.mostFrequent().inputs();
    return new KernelBlame(
        kernels(integers, request), kernels(floats, request), work, roof(), isOnCpu());
  }

  private boolean isOnCpu() {
    return compiler
            .choice()
            .device()
            .map(d -> d.toLowerCase(Locale.ROOT))
            .orElse("cpu")
            .equals("cpu")
        && compiler.backend().capabilities(compiler.choice()).bufferMemory() == MemoryKind.HOST;
  }

  private static List<KernelInfo> kernels(CompiledModel model, Map<String, Tensor> request) {
    try {
      return model.kernels(request);
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.info("The kernels of {} cannot be timed: {}", model.name(), e.getMessage());
      return List.of();
    }
  }

  private OptionalDouble roof() {
    try (CompiledModel product =
        new PlanCompiler(compiler.backend(), compiler.choice(), List.of(), compiler.cancellation())
            .compile(MatrixProduct.model(PRODUCT), "product", NumericPrecision.FP32)) {
      return OptionalDouble.of(
          MatrixProduct.measure(product, PRODUCT, "FP32").multiplyAddsPerSecond());
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.info("The roof of {} cannot be measured: {}", compiler.choice(), e.getMessage());
      return OptionalDouble.empty();
    }
  }
}
