package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RuntimeDialects;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Integers stand for numbers of FLOAT32: what computes in another type is left alone. */
class QuantizedTypesTest {
  private static Node node(String output, String operator, String... inputs) {
    return Node.builder(operator).name(output).inputs(inputs).outputs(output).build();
  }

  private static GraphBuilder graph(DataType type) {
    return Graph.builder("types")
        .input(TensorSpec.of("x", type, 4, 4))
        .input(TensorSpec.of("z", type, 4, 4))
        .output(ValueInfo.untyped("y"));
  }

  private static Initializer weights(DataType type) {
    return type.isFloatingPoint()
        ? Initializer.floats("w", type, new float[16], 4, 4)
        : Initializer.longs("w", type, new long[16], 4, 4);
  }

  private static void checkLeftAlone(OnnxModel model, DataType type) {
    for (QuantizationDialect dialect :
        List.of(RuntimeDialects.ONNX_RUNTIME, RuntimeDialects.OPENVINO)) {
      for (NumericPrecision precision :
          List.of(NumericPrecision.INT8, NumericPrecision.INT8_DYNAMIC)) {
        assertEquals(Set.of(), QuantizableLayers.layers(model, dialect, precision));
      }
      CalibrationTable.Builder table = CalibrationTable.builder(model.digest(), "min-max", 500);
      for (String tensor : List.of("x", "z", "s", "y")) {
        table.range(tensor, TensorRange.observed(-4, 4));
      }
      LayerPlan plan = new LayerPlan(Map.of("y", new LayerDecision(NumericPrecision.INT8, "test")));
      PassFixture.of(new StaticQuantization(table.build(), dialect, plan))
          .model(model)
          .checkUnchanged()
          .checkNote("y", RewriteNote.Kind.LEFT_ALONE, type + ", not FLOAT32");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT16", "FLOAT64", "INT32", "UINT32", "INT64", "UINT64"})
  void aProductOfTwoActivationsOfAnotherType(DataType type) {
    checkLeftAlone(
        OnnxModel.of(
            graph(type)
                .node(node("s", "Transpose", "x"))
                .node(node("y", "MatMul", "s", "z"))
                .build(),
            17),
        type);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT16", "FLOAT64", "INT32", "UINT32"})
  void aProductOfWeightsOfAnotherType(DataType type) {
    for (String operator : List.of("MatMul", "Gemm")) {
      checkLeftAlone(
          OnnxModel.of(
              graph(type)
                  .initializer(weights(type))
                  .node(node("s", "Add", "x", "z"))
                  .node(node("y", operator, "s", "w"))
                  .build(),
              17),
          type);
    }
  }
}
