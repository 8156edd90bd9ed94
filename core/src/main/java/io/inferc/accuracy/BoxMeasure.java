package io.inferc.accuracy;

import io.inferc.tensor.Tensor;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Matches the boxes of two models, best scored first, each with the box of its class and image that
 * overlaps it most, as detectors are evaluated (Everingham et al., "The PASCAL Visual Object
 * Classes Challenge", 2010, section 4.2).
 */
final class BoxMeasure {
  private final BoxLayout layout;
  private final double minScore;
  private final double deadBand;
  private final double minOverlap;
  private final WorstSamples worst = new WorstSamples();
  private final Counts all = new Counts();
  private long samples;

  /** How many boxes met one of the other model's, and how many did not. */
  private static final class Counts {
    private long matched;
    private long alone;

    double f1() {
      // Each match is a box of both models.
      return matched + alone == 0 ? 1 : 2.0 * matched / (2.0 * matched + alone);
    }
  }

  BoxMeasure(BoxLayout layout, double minScore, double deadBand, double minOverlap) {
    this.layout = layout;
    this.minScore = minScore;
    this.deadBand = deadBand;
    this.minOverlap = minOverlap;
  }

  /** What reports call the outputs together. */
  String name() {
    return "boxes of " + String.join(", ", layout.outputs());
  }

  void add(long sample, Map<String, Tensor> original, Map<String, Tensor> compiled) {
    // Down to the band below the threshold, so that what has just fallen below it is found.
    List<DetectedBox> expected = layout.read(original, minScore - deadBand);
    List<DetectedBox> actual = layout.read(compiled, minScore - deadBand);
    boolean[] taken = new boolean[expected.size()];
    Counts counts = new Counts();
    for (DetectedBox box : actual) {
      int best = -1;
      for (int i = 0; i < taken.length; i++) {
        boolean possible = !taken[i] && box.isLike(expected.get(i));
        if (possible
            && box.overlap(expected.get(i)) >= minOverlap
            && (best < 0 || box.overlap(expected.get(i)) > box.overlap(expected.get(best)))) {
          best = i;
        }
      }
      if (best >= 0) {
        taken[best] = true;
        boolean above = box.score() >= minScore || expected.get(best).score() >= minScore;
        counts.matched += above ? 1 : 0;
      } else {
        counts.alone += counts(box) ? 1 : 0;
      }
    }
    for (int i = 0; i < taken.length; i++) {
      counts.alone += !taken[i] && counts(expected.get(i)) ? 1 : 0;
    }
    samples++;
    all.matched += counts.matched;
    all.alone += counts.alone;
    worst.note(Metric.BOX_F1, sample, counts.f1());
  }

  /** A box that stands alone counts if the other model cannot have missed it by a hair. */
  private boolean counts(DetectedBox box) {
    return box.score() >= minScore + deadBand;
  }

  OutputAccuracy result(Map<Metric, Double> limits) {
    Map<Metric, Double> metrics = new EnumMap<>(Metric.class);
    metrics.put(Metric.BOX_F1, all.f1());
    return new OutputAccuracy(
        name(),
        samples,
        2 * all.matched + all.alone,
        metrics,
        worst.of(metrics),
        limits,
        new OutputAccuracy.NotFinite(0, 0),
        new OutputAccuracy.NotFinite(0, 0),
        0,
        0);
  }
}
