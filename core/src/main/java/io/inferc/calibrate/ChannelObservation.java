package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;

/** Sums, sums of squares and magnitudes of the channels of one tensor over all samples. */
final class ChannelObservation {
  private static final int BLOCK = 1 << 14;

  private final String name;
  private final int axis;
  private double[] sums = new double[0];
  private double[] squares = new double[0];
  private float[] absMaxima = new float[0];
  private long[] counts = new long[0];
  private float[] block = new float[0];

  /**
   * Starts with nothing seen.
   *
   * @param name the tensor, for messages
   * @param axis the axis of the channels, counted from the end
   */
  ChannelObservation(String name, int axis) {
    this.name = name;
    this.axis = axis;
  }

  /**
   * Takes in a tensor's values.
   *
   * @param tensor a tensor of floats
   * @param masked whether it may have values that mask, which count for nothing
   */
  void observe(Tensor tensor, boolean masked) {
    int at = tensor.rank() + axis;
    if (at < 0) {
      throw refused(tensor, "it has no such axis");
    }
    int n = Math.toIntExact(tensor.size(at));
    if (sums.length == 0) {
      counts = new long[n];
      sums = new double[n];
      squares = new double[n];
      absMaxima = new float[n];
    } else if (n != sums.length) {
      throw refused(tensor, "former samples had " + sums.length + " channels");
    }
    long inner = 1;
    for (int i = at + 1; i < tensor.rank(); i++) {
      inner *= tensor.size(i);
    }
    int total = Math.toIntExact(tensor.elementCount());
    if (block.length == 0) {
      block = new float[BLOCK];
    }
    for (int start = 0; start < total; start += BLOCK) {
      int count = Math.min(BLOCK, total - start);
      tensor.readFloats(start, block, count);
      add(start, count, n, (int) inner, masked);
    }
  }

  private void add(int start, int count, int n, int inner, boolean masked) {
    int i = 0;
    while (i < count) {
      int channel = (start + i) / inner % n;
      int run =
          inner == 1
              ? Math.min(n - channel, count - i)
              : Math.min(inner - (start + i) % inner, count - i);
      if (inner == 1) {
        addEach(channel, i, run, masked);
      } else {
        addRun(channel, i, run, masked);
      }
      i += run;
    }
  }

  /** Takes in values of as many channels. */
  private void addEach(int channel, int from, int run, boolean masked) {
    for (int i = 0; i < run; i++) {
      float value = block[from + i];
      if (masked && TensorObservation.isMask(value)) {
        continue;
      }
      int c = channel + i;
      counts[c]++;
      sums[c] += value;
      squares[c] += (double) value * value;
      absMaxima[c] = Math.max(absMaxima[c], Math.abs(value));
    }
  }

  /** Takes in values of one channel. */
  private void addRun(int channel, int from, int run, boolean masked) {
    double sum = 0;
    double square = 0;
    float largest = 0;
    int left = 0;
    for (int i = from; i < from + run; i++) {
      float value = block[i];
      if (masked && TensorObservation.isMask(value)) {
        left++;
        continue;
      }
      sum += value;
      square += (double) value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    counts[channel] += run - left;
    sums[channel] += sum;
    squares[channel] += square;
    absMaxima[channel] = Math.max(absMaxima[channel], largest);
  }

  private InfercException refused(Tensor tensor, String found) {
    return new InfercException(
        Stage.CALIBRATE,
        "Tried to take the channels of axis "
            + axis
            + " of the tensor '"
            + name
            + "', which is "
            + tensor
            + " in this sample, but "
            + found
            + ".",
        "Ask for an axis that has the same size in every sample; -1 is the last.");
  }

  ChannelStatistics statistics() {
    float[] means = new float[sums.length];
    float[] meanSquares = new float[sums.length];
    for (int i = 0; i < means.length; i++) {
      long count = Math.max(1, counts[i]);
      means[i] = (float) (sums[i] / count);
      // Squares of the largest floats are beyond a float.
      meanSquares[i] = (float) Math.min(squares[i] / count, Float.MAX_VALUE);
    }
    return new ChannelStatistics(axis, means, meanSquares, absMaxima);
  }
}
