package io.inferc.calibrate;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.nio.IntBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of the values of one tensor while samples pass: extremes, and as the observer needs
 * it a histogram or running averages, and sums of the channels.
 *
 * <p>For one thread at a time.
 */
final class TensorObservation {
  /** How many values are looked at together; they stay in the fastest cache meanwhile. */
  static final int CHUNK = 4096;

  private static final int HIGHEST =
      SortableFloats.key(Float.floatToRawIntBits(Math.nextDown(TensorRange.MASK)));
  private static final int LOWEST =
      SortableFloats.key(Float.floatToRawIntBits(-Math.nextDown(TensorRange.MASK)));

  private final RangeObserver observer;
  private final boolean eachSampleCounts;
  private final @Nullable Histogram histogram;
  private final @Nullable ChannelObservation channels;
  private int minKey = Integer.MAX_VALUE;
  private int maxKey = Integer.MIN_VALUE;
  private boolean masked;
  private double averageMin;
  private double averageMax;
  private long samples;

  TensorObservation(RangeObserver observer, @Nullable ChannelObservation channels) {
    this.observer = observer;
    this.channels = channels;
    eachSampleCounts = observer.kind() == RangeObserver.Kind.MOVING_AVERAGE;
    histogram = observer.needsDistribution() ? new Histogram() : null;
  }

  /** Tells whether values of a type can be observed. */
  static boolean canRead(DataType type) {
    return switch (type) {
      case FLOAT32, FLOAT16, BFLOAT16, FLOAT64 -> true;
      default -> false;
    };
  }

  /**
   * Takes in a tensor's values.
   *
   * @param tensor a tensor of floats
   * @param scratch room for {@link #CHUNK} values
   * @return what is wrong with the first value that is no number, or null if all are
   */
  @Nullable String observe(Tensor tensor, int[] scratch) {
    if (tensor.elementCount() == 0) {
      return null;
    }
    // Where only the extremes of all samples count, most values need not be compared one by one.
    int low = eachSampleCounts ? Integer.MAX_VALUE : minKey;
    int high = eachSampleCounts ? Integer.MIN_VALUE : maxKey;
    int total = Math.toIntExact(tensor.elementCount());
    IntBuffer bits = tensor.type() == DataType.FLOAT32 ? tensor.bytes().asIntBuffer() : null;
    float[] widened = new float[bits == null ? Math.min(CHUNK, total) : 0];
    for (int start = 0; start < total; start += CHUNK) {
      int n = Math.min(CHUNK, total - start);
      if (bits != null) {
        bits.get(start, scratch, 0, n);
      } else {
        widen(tensor, start, widened, scratch, n);
      }
      if (low > high || SortableFloats.anyOutside(scratch, n, low, high)) {
        if (SortableFloats.anyOutside(scratch, n, LOWEST, HIGHEST)) {
          String wrong = firstNoNumber(scratch, n, start);
          if (wrong != null) {
            return wrong;
          }
          n = withoutMasks(scratch, n);
        }
        for (int i = 0; i < n; i++) {
          int key = SortableFloats.key(scratch[i]);
          low = Math.min(low, key);
          high = Math.max(high, key);
        }
      }
      if (histogram != null && n > 0) {
        histogram.add(scratch, n, low, high);
      }
    }
    if (channels != null) {
      channels.observe(tensor, masked);
    }
    if (low <= high) {
      addSample(low, high);
    }
    return null;
  }

  /** Moves the values that do not mask to the front, and returns how many there are. */
  private int withoutMasks(int[] bits, int n) {
    int kept = 0;
    for (int i = 0; i < n; i++) {
      if (!isMask(Float.intBitsToFloat(bits[i]))) {
        bits[kept++] = bits[i];
      }
    }
    masked |= kept < n;
    return kept;
  }

  /** Tells whether a number is one that models write over values that shall not count. */
  static boolean isMask(float value) {
    return Math.abs(value) >= TensorRange.MASK;
  }

  private static void widen(Tensor tensor, int start, float[] widened, int[] bits, int n) {
    tensor.readFloats(start, widened, n);
    for (int i = 0; i < n; i++) {
      bits[i] = Float.floatToRawIntBits(widened[i]);
    }
  }

  private static @Nullable String firstNoNumber(int[] bits, int n, int start) {
    for (int i = 0; i < n; i++) {
      if (Float.isNaN(Float.intBitsToFloat(bits[i]))) {
        return "NaN at element " + (start + i);
      }
    }
    return null;
  }

  private void addSample(int low, int high) {
    minKey = Math.min(minKey, low);
    maxKey = Math.max(maxKey, high);
    if (eachSampleCounts) {
      double kept = samples == 0 ? 0 : observer.parameter();
      averageMin = kept * averageMin + (1 - kept) * SortableFloats.value(low);
      averageMax = kept * averageMax + (1 - kept) * SortableFloats.value(high);
    }
    samples++;
  }

  /** Tells whether no value was seen but those that mask. */
  boolean isEmpty() {
    return samples == 0;
  }

  /** Returns the statistics of the channels, if they were asked for. */
  @Nullable ChannelStatistics channels() {
    return channels == null ? null : channels.statistics();
  }

  /** Chooses the range; something must have been seen. */
  TensorRange range() {
    float min = SortableFloats.value(minKey);
    float max = SortableFloats.value(maxKey);
    if (min == max) {
      return TensorRange.ofConstant(min).withMasks(masked);
    }
    ClipRange chosen =
        switch (observer.kind()) {
          case MIN_MAX -> new ClipRange(min, max);
          case MOVING_AVERAGE -> new ClipRange((float) averageMin, (float) averageMax);
          case PERCENTILE, ENTROPY, MSE -> clip();
        };
    return new TensorRange(chosen.min(), chosen.max(), min, max, false, masked);
  }

  private ClipRange clip() {
    if (histogram == null) {
      throw new IllegalStateException("the observer " + observer + " keeps no histogram");
    }
    ClipRange chosen = observer.choose(histogram.distribution());
    if (chosen.min() < chosen.max()) {
      return chosen;
    }
    // Nearly all values are one and the same; a range without width would give no scale.
    ClipRange whole = RangeObserver.minMax().choose(histogram.distribution());
    return new ClipRange(whole.min(), whole.max());
  }
}
