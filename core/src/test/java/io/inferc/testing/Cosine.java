package io.inferc.testing;

/** How far two vectors point the same way. */
public final class Cosine {
  private Cosine() {}

  /** Returns the cosine of two vectors of one length; NaN if one is zero or has a NaN. */
  public static double of(double[] a, double[] b) {
    double product = 0;
    double squareA = 0;
    double squareB = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      squareA += a[i] * a[i];
      squareB += b[i] * b[i];
    }
    return product / Math.sqrt(squareA * squareB);
  }
}
