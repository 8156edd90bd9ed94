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
  private long perChannel;
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

  void observe(Tensor tensor) {
    int at = tensor.rank() + axis;
    if (at < 0) {
      throw refused(tensor, "it has no such axis");
    }
    int n = Math.toIntExact(tensor.size(at));
    if (perChannel == 0) {
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
    add(values, n, inner);
    perChannel += tensor.elementCount() / n;
  }

  private void add(FloatBuffer values, int n, int inner) {
    if (row.length != n * inner) {
      row = new float[n * inner];
    }
    while (values.hasRemaining()) {
      values.get(row);
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
      means[i] = (float) (sums[i] / perChannel);
      // Squares of the largest floats are beyond a float.
      meanSquares[i] = (float) Math.min(squares[i] / perChannel, Float.MAX_VALUE);
    }
    return new ChannelStatistics(axis, means, meanSquares, absMaxima);
  }
}
