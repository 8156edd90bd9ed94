package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeObserverTest {
  private static final int MANY = 200_000;

  @Test
  void minMaxIsExactOverAllSamples() {
    Random random = new Random(1);
    TensorObservation observation = new TensorObservation(RangeObserver.minMax(), null);
    float min = Float.MAX_VALUE;
    float max = -Float.MAX_VALUE;
    for (int sample = 0; sample < 40; sample++) {
      float[] values = gaussian(random, 1 + random.nextInt(10_000), 1 + sample % 7);
      for (float v : values) {
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
      observe(observation, values);
    }
    assertEquals(new TensorRange(min, max, min, max, false), observation.range());
  }

  @Test
  void anExtremeThatIsTheNextFloatAfterTheFormerOneIsSeen() {
    for (float edge : new float[] {1f, -1f, 0.1f, 1e-30f, 12345.678f}) {
      TensorObservation observation = new TensorObservation(RangeObserver.minMax(), null);
      float[] values = new float[100];
      Arrays.fill(values, edge);
      observe(observation, values);
      values[57] = Math.nextUp(edge);
      values[58] = Math.nextDown(edge);
      observe(observation, values);
      assertEquals(Math.nextDown(edge), observation.range().min());
      assertEquals(Math.nextUp(edge), observation.range().max());
    }
  }

  @Test
  void theMovingAverageFollowsItsDefinition() {
    TensorObservation observation = new TensorObservation(RangeObserver.movingAverage(0.5f), null);
    observe(observation, -1, 4);
    observe(observation, -3, 0);
    observe(observation, -2, 8);
    TensorRange range = observation.range();
    assertEquals(-2, range.min());
    assertEquals(5, range.max());
    assertEquals(-3, range.observedMin());
    assertEquals(8, range.observedMax());
  }

  @ParameterizedTest
  @ValueSource(doubles = {99, 99.9, 99.99, 99.999, 100})
  void percentilesAreThoseOfTheSortedValuesToABin(double percent) {
    Random random = new Random(2);
    float[] values = gaussian(random, MANY, 3);
    TensorRange range = range(RangeObserver.percentile(percent), values);
    Arrays.sort(values);
    double cut = (100 - percent) / 200 * MANY;
    float low = values[(int) Math.floor(cut)];
    float high = values[MANY - 1 - (int) Math.floor(cut)];
    double bin = (values[MANY - 1] - values[0]) / (Histogram.BINS / 2.0);
    // A rank between two values may lie anywhere in the gap.
    double lowGap = low - values[Math.max(0, (int) Math.floor(cut) - 1)];
    double highGap = values[Math.min(MANY - 1, MANY - (int) Math.floor(cut))] - high;
    assertEquals(low, range.min(), bin + lowGap);
    assertEquals(high, range.max(), bin + highGap);
  }

  @Test
  void entropyClipsTheOutliersOfAGaussian() {
    float[] values = gaussianWithOutliers(40, 40, -40, -40);
    TensorRange range = range(RangeObserver.entropy(), values);
    assertEquals(40, range.observedMax());
    assertTrue(range.max() > 2 && range.max() < 20, range.toString());
    assertTrue(range.min() < -2 && range.min() > -20, range.toString());
  }

  @Test
  void entropyClipsATailOnOneSideThere() {
    float[] values = gaussianWithOutliers(-60, -59);
    TensorRange range = range(RangeObserver.entropy(), values);
    assertEquals(range.observedMax(), range.max(), 2.5, range.toString());
    assertTrue(range.min() > -30 && range.min() < -2, range.toString());
  }

  @Test
  void mseClipsWhereRoundingAndClippingGrowAlike() {
    // With k of n values at the distance o, the error k / n (o - t)^2 + (2 t / 255)^2 / 12 is
    // smallest where its derivative is zero: at t = a o / (a + b) of these a and b.
    float[] values = gaussianWithOutliers(40, 40, -40, -40);
    double a = 4.0 / MANY;
    double b = 4.0 / (255 * 255) / 12;
    double best = a * 40 / (a + b);
    TensorRange range = range(RangeObserver.mse(), values);
    assertEquals(best, range.max(), 1, range.toString());
    assertEquals(-best, range.min(), 1, range.toString());
  }

  private static float[] gaussianWithOutliers(float... outliers) {
    float[] values = gaussian(new Random(3), MANY, 1);
    for (int i = 0; i < outliers.length; i++) {
      values[1000 * i] = outliers[i];
    }
    return values;
  }

  @Test
  void entropyAndMseLeaveAUniformTensorNearlyWhole() {
    Random random = new Random(4);
    float[] values = new float[MANY];
    for (int i = 0; i < MANY; i++) {
      values[i] = random.nextFloat() * 6 - 2;
    }
    for (RangeObserver observer :
        new RangeObserver[] {RangeObserver.entropy(), RangeObserver.mse()}) {
      TensorRange range = range(observer, values);
      assertEquals(-2, range.min(), 0.06, observer + " gives " + range);
      assertEquals(4, range.max(), 0.06, observer + " gives " + range);
    }
  }

  @Test
  void aRectifiedTensorKeepsZeroAsItsLowEnd() {
    float[] values = gaussian(new Random(6), MANY, 1);
    for (int i = 0; i < MANY; i++) {
      values[i] = Math.max(0, values[i]);
    }
    for (RangeObserver observer :
        new RangeObserver[] {
          RangeObserver.percentile(), RangeObserver.entropy(), RangeObserver.mse()
        }) {
      TensorRange range = range(observer, values);
      assertEquals(0, range.min(), observer.method());
      assertTrue(range.max() > 1.5, observer + " gives " + range);
    }
  }

  @Test
  void entropyComparesHundredsOfCandidates() {
    Histogram histogram = new Histogram();
    float[] values = gaussian(new Random(7), 4096, 1);
    int[] bits = bits(values);
    Arrays.sort(values);
    histogram.add(bits, bits.length, key(values[0]), key(values[4095]));
    Distribution distribution = histogram.distribution();
    assertTrue(distribution.counts().length >= 2048);
    ClipSearch.Cost cost = EntropyRange.cost(distribution);
    int[] asked = {0};
    ClipRange best =
        ClipSearch.best(
            distribution,
            256,
            (from, to) -> {
              asked[0]++;
              return cost.of(from, to);
            });
    assertTrue(asked[0] > 300, asked[0] + " candidates");
    assertEquals(best, EntropyRange.of(distribution));
  }

  @Test
  void aTensorThatNeverChangedGetsARangeWithAWidth() {
    for (RangeObserver observer :
        new RangeObserver[] {RangeObserver.minMax(), RangeObserver.entropy()}) {
      assertEquals(new TensorRange(0, 1, 0, 0, true), range(observer, 0, -0f, 0));
      assertEquals(new TensorRange(0, 3, 3, 3, true), range(observer, 3, 3));
      assertEquals(new TensorRange(-3, 0, -3, -3, true), range(observer, -3));
      assertEquals(
          new TensorRange(0, 1, Float.MIN_VALUE, Float.MIN_VALUE, true),
          range(observer, Float.MIN_VALUE));
    }
  }

  @Test
  void aTensorThatHardlyEverChangesKeepsAWidthToo() {
    float[] values = new float[1_000_000];
    values[5] = 1e-3f;
    for (RangeObserver observer :
        new RangeObserver[] {
          RangeObserver.percentile(99), RangeObserver.entropy(), RangeObserver.mse()
        }) {
      TensorRange range = range(observer, values);
      assertFalse(range.constant());
      assertTrue(range.min() < range.max(), observer + " gives " + range);
    }
  }

  @Test
  void whatIsNoNumberIsNamedWithItsPlace() {
    float[] values = new float[10_000];
    values[9000] = Float.NaN;
    assertEquals("NaN at element 9000", refusal(values));
    values[4500] = Float.NEGATIVE_INFINITY;
    assertEquals("NaN at element 9000", refusal(values));
    values[4499] = Float.intBitsToFloat(0xffc00001);
    assertEquals("NaN at element 4499", refusal(values));
  }

  private static String refusal(float[] values) {
    TensorObservation observation = new TensorObservation(RangeObserver.entropy(), null);
    observe(observation, -5, 5);
    try (Tensor tensor = Tensor.of(values, values.length)) {
      return Objects.requireNonNull(observation.observe(tensor, new int[TensorObservation.CHUNK]));
    }
  }

  @Test
  void valuesThatMaskSetNoRangeAndAreTold() {
    float[] plain = gaussian(new Random(3), 9000, 2);
    float[] masks = {
      Float.NEGATIVE_INFINITY, -Float.MAX_VALUE, Float.POSITIVE_INFINITY, -TensorRange.MASK
    };
    float[] masked = new float[3 * plain.length];
    for (int i = 0; i < masked.length; i++) {
      masked[i] = i % 3 == 1 ? plain[i / 3] : masks[i % masks.length];
    }
    for (RangeObserver observer :
        new RangeObserver[] {
          RangeObserver.minMax(),
          RangeObserver.movingAverage(),
          RangeObserver.percentile(99),
          RangeObserver.entropy(),
          RangeObserver.mse()
        }) {
      TensorRange without = range(observer, plain);
      assertFalse(without.masked());
      assertEquals(without.withMasks(true), range(observer, masked), observer.toString());
    }
  }

  @Test
  void aPercentileOfFewValuesReachesBeyondThemAsMoreWould() {
    Random random = new Random(3);
    double few = 0;
    for (int draw = 0; draw < 40; draw++) {
      few += normal(random, RangeObserver.percentile(), 300).max() / 40;
    }
    TensorRange many = normal(random, RangeObserver.percentile(), 40_000);
    assertEquals(many.max(), few, 0.25);
    assertTrue(many.max() < many.observedMax());
    TensorRange whole = normal(random, RangeObserver.percentile(100), 300);
    assertEquals(whole.observedMax(), whole.max());
  }

  private static TensorRange normal(Random random, RangeObserver observer, int values) {
    TensorObservation observation = new TensorObservation(observer, null);
    for (int i = 0; i < values; i++) {
      observe(observation, (float) random.nextGaussian());
    }
    return observation.range();
  }

  @Test
  void aPercentileKeepsAnEndAtZero() {
    TensorObservation positive = new TensorObservation(RangeObserver.percentile(), null);
    observe(positive, 0, 1, 2);
    assertEquals(new TensorRange(0, 3, 0, 2, false), positive.range());
  }

  @Test
  void aTensorOfNothingButMasksHasNoRange() {
    TensorObservation observation = new TensorObservation(RangeObserver.minMax(), null);
    observe(observation, Float.NEGATIVE_INFINITY, -Float.MAX_VALUE);
    assertTrue(observation.isEmpty());
    observe(observation, -1, Float.NEGATIVE_INFINITY, 2);
    assertEquals(TensorRange.observed(-1, 2).withMasks(true), observation.range());
  }

  @Test
  void masksCountForNothingInTheStatisticsOfChannels() {
    float lowest = -Float.MAX_VALUE;
    float infinite = Float.NEGATIVE_INFINITY;
    for (int axis : new int[] {-1, -2}) {
      ChannelObservation channels = new ChannelObservation("x", axis);
      float[] values =
          axis == -1
              ? new float[] {1, infinite, lowest, 4, 3, infinite}
              : new float[] {1, lowest, 3, infinite, 4, infinite};
      try (Tensor tensor = axis == -1 ? Tensor.of(values, 3, 2) : Tensor.of(values, 2, 3)) {
        channels.observe(tensor, true);
      }
      assertEquals(
          new ChannelStatistics(axis, new float[] {2, 4}, new float[] {5, 16}, new float[] {3, 4}),
          channels.statistics());
    }
  }

  @Test
  void halfAndDoublePrecisionAreRead() {
    TensorObservation observation = new TensorObservation(RangeObserver.minMax(), null);
    int[] scratch = new int[TensorObservation.CHUNK];
    try (Tensor half = Tensor.allocate(DataType.FLOAT16, 2);
        Tensor wide = Tensor.of(new double[] {-7, 0}, 2)) {
      half.shorts().put(0, Half.toFloat16(1.5f)).put(1, Half.toFloat16(-2));
      assertNull(observation.observe(half, scratch));
      assertNull(observation.observe(wide, scratch));
    }
    assertEquals(TensorRange.observed(-7, 1.5f), observation.range());
  }

  @Test
  void channelsHaveTheMeanAndTheMagnitudeOfTheirValues() {
    ChannelObservation last = new ChannelObservation("x", -1);
    ChannelObservation second = new ChannelObservation("x", -2);
    float[] values = {1, 2, 3, -4, -5, 6, 7, 8, 9, 10, 11, -12};
    try (Tensor tensor = Tensor.of(values, 2, 2, 3)) {
      last.observe(tensor, false);
      second.observe(tensor, false);
    }
    assertEquals(
        new ChannelStatistics(
            -1,
            new float[] {3.5f, 4, 1.5f},
            new float[] {41.5f, 53.5f, 67.5f},
            new float[] {10, 11, 12}),
        last.statistics());
    assertEquals(
        new ChannelStatistics(
            -2,
            new float[] {5, 1},
            new float[] {(float) (208 / 6.0), (float) (442 / 6.0)},
            new float[] {9, 12}),
        second.statistics());
  }

  @Test
  void parametersOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> RangeObserver.movingAverage(1));
    assertThrows(IllegalArgumentException.class, () -> RangeObserver.movingAverage(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> RangeObserver.percentile(50));
    assertThrows(IllegalArgumentException.class, () -> RangeObserver.percentile(100.1));
    assertEquals("percentile(99.999)", RangeObserver.percentile(99.999).method());
  }

  private static TensorRange range(RangeObserver observer, float... values) {
    TensorObservation observation = new TensorObservation(observer, null);
    observe(observation, values);
    return observation.range();
  }

  private static void observe(TensorObservation observation, float... values) {
    try (Tensor tensor = Tensor.of(values, values.length)) {
      assertNull(observation.observe(tensor, new int[TensorObservation.CHUNK]));
    }
  }

  private static float[] gaussian(Random random, int n, double deviation) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static int key(float value) {
    return SortableFloats.key(Float.floatToRawIntBits(value));
  }
}
