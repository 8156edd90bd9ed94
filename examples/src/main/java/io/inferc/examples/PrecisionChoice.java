package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.report.PrecisionReport;
import io.inferc.rewrite.layer.Smoothing;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.SearchResult;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compiles an example's model at the precision that the command line asks for.
 *
 * @param arguments the command line
 * @param calibration samples for static scales
 * @param unseen other samples, to judge mixes by
 * @param tolerance what a mix must keep
 * @param view what the tolerance looks at
 * @param profile the shapes to serve
 * @param progress hears of progress
 */
record PrecisionChoice(
    Arguments arguments,
    Dataset calibration,
    Dataset unseen,
    Tolerance tolerance,
    OutputView view,
    ShapeProfile profile,
    ProgressListener progress) {
  /** For what shall be fast: a multiplication has to be worth more than by default. */
  static final Smoothing CHEAP = Smoothing.best().multiplyFrom(5);

  private static final Duration SEARCH = Duration.ofMinutes(5);
  private static final long DRIFT_SAMPLES = 8;
  private static final Duration QUICK_SEARCH = Duration.ofSeconds(20);

  /**
   * A compiled model and how it came to be.
   *
   * @param model the compiled model
   * @param given the model that the target was given
   * @param precision what it is, for the report
   * @param rewriter what wrote the precision into it, if something did
   * @param search what a search found, if there was one
   */
  record Compiled(
      CompiledModel model,
      OnnxModel given,
      String precision,
      Optional<ModelRewriter> rewriter,
      Optional<SearchResult> search) {
    /** What the user should know. */
    List<String> warnings() {
      return rewriter.map(ModelRewriter::warnings).orElse(List.of());
    }

    /** Says what the precision came to, for the console. */
    String told() {
      return rewriter
          .map(r -> precision + ": " + PrecisionReport.of(r.cleaned(), r.outcome()).summary())
          .orElse(precision);
    }

    /** Adds what is known of single layers. */
    void describe(OptimizationReport.Builder report) {
      rewriter.ifPresent(r -> report.precision(PrecisionReport.of(r.cleaned(), r.outcome())));
      search.ifPresent(report::search);
      warnings().forEach(report::warning);
    }
  }

  /**
   * Compiles a model.
   *
   * @param model the model as it was exported
   * @param name what reports call it, followed by the precision asked for
   * @param otherwise the precision, if the command line names none
   * @param request the usual request, whose latency a search lowers
   * @return the compiled model, to be closed by the caller
   */
  Compiled compile(
      OnnxModel model, String name, NamedPrecision otherwise, Map<String, Tensor> request) {
    NamedPrecision asked = arguments.precision().orElse(otherwise);
    String called = name + " (" + asked + ")";
    Compiler compiler = compiler(asked.precision(() -> calibration));
    if (asked == NamedPrecision.FP32) {
      return asGiven(compiler, model, called, Optional.empty());
    }
    ModelRewriter rewriter = compiler.rewriter(model);
    Optional<SearchResult> found = Optional.empty();
    OnnxModel given;
    if (asked == NamedPrecision.SEARCH) {
      found = Optional.of(search(compiler, model, rewriter, request));
      given = found.get().model();
      if (found.get().asGiven()) {
        return asGiven(compiler(Precision.fp32()), given, called, found);
      }
    } else {
      given = rewriter.rewrite(rewriter.plan());
    }
    return new Compiled(
        compiler(Precision.fp32()).compile(given, called),
        given,
        asked.toString(),
        Optional.of(rewriter),
        found);
  }

  /** Says which shapes a model serves. */
  static String shapes(CompiledModel model) {
    return model.profiles().stream().map(ShapeProfile::toString).collect(Collectors.joining(", "));
  }

  private static Compiled asGiven(
      Compiler compiler, OnnxModel model, String name, Optional<SearchResult> found) {
    return new Compiled(
        compiler.compile(model, name), model, "FP32, the model as it is", Optional.empty(), found);
  }

  /**
   * Names the first layer that drifts, if a compiled model misses its tolerance.
   *
   * @param compiled the model
   * @param accuracy how it compares
   * @return the comparison of layers, or empty if the model is good or nothing was rewritten
   */
  Optional<LayerDiffReport> drift(Compiled compiled, AccuracyReport accuracy) {
    if (accuracy.passed() || compiled.rewriter().isEmpty()) {
      return Optional.empty();
    }
    LayerDiffReport diff =
        compiler(Precision.fp32())
            .layerDiff(compiled.rewriter().get().cleaned(), compiled.given())
            .run(unseen.limit(DRIFT_SAMPLES));
    System.out.print(diff);
    return Optional.of(diff);
  }

  private SearchResult search(
      Compiler compiler, OnnxModel model, ModelRewriter rewriter, Map<String, Tensor> request) {
    BenchmarkOptions brief =
        BenchmarkOptions.defaults()
            .withRounds(4)
            .withTimes(Duration.ofMillis(100), Duration.ofMillis(60));
    PrecisionSearch search =
        compiler
            .search(model, rewriter)
            .samples(unseen, tolerance)
            .view(view)
            .workload(Workload.of("the usual request", request))
            .budget(arguments.quick() ? QUICK_SEARCH : SEARCH);
    return (arguments.quick() ? search.measurement(brief, brief) : search).run();
  }

  private Compiler compiler(Precision precision) {
    return Compiler.forTarget(arguments.target())
        .precision(precision)
        .profile(profile)
        .progress(progress)
        .build();
  }
}
