package io.inferc.rewrite.quantize;

import ai.onnxruntime.OrtException;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RandomNetworks;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Dialects, plans and calibration for tests of quantization. */
public final class QuantizationCases {
  /** UINT8 activations, results quantized, integer biases, as ONNX Runtime wants it. */
  public static final QuantizationDialect CPU = cpu(false);

  /** The same with weights of 7 bits, for processors that add products in 16 bits. */
  public static final QuantizationDialect OLD_CPU = cpu(true);

  /** The one of them whose products of bytes this very processor computes without overflow. */
  public static final QuantizationDialect THIS_CPU =
      OrtRunner.ADDS_BYTES_IN_32_BITS ? CPU : OLD_CPU;

  /** UINT8 activations, results as read, biases in floating point, as OpenVINO wants it. */
  public static final QuantizationDialect OPENVINO =
      QuantizationDialect.builder("openvino")
          .activations(DataType.UINT8, false)
          .kernels(
              IntegerKernels.builder()
                  .transparentOperators(
                      Set.of("MaxPool", "Reshape", "Transpose", "Squeeze", "Split"))
                  .build())
          .build();

  /** INT8 activations, results as read, biases in floating point, as TensorRT wants it. */
  public static final QuantizationDialect GPU = QuantizationDialect.builder("gpu").build();

  private QuantizationCases() {}

  private static QuantizationDialect cpu(boolean reduced) {
    return QuantizationDialect.builder("cpu")
        .activations(DataType.UINT8, false)
        .reducedWeightRange(reduced)
        .outputs(QuantizationDialect.OutputRule.QUANTIZED)
        .residuals(QuantizationDialect.ResidualRule.BOTH_BRANCHES)
        .biases(QuantizationDialect.BiasRule.INT32)
        .fanOut(QuantizationDialect.FanOutRule.ONE_DEQUANTIZE_PER_READER)
        .kernels(
            IntegerKernels.builder()
                .operators(
                    Set.of(
                        "Conv",
                        "ConvTranspose",
                        "MatMul",
                        "Gemm",
                        "Add",
                        "Mul",
                        "Concat",
                        "Sigmoid",
                        "Softmax",
                        "AveragePool",
                        "GlobalAveragePool",
                        "Split"))
                .transparentOperators(
                    Set.of("MaxPool", "Reshape", "Transpose", "Flatten", "Resize"))
                .dynamic(true)
                .build())
        .build();
  }

  /** A plan with everything that can be at a precision. */
  public static LayerPlan all(
      OnnxModel model, QuantizationDialect dialect, NumericPrecision precision) {
    Map<String, LayerDecision> plan = new LinkedHashMap<>();
    for (String layer : QuantizableLayers.layers(model, dialect, precision)) {
      plan.put(layer, new LayerDecision(precision, "test"));
    }
    return QuantizableLayers.withFollowers(model, dialect, new LayerPlan(plan));
  }

  /** Everything at INT8, with the ranges that inputs drawn from a seed give. */
  public static StaticQuantization everything(
      OnnxModel model, QuantizationDialect dialect, long seed) {
    return new StaticQuantization(
        calibrate(model, seed), dialect, all(model, dialect, NumericPrecision.INT8));
  }

  public static CalibrationTable calibrate(OnnxModel model, long seed) {
    return calibrate(model, Map.of(), RandomNetworks.inputs(model.graph(), seed));
  }

  /** Observes all tensors of the main graph, and the channels of some. */
  public static CalibrationTable calibrate(
      OnnxModel model, Map<String, Integer> channels, Map<String, Tensor> inputs) {
    GraphEditor editor = model.graph().edit();
    for (Node n : model.graph().nodes()) {
      for (String o : n.outputs()) {
        if (!o.isEmpty() && !editor.isOutput(o)) {
          editor.addOutput(ValueInfo.untyped(o));
        }
      }
    }
    CalibrationTable.Builder table = CalibrationTable.builder(model.digest(), "min-max", 1);
    Map<String, Output> seen = new LinkedHashMap<>();
    inputs.forEach(
        (name, t) -> {
          if (t.type() == DataType.FLOAT32) {
            seen.put(name, new Output(t.shape(), t.toDoubleArray()));
          }
        });
    seen.putAll(run(model.withGraph(editor.build()), inputs));
    seen.forEach(
        (name, output) -> {
          double min = Arrays.stream(output.values()).min().orElse(0);
          double max = Arrays.stream(output.values()).max().orElse(0);
          if (Float.isFinite((float) min) && Float.isFinite((float) max)) {
            table.range(name, TensorRange.observed((float) min, (float) max));
          }
          if (channels.containsKey(name)) {
            table.channels(name, channels(output, channels.get(name)));
          }
        });
    return table.build();
  }

  private static ChannelStatistics channels(Output output, int axis) {
    int position = output.shape().length + axis;
    int inner = 1;
    for (int i = position + 1; i < output.shape().length; i++) {
      inner *= (int) output.shape()[i];
    }
    int count = (int) output.shape()[position];
    double[] sums = new double[count];
    double[] squares = new double[count];
    float[] magnitudes = new float[count];
    for (int i = 0; i < output.values().length; i++) {
      int c = i / inner % count;
      sums[c] += output.values()[i];
      squares[c] += output.values()[i] * output.values()[i];
      magnitudes[c] = Math.max(magnitudes[c], (float) Math.abs(output.values()[i]));
    }
    float[] means = new float[count];
    float[] meanSquares = new float[count];
    for (int c = 0; c < count; c++) {
      means[c] = (float) (sums[c] * count / output.values().length);
      meanSquares[c] = (float) (squares[c] * count / output.values().length);
    }
    return new ChannelStatistics(axis, means, meanSquares, magnitudes);
  }

  public static Map<String, Output> run(OnnxModel model, Map<String, Tensor> inputs) {
    try {
      return OrtRunner.run(model, OrtRunner.of(inputs));
    } catch (OrtException e) {
      throw new AssertionError(e);
    }
  }

  /** Signal to noise of all outputs together, in dB: 20 is a tenth off, 40 a hundredth. */
  public static double sqnr(OnnxModel exact, OnnxModel changed, Map<String, Tensor> inputs) {
    Map<String, Output> expected = run(exact, inputs);
    Map<String, Output> actual = run(changed, inputs);
    double signal = 1e-30;
    double noise = 1e-30;
    for (Map.Entry<String, Output> e : expected.entrySet()) {
      double[] x = e.getValue().values();
      double[] y = actual.get(e.getKey()).values();
      for (int i = 0; i < x.length; i++) {
        if (Double.isFinite(x[i])) {
          signal += x[i] * x[i];
          noise += (x[i] - y[i]) * (x[i] - y[i]);
        }
      }
    }
    return 10 * Math.log10(signal / noise);
  }

  public static long count(OnnxModel model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.opType().equals(operator)).count();
  }
}
