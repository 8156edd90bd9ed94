package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.benchmark.BenchmarkOptions;
import io.inferc.benchmark.Workload;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.search.PrecisionSearch;
import io.inferc.search.SearchResult;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private static final Duration SEARCH = Duration.ofMinutes(3);
  private static final Duration QUICK_SEARCH = Duration.ofSeconds(20);

  /**
   * A compiled model and how it came to be.
   *
   * @param model the compiled model
   * @param given the model that the target was given
   * @param precision what it is, for the report
   * @param search what a search found, if there was one
   * @param warnings what the user should know
   */
  record Compiled(
      CompiledModel model,
      OnnxModel given,
      String precision,
      Optional<SearchResult> search,
      List<String> warnings) {}

  Compiled compile(OnnxModel model, String otherwise, Map<String, Tensor> request) {
    String asked = arguments.precision().orElse(otherwise);
    Compiler compiler = compiler(precision(asked));
    if (asked.equals("fp32")) {
      return new Compiled(
          compiler.compile(model), model, "FP32, the model as it is", Optional.empty(), List.of());
    }
    ModelRewriter rewriter = compiler.rewriter(model);
    Optional<SearchResult> found = Optional.empty();
    LayerPlan plan = rewriter.plan();
    if (asked.equals("search")) {
      found = Optional.of(search(compiler, model, rewriter, request));
      System.out.println(found.get());
      plan = found.get().plan();
    }
    OnnxModel given = rewriter.rewrite(plan);
    return new Compiled(
        compiler(Precision.fp32()).compile(given),
        given,
        describe(plan),
        found,
        rewriter.warnings());
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

  private static String describe(LayerPlan plan) {
    StringBuilder text = new StringBuilder();
    for (NumericPrecision p : NumericPrecision.values()) {
      long count = plan.decisions().values().stream().filter(d -> d.precision() == p).count();
      if (count > 0) {
        text.append(text.length() == 0 ? "" : ", ").append(count).append(" nodes at ").append(p);
      }
    }
    return text.toString();
  }

  private Precision precision(String name) {
    return switch (name) {
      case "fp32" -> Precision.fp32();
      case "fp16" -> Precision.fp16();
      case "int8-fp16" -> Precision.int8(calibration).rest(DataType.FLOAT16);
      case "int8-dynamic" -> Precision.int8Dynamic();
      default -> Precision.int8(calibration);
    };
  }

  private Compiler compiler(Precision precision) {
    return Compiler.forTarget(arguments.target())
        .precision(precision)
        .profile(profile)
        .progress(progress)
        .build();
  }
}
