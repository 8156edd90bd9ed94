package io.inferc.rewrite.quantize;

import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * By how much storing weights as integers changes the products with an activation, if its channels
 * are divided and the weights multiplied by some numbers first.
 *
 * <p>It is the sum over the weights of the square of a weight's change times the mean square of the
 * input that it meets: the mean square of the products' change, if channels are independent. Of
 * large matrices, a number of rows at equal distances stand for all.
 */
final class RoundedProducts {
  /** Alphas differ by far more than what leaving out rows makes of their changes. */
  private static final int ROWS = 128;

  private final BlockQuantizer quantizer;
  private final float[] meanSquares;
  private final List<float[]> samples = new ArrayList<>();

  /**
   * Takes a sample of the weights.
   *
   * @param way how weights become integers
   * @param method how the range of a block is found
   * @param meanSquares of each channel of the activation, which is along the rows
   * @param weights the matrices
   */
  RoundedProducts(
      WeightOnlyQuantization.Way way,
      Method method,
      float[] meanSquares,
      List<RoundingNoise.Matrix> weights) {
    this.meanSquares = meanSquares;
    WeightOnlyForm.Variant variant = way.variant();
    quantizer =
        new BlockQuantizer(
            way.options().bits(),
            variant.block(),
            way.options().hasZeroPoints(true),
            method,
            DataType.FLOAT32);
    weights.forEach(w -> samples.add(sample(w, meanSquares.length)));
  }

  /** Rows of a matrix, one after the other, whichever way it is stored. */
  private static float[] sample(RoundingNoise.Matrix matrix, int row) {
    float[] values = matrix.values();
    int rows = values.length / row;
    int taken = Math.min(ROWS, rows);
    float[] sample = new float[taken * row];
    for (int r = 0; r < taken; r++) {
      int from = (int) ((long) r * rows / taken);
      for (int i = 0; i < row; i++) {
        sample[r * row + i] =
            matrix.transposed() ? values[from * row + i] : values[i * rows + from];
      }
    }
    return sample;
  }

  /** Returns the change with a divisor for each channel. */
  double change(float[] divisor) {
    int row = divisor.length;
    float[] importance = new float[row];
    for (int i = 0; i < row; i++) {
      importance[i] = meanSquares[i] / (divisor[i] * divisor[i]);
    }
    double change = 0;
    for (float[] sample : samples) {
      float[] scaled = sample.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= divisor[i % row];
      }
      float[] rounded = quantizer.quantize(scaled, row, importance).floats();
      for (int i = 0; i < scaled.length; i++) {
        double lost = rounded[i] - scaled[i];
        change += lost * lost * importance[i % row];
      }
    }
    return change;
  }
}
