package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.OperatorCases.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A case of {@link OperatorCases} on a target, beside ONNX Runtime in single precision. */
public final class KernelTrial {
  /** How a case ended. */
  public enum Kind {
    /** The answers are those of the model, but for quantization. */
    RIGHT,
    /** The answers are others. */
    WRONG,
    /** The target says no to the case in single precision as well. */
    REFUSED,
    /** The target says no to the case in integers alone. */
    FAILED,
    /** The target computes nothing of the case in integers. */
    FLOAT
  }

  /**
   * How a case ended.
   *
   * @param kind the kind of end
   * @param detail the ratio of signal to noise, or what the target said
   */
  public record Outcome(Kind kind, String detail) {}

  private static final double LEAST_DB = 22;
  private static final int INPUTS = 8;
  private static final Target REFERENCE = Target.onnxRuntime();

  private final Case tried;
  private final Target target;

  private KernelTrial(Case tried, Target target) {
    this.tried = tried;
    this.target = target;
  }

  /** Tries a case on a target. */
  public static Outcome of(Case tried, Target target) {
    return new KernelTrial(tried, target).outcome();
  }

  private Outcome outcome() {
    if (!quantizes()) {
      return new Outcome(Kind.FLOAT, "the target computes nothing of it in integers");
    }
    List<Tensor> expected = run(tried.model(), REFERENCE, Precision.fp32());
    OnnxModel model = declared(tried.model(), expected.get(0));
    Precision precision =
        Precision.int8(tried.samples(8))
            .quantize(Layers.ofType(tried.isOfConvolutions() ? "Conv" : "MatMul"));
    List<Tensor> found;
    try {
      found = run(model, target, precision);
    } catch (InfercException refusal) {
      return refusal(model)
          .map(single -> new Outcome(Kind.REFUSED, single))
          .orElseGet(() -> new Outcome(Kind.FAILED, refusal.getMessage()));
    }
    double sqnr = sqnr(expected, found);
    if (sqnr > LEAST_DB) {
      return new Outcome(Kind.RIGHT, decibels(sqnr));
    }
    double single = sqnr(expected, run(model, target, Precision.fp32()));
    return new Outcome(
        Kind.WRONG, decibels(sqnr) + ", and " + decibels(single) + " in single precision");
  }

  private boolean quantizes() {
    return Compiler.forTarget(target)
        .precision(Precision.int8(tried.samples(8)))
        .build()
        .rewriter(tried.model())
        .candidates()
        .values()
        .stream()
        .anyMatch(c -> c.contains(NumericPrecision.INT8));
  }

  /** Not every runtime takes a model that does not say what it returns. */
  private static OnnxModel declared(OnnxModel model, Tensor output) {
    String name = model.graph().outputs().get(0).name();
    return model.withGraph(
        model
            .graph()
            .edit()
            .removeOutput(name)
            .addOutput(ValueInfo.of(TensorSpec.of(name, output.type(), output.shape())))
            .build());
  }

  private Optional<String> refusal(OnnxModel model) {
    try {
      run(model, target, Precision.fp32());
      return Optional.empty();
    } catch (InfercException e) {
      return Optional.of(e.getMessage());
    }
  }

  private List<Tensor> run(OnnxModel model, Target where, Precision precision) {
    Compiler compiler = Compiler.forTarget(where).precision(precision).sessions(1).build();
    List<Tensor> outputs = new ArrayList<>();
    try (CompiledModel compiled = compiler.compile(model)) {
      for (int i = 0; i < INPUTS; i++) {
        try (Outputs output = compiled.run(tried.inputs(i))) {
          assertEquals(1, output.size());
          outputs.add(output.values().iterator().next().copy());
        }
      }
    }
    return outputs;
  }

  private static String decibels(double sqnr) {
    return String.format(Locale.ROOT, "%.1f dB", sqnr);
  }

  private static double sqnr(List<Tensor> expected, List<Tensor> found) {
    double error = 0;
    double power = 0;
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).shape(), found.get(i).shape());
      float[] right = expected.get(i).toFloatArray();
      float[] values = found.get(i).toFloatArray();
      for (int j = 0; j < right.length; j++) {
        error += Math.pow(values[j] - right[j], 2);
        power += Math.pow(right[j], 2);
      }
    }
    return error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(power / error);
  }
}
