package io.inferc.rewrite.quantize;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What noise of the size of rounding does to a network, whoever rounds. Some random networks make
 * much of little: a normalization of nearly equal numbers, or a mean that nearly vanishes, turns an
 * error of a hundredth into one of a third. No fixed limit holds for these and still catches a
 * wrong scale in the others.
 *
 * <p>Every weight of the layers and every tensor that was quantized gets a random part of half a
 * step of seven bits of the largest magnitude, which is more than any of the dialects rounds by.
 */
final class RoundingReference {
  private static final int DRAWS = 5;
  private static final double STEPS = 63;

  private RoundingReference() {}

  /**
   * Returns the lowest of some signal to noise ratios in dB.
   *
   * @param model the network
   * @param quantized what was made of it
   * @param inputs its inputs
   */
  static double sqnr(OnnxModel model, OnnxModel quantized, Map<String, Tensor> inputs) {
    double lowest = Double.POSITIVE_INFINITY;
    for (int draw = 0; draw < DRAWS; draw++) {
      OnnxModel noisy = noisy(model, quantized, inputs, new Random(draw));
      lowest = Math.min(lowest, QuantizationCases.sqnr(model, noisy, inputs));
    }
    return lowest;
  }

  private static OnnxModel noisy(
      OnnxModel model, OnnxModel quantized, Map<String, Tensor> inputs, Random random) {
    Set<String> tensors = new LinkedHashSet<>();
    for (Node node : quantized.graph().nodes()) {
      if (node.opType().endsWith("QuantizeLinear") && !node.opType().startsWith("De")) {
        tensors.add(node.inputs().get(0));
      }
    }
    GraphEditor all = model.graph().edit();
    for (Node node : model.graph().nodes()) {
      node.outputs().stream()
          .filter(o -> tensors.contains(o) && !all.isOutput(o))
          .forEach(o -> all.addOutput(ValueInfo.untyped(o)));
    }
    Map<String, Output> seen = QuantizationCases.run(model.withGraph(all.build()), inputs);
    GraphEditor editor = model.graph().edit();
    for (Node node : model.graph().nodes()) {
      if (MatrixLayer.is(node)) {
        Constants.floats(editor, node.inputs().get(1))
            .ifPresent(w -> replaceWeights(editor, node, noisy(editor, w, random)));
      }
    }
    for (String tensor : tensors) {
      if (inputs.containsKey(tensor) && inputs.get(tensor).type() == DataType.FLOAT32) {
        addNoise(
            editor, tensor, inputs.get(tensor).shape(), inputs.get(tensor).toDoubleArray(), random);
      } else if (seen.containsKey(tensor)) {
        addNoise(editor, tensor, seen.get(tensor).shape(), seen.get(tensor).values(), random);
      }
    }
    return model.withGraph(editor.build());
  }

  private static String noisy(GraphEditor editor, Initializer weights, Random random) {
    float[] values = weights.floats();
    double step = step(weights.floats());
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) ((random.nextDouble() - 0.5) * step);
    }
    String name = editor.freshName(weights.name() + "_noisy");
    editor.putInitializer(Initializer.floats(name, values, weights.dims()));
    return name;
  }

  private static double step(float[] values) {
    double largest = 0;
    for (float v : values) {
      largest = Math.max(largest, Math.abs(v));
    }
    return largest / STEPS;
  }

  private static void replaceWeights(GraphEditor editor, Node node, String name) {
    Node current = editor.current(node).orElseThrow();
    String[] read = current.inputs().toArray(String[]::new);
    read[1] = name;
    editor.replace(current, current.toBuilder().inputs(read).build());
  }

  /** Puts noise between a tensor and what reads it. */
  private static void addNoise(
      GraphEditor editor, String tensor, long[] shape, double[] values, Random random) {
    double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    float[] noise = new float[values.length];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) ((random.nextDouble() - 0.5) * largest / STEPS);
    }
    String constant = editor.freshName(tensor + "_noise");
    String sum = editor.freshName(tensor + "_noisy");
    editor.putInitializer(Initializer.floats(constant, noise, shape));
    editor.replaceUses(tensor, sum);
    editor.append(Node.builder("Add").name(sum).inputs(tensor, constant).outputs(sum).build());
  }
}
