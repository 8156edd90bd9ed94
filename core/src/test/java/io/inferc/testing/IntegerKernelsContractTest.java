package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What operators compute on a target between layers in integers is what the model says, or the
 * target refuses the model in single precision as well. Extend it in the back end's module and name
 * the target; where the device is missing, it is skipped with the reason.
 *
 * <p>The property {@code inferc.test.kernels.every} is which share of the cases is tried: 1 for all
 * of them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class IntegerKernelsContractTest {
  private static final double LEAST_DB = 22;
  private static final int INPUTS = 8;
  private static final Target REFERENCE = Target.onnxRuntime();

  /** Where the models run. */
  protected abstract Target target();

  /**
   * One of how many cases is tried unless the property says otherwise. It should be coprime to the
   * forms that cases come in, such as 7, 11 or 13, so that every kind of them is among these.
   */
  protected int every() {
    return 7;
  }

  @BeforeAll
  void skipWithoutTheTarget() {
    BackendContractTest.skipIfUnavailable(target());
  }

  /** The cases that are tried. */
  Stream<Case> cases() {
    int every = Integer.getInteger("inferc.test.kernels.every", every());
    List<Case> all = OperatorCases.all();
    return IntStream.range(0, all.size()).filter(i -> i % every == 0).mapToObj(all::get);
  }

  @ParameterizedTest
  @MethodSource("cases")
  protected void operatorsBetweenLayersInIntegersComputeTheSame(Case tried) {
    Precision precision =
        Precision.int8(tried.samples(8))
            .quantize(Layers.ofType(tried.isOfConvolutions() ? "Conv" : "MatMul"));
    boolean quantizes =
        Compiler.forTarget(target())
            .precision(Precision.int8(tried.samples(8)))
            .build()
            .rewriter(tried.model())
            .candidates()
            .values()
            .stream()
            .anyMatch(c -> c.contains(NumericPrecision.INT8));
    Assumptions.assumeTrue(quantizes, "the target computes nothing of it in integers");
    List<Tensor> expected = run(tried, tried.model(), REFERENCE, Precision.fp32());
    OnnxModel model = declared(tried.model(), expected.get(0));
    List<Tensor> found;
    try {
      found = run(tried, model, target(), precision);
    } catch (InfercException refusal) {
      Optional<String> single = refusal(tried, model);
      assertTrue(single.isPresent(), () -> "only in integers: " + refusal.getMessage());
      Assumptions.abort("refused in single precision too: " + single.get());
      return;
    }
    double sqnr = sqnr(expected, found);
    assertTrue(sqnr > LEAST_DB, () -> sqnr + " dB");
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

  private Optional<String> refusal(Case tried, OnnxModel model) {
    try {
      run(tried, model, target(), Precision.fp32());
      return Optional.empty();
    } catch (InfercException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static List<Tensor> run(Case tried, OnnxModel model, Target target, Precision precision) {
    Compiler compiler = Compiler.forTarget(target).precision(precision).sessions(1).build();
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
