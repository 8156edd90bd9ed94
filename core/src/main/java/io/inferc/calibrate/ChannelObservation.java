package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.FloatBuffer;

/** Sums, sums of squares and magnitudes of the channels of one tensor over all samples. */
final class ChannelObservation {
  private final String name;
  private final int axis;
  private double[] sums = new double[0];
  private double[] squares = new double[0];
  private float[] absMaxima = new float[0];
  private long[] counts = new long[0];
  private float[] row = new float[0];

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
    int inner = 1;
    for (int i = at + 1; i < tensor.rank(); i++) {
      inner = Math.multiplyExact(inner, Math.toIntExact(tensor.size(i)));
    }
    FloatBuffer values =
        tensor.type() == DataType.FLOAT32
            ? tensor.floats()
            : FloatBuffer.wrap(tensor.toFloatArray());
    add(values, n, inner, masked);
  }

  private void add(FloatBuffer values, int n, int inner, boolean masked) {
    if (row.length != n * inner) {
      row = new float[n * inner];
    }
    while (values.hasRemaining()) {
      values.get(row);
      for (int c = 0; c < n; c++) {
        counts[c] += inner;
      }
      if (masked) {
        leaveMasksOut(inner);
      }
      if (inner == 1) {
        for (int c = 0; c < n; c++) {
          sums[c] += row[c];
          squares[c] += (double) row[c] * row[c];
          absMaxima[c] = Math.max(absMaxima[c], Math.abs(row[c]));
        }
      } else {
        for (int c = 0; c < n; c++) {
          addRun(c, inner);
        }
      }
    }
  }

  /** A zero that is not counted adds nothing. */
  private void leaveMasksOut(int inner) {
    for (int i = 0; i < row.length; i++) {
      if (TensorObservation.isMask(row[i])) {
        row[i] = 0;
        counts[i / inner]--;
      }
    }
  }

  private void addRun(int channel, int inner) {
    double sum = 0;
    double square = 0;
    float largest = 0;
    for (int i = channel * inner; i < (channel + 1) * inner; i++) {
      sum += row[i];
      square += (double) row[i] * row[i];
      largest = Math.max(largest, Math.abs(row[i]));
    }
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
