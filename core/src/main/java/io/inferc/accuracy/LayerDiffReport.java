package io.inferc.accuracy;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The result of a {@link LayerDiff}.
 *
 * @param layers the compared tensors in the order of the original graph
 * @param samples how many samples were compared
 * @param minSqnrDb the limit of the SQNR in dB
 * @param minCosine the limit of the mean cosine
 * @param skipped names of tensors that only one of the models has, or that are no floating-point
 *     tensors; constants are not listed
 */
public record LayerDiffReport(
    List<LayerDrift> layers,
    long samples,
    double minSqnrDb,
    double minCosine,
    List<String> skipped) {
  private static final int SHOWN = 10;

  public LayerDiffReport {
    layers = List.copyOf(layers);
    skipped = List.copyOf(skipped);
  }

  /**
   * Returns the first layer, in the order of the graph, that is beyond a limit.
   *
   * @return the layer, or empty if all are within the limits
   */
  public Optional<LayerDrift> firstDrift() {
    return layers.stream().filter(l -> l.exceeds(minSqnrDb, minCosine)).findFirst();
  }

  /**
   * Returns the layers that add most of the error themselves, whether or not a limit is broken: by
   * the noise that they add, relative to the signal. By dB lost the first layer that rounds at all
   * would lead, since what it reads has no noise.
   *
   * @param count how many at most
   * @return the layers with a {@link LayerDrift#lossDb()}, those that add most noise first
   */
  public List<LayerDrift> greatestLosses(int count) {
    return layers.stream()
        .filter(l -> l.lossDb() > 0)
        .sorted(Comparator.comparingDouble(LayerDrift::addedNoise).reversed())
        .limit(count)
        .toList();
  }

  /** Returns the first layer that drifts and those that add most of the error, for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d tensors compared over %d samples, %d not comparable%n",
            layers.size(),
            samples,
            skipped.size()));
    text.append(
        firstDrift().map(l -> "first below the limits: " + l).orElse("all within the limits"));
    text.append(
        String.format(Locale.ROOT, " (SQNR %.1f dB, mean cosine %.4f)%n", minSqnrDb, minCosine));
    List<LayerDrift> losses = greatestLosses(SHOWN);
    if (!losses.isEmpty()) {
      text.append(String.format("greatest losses:%n"));
      losses.forEach(l -> text.append(String.format("  %s%n", l)));
    }
    return text.toString();
  }
}
