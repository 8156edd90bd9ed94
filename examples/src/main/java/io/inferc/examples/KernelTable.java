package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.benchmark.Workload;
import io.inferc.benchmark.platform.ComputeRoof;
import io.inferc.benchmark.platform.MatrixProduct;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompilationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/** Where the time of two compiled forms of a model goes, beside what a large product reaches. */
final class KernelTable {
  // The least of so many profiles: what others do on the machine only adds.
  private static final int PROFILES = 6;
  private static final int SHOWN = 6;
  private static final int SIZE = 1024;
  private static final double GIGA = 1e9;
  private static final double MILLIS = 1e3;

  private KernelTable() {}

  /**
   * Profiles both forms with a request.
   *
   * @param source the model as it was exported
   * @param request what it is asked
   * @param original it as given
   * @param found what one call made of it
   */
  static List<String> of(
      OnnxModel source, Workload request, CompiledModel original, CompiledModel found) {
    long work = multiplyAdds(source, request.inputs());
    String precision =
        found.report().chosen().map(CompilationReport.Candidate::precision).orElse("FP32");
    List<String> text =
        new ArrayList<>(
            List.of(
                "",
                String.format(
                    Locale.ROOT,
                    "Where the time goes, as the runtimes time their kernels; %.2f G multiply-adds"
                        + " a run.",
                    work / GIGA),
                "",
                "| form | kernels, ms | all, ms | a product of "
                    + SIZE
                    + " reaches, G multiply-adds/s | the run would take at that, ms |",
                "|---|---|---|---|---|"));
    text.add(row("as given", original, request, work, roof(original.target(), Precision.fp32())));
    text.add(
        row(
            precision,
            found,
            request,
            work,
            roof(found.target(), product(found.target(), precision))));
    text.add("");
    return text;
  }

  private static long multiplyAdds(OnnxModel model, Map<String, Tensor> request) {
    ShapeProfile profile = ShapeProfile.named("request");
    for (Map.Entry<String, Tensor> input : request.entrySet()) {
      Range[] sizes =
          LongStream.of(input.getValue().shape())
              .mapToObj(s -> new Range(s, s, s, 1))
              .toArray(Range[]::new);
      profile = profile.input(input.getKey(), sizes);
    }
    return Compiler.forTarget(Target.onnxRuntime())
        .profile(profile)
        .build()
        .rewriter(model)
        .multiplyAdds();
  }

  /** The precision of a single product that has the same kernels. */
  private static Precision product(Target.Choice target, String precision) {
    if (precision.startsWith("BF16")) {
      return Precision.bf16();
    }
    if (!precision.contains("INT8")) {
      return Precision.fp32();
    }
    if (target.backend().equals(Target.ONNX_RUNTIME)) {
      return Precision.int8Dynamic();
    }
    Random random = new Random(1);
    float[] values = new float[SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Precision.int8(
        Dataset.generated(1, i -> Map.of("x", Tensor.of(values.clone(), SIZE, SIZE))));
  }

  private static double roof(Target.Choice choice, Precision precision) {
    try (CompiledModel compiled =
        Compiler.forTarget(Target.backend(choice.backend()))
            .precision(precision)
            .build()
            .compile(MatrixProduct.model(SIZE), "product")) {
      ComputeRoof roof = MatrixProduct.measure(compiled, SIZE, precision.toString());
      return roof.multiplyAddsPerSecond();
    } catch (InfercException e) {
      System.err.println("No roof at " + precision + ": " + e.getMessage());
      return Double.NaN;
    }
  }

  private static String row(
      String name, CompiledModel model, Workload request, long work, double roof) {
    Map<String, Double> least = new HashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < PROFILES; i++) {
      Map<String, Double> sums = new HashMap<>();
      counts.clear();
      for (KernelInfo kernel : model.kernels(request.inputs())) {
        String type = kernel.type() + kernel.precision().map(p -> " " + p).orElse("");
        sums.merge(type, kernel.timeMillis().orElse(0.0), Double::sum);
        counts.merge(type, 1, Integer::sum);
      }
      sums.forEach((type, sum) -> least.merge(type, sum, Math::min));
    }
    List<String> cells = new ArrayList<>();
    double all = least.values().stream().mapToDouble(Double::doubleValue).sum();
    Map<String, Double> rest = new LinkedHashMap<>();
    least.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
        .forEach(e -> rest.put(e.getKey(), e.getValue()));
    rest.entrySet().stream()
        .limit(SHOWN)
        .forEach(
            e ->
                cells.add(
                    String.format(
                        Locale.ROOT,
                        "%s x %d: %.3f",
                        e.getKey(),
                        counts.getOrDefault(e.getKey(), 0),
                        e.getValue())));
    return String.format(
        Locale.ROOT,
        "| %s, %s | %s | %.2f | %.0f | %.2f |",
        model.target(),
        name,
        String.join("; ", cells),
        all,
        roof / GIGA,
        work / roof * MILLIS);
  }
}
