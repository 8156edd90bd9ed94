package io.inferc.backend.tensorrt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Answers of the FP32 model, kept in a file for the models of other precisions. */
final class References {
  private References() {}

  /**
   * How close answers are, by vectors of the last axis.
   *
   * @param meanCosine the mean of the vectors' cosines, NaN if there was nothing to compare with
   * @param leastCosine the least of them
   * @param largestDifference the largest difference of two elements
   */
  record Comparison(double meanCosine, double leastCosine, double largestDifference) {}

  static Comparison compare(Path file, boolean isReference, float[] answers, int width)
      throws IOException {
    if (isReference) {
      ByteBuffer bytes = ByteBuffer.allocate(answers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(answers);
      Files.write(file, bytes.array());
    }
    if (!Files.exists(file)) {
      return new Comparison(Double.NaN, Double.NaN, Double.NaN);
    }
    float[] reference = new float[answers.length];
    ByteBuffer.wrap(Files.readAllBytes(file))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(reference);
    double sum = 0;
    double least = 1;
    double largest = 0;
    for (int from = 0; from < answers.length; from += width) {
      double dot = 0;
      double a = 0;
      double b = 0;
      for (int i = from; i < from + width; i++) {
        dot += (double) answers[i] * reference[i];
        a += (double) answers[i] * answers[i];
        b += (double) reference[i] * reference[i];
        largest = Math.max(largest, Math.abs(answers[i] - reference[i]));
      }
      double cosine = dot / Math.sqrt(a * b);
      sum += cosine;
      least = Math.min(least, cosine);
    }
    return new Comparison(sum / (answers.length / (double) width), least, largest);
  }
}
