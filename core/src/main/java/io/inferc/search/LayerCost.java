package io.inferc.search;

import io.inferc.spi.NumericPrecision;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one reduced precision of one layer costs and gains.
 *
 * @param node the node's name
 * @param opType its operator
 * @param precision the reduced precision
 * @param sqnrDb signal to quantization noise of the model's outputs in dB when this layer alone is
 *     changed; of several outputs, the lowest
 * @param cosine the mean cosine of those outputs to the original's; of several, the lowest
 * @param gainMillis what the layer saves in a run of the workload, in milliseconds: its share of
 *     what was measured with all layers of its kind changed; empty if it was not measured
 * @param chosen true if the layer has this precision in the end
 */
public record LayerCost(
    String node,
    String opType,
    NumericPrecision precision,
    double sqnrDb,
    double cosine,
    OptionalDouble gainMillis,
    boolean chosen) {
  /**
   * Returns the signal to quantization noise for a person.
   *
   * @return a number with one decimal, or {@code inf} where the outputs did not change
   */
  public String sqnrText() {
    return Double.isInfinite(sqnrDb) ? "inf" : String.format(Locale.ROOT, "%.1f", sqnrDb);
  }
}
