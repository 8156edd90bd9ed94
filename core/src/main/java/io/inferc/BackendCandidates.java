package io.inferc;

import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.Cancellation;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.runtime.Target;
import io.inferc.search.Candidate;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.RegionCheck;
import io.inferc.search.SearchResult;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The ways to compile one model on one back end: each precision that it has there. */
final class BackendCandidates {
  // Where a multiplication at run time gains less than this, outliers stay.
  private static final double WORTH_MULTIPLYING_DB = 5;
  private static final double REPAIR_SHARE = 0.2;
  private static final double CALIBRATION_SHARE = 0.12;
  private static final double MIX_SHARE = 0.8;
  private static final long LEAST_CALIBRATED = 32;
  private static final BenchmarkOptions SHORT =
      BenchmarkOptions.defaults()
          .withRounds(8)
          .withTimes(Duration.ofMillis(200), Duration.ofMillis(120));

  private final CompilerSettings settings;
  private final BackendRegistry.Opened opened;
  private final ModelSource source;
  private final String name;
  private final Dataset calibrating;
  private final ModelRewriter rewriter;

  /**
   * Prepares a back end.
   *
   * @param settings what the compiler was asked for
   * @param opened the back end
   * @param source the model as it was given
   * @param name what messages call it
   * @param calibrating what ranges are taken from
   * @param budget the time of the whole search
   */
  BackendCandidates(
      CompilerSettings settings,
      BackendRegistry.Opened opened,
      ModelSource source,
      String name,
      Dataset calibrating,
      Duration budget) {
    this.settings = settings;
    this.opened = opened;
    this.source = source;
    this.name = name;
    this.calibrating =
        new TimedDataset(
            calibrating, LEAST_CALIBRATED, scaled(budget, CALIBRATION_SHARE), System::nanoTime);
    boolean integers =
        opened
            .backend()
            .capabilities(opened.choice())
            .precisions()
            .containsKey(NumericPrecision.INT8);
    Precision whole =
        integers ? Precision.int8(this.calibrating).smoothQuant() : Precision.cleanedUp();
    rewriter =
        new Compilation(at(opened, whole, settings.cancellation(), budget)).rewriter(model());
  }

  private static Duration scaled(Duration time, double share) {
    return Duration.ofNanos(Math.round(time.toNanos() * share));
  }

  private OnnxModel model() {
    return source.model();
  }

  BackendRegistry.Opened opened() {
    return opened;
  }

  private CompilerSettings at(
      BackendRegistry.Opened where, Precision precision, Cancellation cancellation, Duration time) {
    Duration repair = scaled(time, REPAIR_SHARE);
    Duration longest = CompilerSettings.LONGEST_REPAIR;
    return settings.with(
        where, precision, cancellation, repair.compareTo(longest) < 0 ? repair : longest);
  }

  /**
   * The reduced precisions worth trying, those that promise most first.
   *
   * @param forMemory whether types count in which weights are only stored
   */
  List<Precision> precisions(boolean forMemory) {
    Capabilities capabilities = opened.backend().capabilities(opened.choice());
    Map<NumericPrecision, PrecisionSupport> had = capabilities.precisions();
    // A hint is the runtime's own to follow; between integers it may do with it what it likes.
    boolean halves =
        had.get(NumericPrecision.FP16) == PrecisionSupport.IN_MODEL
            && capabilities.preferredForm().halfPrecisionArithmetic();
    List<Precision> all = new ArrayList<>();
    if (can(NumericPrecision.INT8_DYNAMIC, had)) {
      all.add(rest(Precision.int8Dynamic(), halves));
    }
    if (can(NumericPrecision.INT8, had)) {
      Precision plain = rest(Precision.int8(calibrating), halves);
      all.add(plain.smoothQuant(Smoothing.best().multiplyFrom(WORTH_MULTIPLYING_DB)));
      all.add(plain);
    }
    for (NumericPrecision half : List.of(NumericPrecision.BF16, NumericPrecision.FP16)) {
      PrecisionSupport support = had.get(half);
      boolean arithmetic = forMemory || capabilities.preferredForm().halfPrecisionArithmetic();
      if (support == PrecisionSupport.HINT
          || (support == PrecisionSupport.IN_MODEL && arithmetic)) {
        all.add(half == NumericPrecision.BF16 ? Precision.bf16() : Precision.fp16());
      }
    }
    if (had.containsKey(NumericPrecision.TF32)) {
      all.add(Precision.tf32());
    }
    boolean products = !rewriter.candidates().isEmpty();
    if (products && had.containsKey(NumericPrecision.WEIGHTS8)) {
      all.add(Precision.weights(Byte.SIZE));
    }
    if (products && had.containsKey(NumericPrecision.WEIGHTS4)) {
      all.add(Precision.weights(Byte.SIZE / 2));
    }
    if (isChanged(rewriter.cleaned())) {
      all.add(Precision.cleanedUp());
    }
    return all;
  }

