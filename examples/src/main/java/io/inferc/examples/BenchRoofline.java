package io.inferc.examples;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.benchmark.platform.MatrixProduct;
import io.inferc.benchmark.platform.Roofline;
import io.inferc.benchmark.study.Variant;
import io.inferc.benchmark.study.Work;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the machine can do at each precision that is measured, and what a request takes of it. */
final class BenchRoofline {
  private static final int SIZE = 1024;

  private final Optional<ShapeProfile> profile;
  private final Map<String, Roof> roofs = new LinkedHashMap<>();

  private record Roof(Target target, Precision precision) {}

  BenchRoofline(Optional<ShapeProfile> profile) {
    this.profile = profile;
  }

  /**
   * Adds what a request takes to a variant, if the sizes of its model are known.
   *
   * @param variant the variant
   * @param model what it runs, as it was exported
   * @param target where
   * @param precision at which precision
   */
  Variant judged(Variant variant, OnnxModel model, Target target, NamedPrecision precision) {
    if (profile.isEmpty() && !isFixed(model)) {
      return variant;
    }
    Compiler.Builder compiler = Compiler.forTarget(Target.onnxRuntime());
    profile.ifPresent(compiler::profile);
    ModelRewriter rewriter = compiler.build().rewriter(model);
    double multiplyAdds = rewriter.multiplyAdds();
    double bytes = (double) model.summary().weightBytes() / bytesSaved(precision);
    if (!(multiplyAdds > 0) || !(bytes > 0)) {
      return variant;
    }
    String label = label(precision) + " on " + target;
    roofs.put(label, new Roof(target, precision(precision)));
    return variant.work(new Work(label, multiplyAdds, bytes));
  }

  /** Whether there is a variant to be judged. */
  boolean isAsked() {
    return !roofs.isEmpty();
  }

  /**
   * Measures the machine, and a product of matrices for each precision that was judged. What a
   * target does not compile the product at has no roof, and no share of one is told.
   */
  Roofline measure() {
    Roofline roofline = Roofline.probe();
    OnnxModel product = MatrixProduct.model(SIZE);
    for (Map.Entry<String, Roof> roof : roofs.entrySet()) {
      try (CompiledModel compiled =
          Compiler.forTarget(roof.getValue().target())
              .precision(roof.getValue().precision())
              .build()
              .compile(product)) {
        roofline = roofline.with(MatrixProduct.measure(compiled, SIZE, roof.getKey()));
      } catch (InfercException e) {
        System.out.println("No roof for " + roof.getKey() + ": " + e.getMessage());
      }
    }
    return roofline;
  }

  private static boolean isFixed(OnnxModel model) {
    return model.graph().requiredInputs().stream()
        .allMatch(input -> input.tensor().filter(spec -> spec.shape().isFixed()).isPresent());
  }

  /** Of a product of matrices, integers with scales of the moment are as fast as with others. */
  private static Precision precision(NamedPrecision precision) {
    return switch (precision) {
      case FP16 -> Precision.fp16();
      case INT8, INT8_SMOOTH, INT8_FP16, INT8_DYNAMIC -> Precision.int8Dynamic();
      default -> Precision.fp32();
    };
  }

  private static String label(NamedPrecision precision) {
    return precision.toString().startsWith("int8")
        ? "INT8"
        : precision == NamedPrecision.FP16 ? "FP16" : "FP32";
  }

  private static int bytesSaved(NamedPrecision precision) {
    return switch (label(precision)) {
      case "INT8" -> Float.BYTES;
      case "FP16" -> Float.BYTES / Short.BYTES;
      default -> 1;
    };
  }
}
