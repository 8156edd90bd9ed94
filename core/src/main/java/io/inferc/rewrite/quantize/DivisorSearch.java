package io.inferc.rewrite.quantize;

import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds by how much to divide the channels of an activation, and multiply weights instead. */
interface DivisorSearch {
  /**
   * Finds a number for each channel.
   *
   * @param statistics what was seen of each channel
   * @param range what was seen of all
   * @param largest the largest magnitude of the weights that meet each channel
   * @param weights the matrices that will be quantized
   * @param free true if the division costs nothing at run time, false if it takes a multiplication
   * @return numbers above zero, or null if none are worth it
   */
  float @Nullable [] find(
      ChannelStatistics statistics,
      TensorRange range,
      float[] largest,
      List<RoundingNoise.Matrix> weights,
      boolean free);
}
