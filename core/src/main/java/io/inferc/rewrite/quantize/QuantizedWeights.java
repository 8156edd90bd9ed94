package io.inferc.rewrite.quantize;

import io.inferc.onnx.Initializer;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;

/** Constant weights as symmetric INT8, with a scale for each channel or one for all. */
final class QuantizedWeights {
  private final byte[] values;
  private final long[] dims;
  private final int axis;
  private final float[] scales;

  private QuantizedWeights(byte[] values, long[] dims, int axis, float[] scales) {
    this.values = values;
    this.dims = dims;
    this.axis = axis;
    this.scales = scales;
  }

  /**
   * Finds the scales of weights.
   *
   * @param weights FLOAT32
   * @param axis the axis of the channels, or -1 for one scale
   * @param reduced true for -64 to 63 in place of -127 to 127
   * @throws CannotQuantizeException if a value is not finite
   */
  static float[] scales(Initializer weights, int axis, boolean reduced) {
    float[] w = weights.floats();
    long[] dims = weights.dims();
    int channels = axis < 0 ? 1 : Math.toIntExact(dims[axis]);
    int inner = inner(dims, axis);
    float[] largest = new float[channels];
    for (int start = 0, c = 0; start < w.length; start += inner, c = (c + 1) % channels) {
      for (int i = start; i < start + inner; i++) {
        largest[c] = Math.max(largest[c], Math.abs(w[i]));
      }
    }
    float[] scales = new float[channels];
    for (int c = 0; c < channels; c++) {
      if (!Float.isFinite(largest[c])) {
        throw new CannotQuantizeException("its weights have values that are not finite.");
      }
      scales[c] = QuantizationParameters.scale(largest[c], reduced ? 63 : 127);
    }
    return scales;
  }

  /** Quantizes weights with given scales. */
  static QuantizedWeights of(Initializer weights, int axis, boolean reduced, float[] scales) {
    float[] w = weights.floats();
    long[] dims = weights.dims();
    int inner = inner(dims, axis);
    int low = reduced ? -64 : -127;
    int high = reduced ? 63 : 127;
    byte[] quantized = new byte[w.length];
    for (int start = 0, c = 0; start < w.length; start += inner, c = (c + 1) % scales.length) {
      for (int i = start; i < start + inner; i++) {
        double rounded = Math.rint(w[i] / scales[c]);
        quantized[i] = (byte) Math.max(low, Math.min(high, rounded));
      }
    }
    return new QuantizedWeights(quantized, dims, axis, scales.clone());
  }

  static QuantizedWeights of(Initializer weights, int axis, boolean reduced) {
    return of(weights, axis, reduced, scales(weights, axis, reduced));
  }

  /** How many neighbouring values belong to one channel. */
  private static int inner(long[] dims, int axis) {
    long inner = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      inner *= dims[i];
    }
    return Math.toIntExact(inner);
  }

  float[] scales() {
    return scales.clone();
  }

  /** The values that the integers stand for. */
  float[] dequantized() {
    float[] w = new float[values.length];
    int inner = inner(dims, axis);
    for (int start = 0, c = 0; start < w.length; start += inner, c = (c + 1) % scales.length) {
      for (int i = start; i < start + inner; i++) {
        w[i] = values[i] * scales[c];
      }
    }
    return w;
  }

  Initializer constant(String name) {
    return Initializer.of(name, DataType.INT8, ByteBuffer.wrap(values), dims);
  }

  /** The integers with 128 added, as UINT8. */
  Initializer shifted(String name) {
    byte[] shifted = new byte[values.length];
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] = (byte) (values[i] + 128);
    }
    return Initializer.of(name, DataType.UINT8, ByteBuffer.wrap(shifted), dims);
  }

  /** The scales: a vector for channels, a scalar for one. */
  Initializer scaleConstant(String name) {
    return axis < 0
        ? Initializer.floats(name, scales)
        : Initializer.floats(name, scales, scales.length);
  }

  /** A zero for each scale. */
  Initializer zeroConstant(String name) {
    ByteBuffer zeros = ByteBuffer.allocate(scales.length);
    return axis < 0
        ? Initializer.of(name, DataType.INT8, zeros)
        : Initializer.of(name, DataType.INT8, zeros, scales.length);
  }
}
