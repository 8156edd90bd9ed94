package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A target that computes other than its integers say is told from integers that do not suffice. */
class TargetCheckTest {
  private static final int SIZE = 32;

  private static final BackendRegistry.Opened REFERENCE =
      BackendRegistry.discover().open(Target.onnxRuntime());

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static TensorSpec rows(String name) {
    return new TensorSpec(
        name,
        DataType.FLOAT32,
        TensorShape.of(List.of(Dimension.symbolic("n"), Dimension.fixed(SIZE))));
  }

  private static OnnxModel product(float[] weights) {
    Graph graph =
        Graph.builder("product")
            .input(rows("x"))
            .initializer(Initializer.floats("w", weights, SIZE, SIZE))
            .node(Node.builder("MatMul").name("layer").inputs("x", "w").outputs("y").build())
            .output(rows("y"))
            .build();
    return OnnxModel.of(graph, 17);
  }

  private static Dataset samples() {
    return Dataset.generated(8, i -> Map.of("x", Tensor.of(values(4 * SIZE, 100 + i), 4, SIZE)));
  }

  private static Compiler.Builder compiler() {
    return Compiler.forTarget(Target.onnxRuntime());
  }

  private static Optional<String> warning(
      OnnxModel onTarget, Compiler.Builder target, Cancellation cancellation) {
    ModelRewriter rewriter =
        compiler()
            .precision(Precision.int8(samples()))
            .build()
            .rewriter(product(values(SIZE * SIZE, 1)));
    OnnxModel quantized = rewriter.rewrite(rewriter.plan());
    try (CompiledModel compiled = target.build().compile(onTarget);
        TargetCheck check =
            TargetCheck.of(
                REFERENCE,
                samples(),
                rewriter.cleaned(),
                new LayerPlan(rewriter.outcome()),
                rewriter.expected(),
                cancellation)) {
      return check.loss(compiled, quantized).map(loss -> check.unmended(compiled.target(), loss));
    }
  }

  private static Optional<String> warning(float[] weightsOnTarget) {
    return warning(product(weightsOnTarget), compiler(), new Cancellation());
  }

  @Test
  void aTargetThatComputesTheSameIsNotSpokenOf() {
    assertEquals(Optional.empty(), warning(values(SIZE * SIZE, 1)));
  }

  @Test
  void aTargetThatComputesSomethingElseIsToldWithBothRatios() {
    float[] weights = values(SIZE * SIZE, 1);
    for (int i = 0; i < weights.length; i += 3) {
      weights[i] = 0;
    }
    String warning = warning(weights).orElseThrow();
    assertTrue(warning.contains("At INT8 onnxruntime computes this model wrongly"), warning);
    assertTrue(warning.contains("with the same integers"), warning);
    assertTrue(warning.contains("compile it at FP32"), warning);
  }

  @Test
  void samplesOutsideOfTheProfilesAreNoReasonToFail() {
    Compiler.Builder two = compiler().profile(ShapeProfile.named("two").range("n", 1, 2, 2));
    assertEquals(
        Optional.empty(), warning(product(new float[SIZE * SIZE]), two, new Cancellation()));
  }

  @Test
  void itCanBeCancelled() {
    Cancellation cancelled = new Cancellation();
    cancelled.cancel();
    OnnxModel model = product(values(SIZE * SIZE, 1));
    assertThrows(CancelledException.class, () -> warning(model, compiler(), cancelled));
  }
}
