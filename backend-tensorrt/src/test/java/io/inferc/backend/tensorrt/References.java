package io.inferc.backend.tensorrt;

/** How close the answers of one model are to those of another. */
final class References {
  private References() {}

  /**
   * How close answers are, by vectors of the last axis.
   *
   * @param meanCosine the mean of the vectors' cosines
   * @param leastCosine the least of them
   * @param largestDifference the largest difference of two elements
   */
  record Comparison(double meanCosine, double leastCosine, double largestDifference) {}

  /**
   * Compares answers.
   *
   * @param reference what the model in single precision answers elsewhere
   * @param answers as many elements
   * @param width how many elements one vector has
   */
  static Comparison compare(float[] reference, float[] answers, int width) {
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