  /** Declared shapes alone make no other model. */
  private boolean isChanged(OnnxModel cleaned) {
    Graph was = model().graph();
    Graph is = cleaned.graph();
    return !is.nodes().equals(was.nodes()) || !is.initializers().equals(was.initializers());
  }

  private boolean can(NumericPrecision precision, Map<NumericPrecision, PrecisionSupport> had) {
    return had.containsKey(precision)
        && rewriter.candidates().values().stream().anyMatch(p -> p.contains(precision));
  }

  private static Precision rest(Precision precision, boolean halves) {
    return halves ? precision.rest(DataType.FLOAT16) : precision;
  }

  /**
   * Makes a candidate.
   *
   * @param choice this back end with options
   * @param precision the precision
   * @param label what the report calls it
   */
  Candidate candidate(Target.Choice choice, Precision precision, String label) {
    BackendRegistry.Opened where = new BackendRegistry.Opened(opened.backend(), choice);
    return new Candidate(choice, label, time -> compile(where, precision, time));
  }

  private ExecutableModel compile(
      BackendRegistry.Opened where, Precision precision, Duration time) {
    try (Deadline deadline = new Deadline(settings.cancellation(), time)) {
      return new Compilation(at(where, calibrated(precision), deadline.cancellation(), time))
          .compile(source, name);
    }
  }

  /** All forms of one calibration share it; the rewriter keeps the table. */
  private Precision calibrated(Precision precision) {
    boolean here =
        precision.numeric() == NumericPrecision.INT8
            && precision.settings().samples().filter(s -> s == calibrating).isPresent();
    return here ? precision.calibrated(rewriter.calibrationTable().orElseThrow()) : precision;
  }

  /**
   * Looks for layers that do not pay.
   *
   * @param time how long that may take
   * @param regions hears what was measured
   * @return the layers to leave in floating point, with the reason; empty if all pay, or none do,
   *     which is a candidate already
   * @throws io.inferc.common.CancelledException if the time was up before the first was measured
   */
  Map<String, LayerDecision> reverted(
      Target.Choice choice,
      Precision precision,
      RequestMix mix,
      Duration time,
      Consumer<RegionCheck.Result> regions) {
    BackendRegistry.Opened where = new BackendRegistry.Opened(opened.backend(), choice);
    long started = System.nanoTime();
    try (Deadline deadline = new Deadline(settings.cancellation(), time)) {
      CompilerSettings asked = at(where, calibrated(precision), deadline.cancellation(), time);
      ModelRewriter own = new Compilation(asked).rewriter(model());
      own.rewrite(own.plan());
      Duration left = time.minusNanos(System.nanoTime() - started);
      RegionCheck.Result found = PayCheck.regions(asked, own, mix, left);
      regions.accept(found);
      return found.quantizes() ? PayCheck.difference(own, found) : Map.of();
    }
  }

  /**
   * Searches a mix of this model's layers, and compiles it.
   *
   * @param time how long that may take
   * @param asked sets what it is judged by
   */
  ExecutableModel mixed(Target.Choice choice, Duration time, UnaryOperator<PrecisionSearch> asked) {
    try (Deadline deadline = new Deadline(settings.cancellation(), time)) {
      PrecisionSearch search =
          asked
              .apply(PrecisionSearch.of(model(), rewriter::rewrite, rewriter.candidates()))
              .on(opened.backend(), choice, settings.profiles())
              .measurement(SHORT, SHORT)
              .budget(scaled(time, MIX_SHARE))
              .cancellation(deadline.cancellation());
      SearchResult found = search.run();
      BackendRegistry.Opened where = new BackendRegistry.Opened(opened.backend(), choice);
      try (ModelSource mix = ModelSource.of(found.model())) {
        return new Compilation(at(where, Precision.fp32(), deadline.cancellation(), time))
            .compile(mix, name);
      }
    }
  }
}
