package io.inferc.accuracy;

/**
 * An object that a model found.
 *
 * @param image its place in the batch
 * @param x1 the lesser coordinate along one axis
 * @param y1 the lesser coordinate along the other
 * @param x2 the greater coordinate
 * @param y2 the greater coordinate
 */
record DetectedBox(
    long image, long label, double score, double x1, double y1, double x2, double y2) {
  static DetectedBox of(
      long image,
      long label,
      double score,
      BoxFormat format,
      double a,
      double b,
      double c,
      double d) {
    return switch (format) {
      case CORNERS ->
          new DetectedBox(
              image, label, score, Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d));
      case CENTER_AND_SIZE ->
          new DetectedBox(image, label, score, a - c / 2, b - d / 2, a + c / 2, b + d / 2);
      case CORNER_AND_SIZE -> new DetectedBox(image, label, score, a, b, a + c, b + d);
    };
  }

  /** Tells whether two boxes may be of one object. */
  boolean isLike(DetectedBox other) {
    return image == other.image && label == other.label;
  }

  /** The intersection over the union; 1 for two boxes without an area at the same place. */
  double overlap(DetectedBox other) {
    double width = Math.min(x2, other.x2) - Math.max(x1, other.x1);
    double height = Math.min(y2, other.y2) - Math.max(y1, other.y1);
    double shared = Math.max(0, width) * Math.max(0, height);
    double all = area() + other.area() - shared;
    if (all > 0) {
      return shared / all;
    }
    return x1 == other.x1 && y1 == other.y1 && x2 == other.x2 && y2 == other.y2 ? 1 : 0;
  }

  private double area() {
    return (x2 - x1) * (y2 - y1);
  }
}
