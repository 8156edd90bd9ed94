package io.inferc.testing.conformance;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a precision loses, done to the inputs of the original model: the changes of its outputs say
 * how much a right answer may differ.
 */
enum Noise {
  /** Nothing is lost but the order of additions. */
  NONE(0),
  /** Half precision: 11 bits of each number. */
  HALF(0.01) {
    @Override
    double disturbed(double value, double lowest, double highest, double direction) {
      double rounded = Half.fromFloat16(Half.toFloat16((float) value));
      return direction == 0 ? rounded : value * (1 + direction * 0x1p-11);
    }
  },
  /** Integers of 8 bits: 256 steps from the lowest to the highest number, zero being one. */
  BYTE(0.05) {
    @Override
    double disturbed(double value, double lowest, double highest, double direction) {
      double step = (Math.max(highest, 0) - Math.min(lowest, 0)) / 255;
      if (step == 0) {
        return value;
      }
      return direction == 0 ? Math.rint(value / step) * step : value + direction * step / 2;
    }
  };

  private static final int RANDOM_TRIALS = 4;

  private final double share;

  Noise(double share) {
    this.share = share;
  }

  /** The share of an output's range that may be lost on any model. */
  double share() {
    return share;
  }

  double disturbed(double value, double lowest, double highest, double direction) {
    return value;
  }

  /** Returns inputs that differ from those given as much as the precision could make them. */
  List<Map<String, Tensor>> trials(Map<String, Tensor> inputs) {
    List<Map<String, Tensor>> trials = new ArrayList<>();
    Random random = new Random(1);
    trials.add(changed(inputs, () -> 0));
    trials.add(changed(inputs, () -> 1));
    trials.add(changed(inputs, () -> -1));
    for (int i = 0; i < RANDOM_TRIALS; i++) {
      trials.add(changed(inputs, () -> random.nextBoolean() ? 1 : -1));
    }
    return trials;
  }

  private Map<String, Tensor> changed(Map<String, Tensor> inputs, Direction direction) {
    Map<String, Tensor> changed = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> changed.put(name, changed(tensor, direction)));
    return changed;
  }

  private Tensor changed(Tensor tensor, Direction direction) {
    if (tensor.type() != DataType.FLOAT32 && tensor.type() != DataType.FLOAT64) {
      return tensor.copy();
    }
    double[] values = tensor.toDoubleArray();
    double lowest = 0;
    double highest = 0;
    for (double v : values) {
      if (Double.isFinite(v)) {
        lowest = Math.min(lowest, v);
        highest = Math.max(highest, v);
      }
    }
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        values[i] = disturbed(values[i], lowest, highest, direction.next());
      }
    }
    if (tensor.type() == DataType.FLOAT64) {
      return Tensor.of(values, tensor.shape());
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(floats, tensor.shape());
  }

  /** Where the next number moves: -1, 1, or 0 to be rounded. */
  private interface Direction {
    int next();
  }
}
