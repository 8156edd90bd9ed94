package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.model;
import static io.inferc.testing.TestGraphs.node;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DynamicQuantizationTest {
  private static OnnxModel network(int opset) {
    return model(
        opset,
        "n, 2",
        g ->
            g.initializer(Initializer.floats("w", new float[] {1, -0.5f, 0.25f, 1}, 2, 2))
                .node(node("p", "MatMul", List.of("x", "w")))
                .node(node("y", "Relu", List.of("p"))));
  }

  private static PassFixture quantized(OnnxModel model) {
    LayerPlan plan =
        QuantizationCases.all(model, QuantizationCases.CPU, NumericPrecision.INT8_DYNAMIC);
    return PassFixture.of(new DynamicQuantization(QuantizationCases.CPU, plan)).model(model);
  }

  @Test
  void aProductGetsItsScaleFromItsInputAtRunTime() {
    quantized(network(13))
        .check(
            """
            const w_quantized: INT8[2, 2] = [127, -64, 32, 127]
            const w_scale: FLOAT32[2] = [0.007874016, 0.007874016]
            const w_zero_point: INT8[2] = [0, 0]
            x_quantize: DynamicQuantizeLinear(x) -> x_quantized, x_scale, x_zero_point
            p: MatMulInteger(x_quantized, w_quantized, x_zero_point, w_zero_point) -> p_integer
            p_cast_1: Cast(p_integer) -> p_cast {to=1}
            p_scales: Mul(x_scale, w_scale) -> p_scale
            p_rescale: Mul(p_cast, p_scale) -> p
            y: Relu(p) -> y
            return y
            """)
        .checkNote("p", RewriteNote.Kind.CHANGED, "")
        .checkSound(0.1);
  }

  @Test
  void aProductOfTwoActivationsIsLeftAlone() {
    OnnxModel square = model(13, "2, 2", g -> g.node(node("y", "MatMul", List.of("x", "x"))));
    LayerPlan plan =
        new LayerPlan(Map.of("y", new LayerDecision(NumericPrecision.INT8_DYNAMIC, "a test")));
    PassFixture fixture =
        PassFixture.of(new DynamicQuantization(QuantizationCases.CPU, plan)).model(square);
    fixture.checkUnchanged().checkNote("y", RewriteNote.Kind.LEFT_ALONE, "");
  }

  @Test
  void withoutLayersInThePlanNothingChanges() {
    PassFixture.of(new DynamicQuantization(QuantizationCases.CPU, new LayerPlan(Map.of())))
        .model(network(13))
        .checkUnchanged();
  }
}
