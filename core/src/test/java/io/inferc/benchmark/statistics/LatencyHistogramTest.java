package io.inferc.benchmark.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  @Test
  void smallValuesAreExact() {
    LatencyHistogram histogram = LatencyHistogram.of(5, 1, 4, 2, 3, 1000);
    assertEquals(6, histogram.count());
    assertEquals(1, histogram.min());
    assertEquals(1000, histogram.max());
    assertEquals(3, histogram.percentile(50));
    assertEquals(1, histogram.percentile(0));
    assertEquals(1000, histogram.percentile(100));
    assertEquals(1015.0 / 6, histogram.mean(), 1e-9);
    assertEquals(2, histogram.countAbove(4));
  }

  @Test
  void noValueIsReadBelowWhatWasRecorded() {
    LatencyHistogram histogram = LatencyHistogram.of(1_000_001);
    assertTrue(histogram.min() >= 1_000_001 && histogram.min() < 1_001_002);
    assertTrue(histogram.percentile(0) >= 1_000_001 && histogram.percentile(0) < 1_001_002);
  }

  @Test
  void whatNeverOccurredIsNoMaximum() {
    LatencyHistogram histogram =
        LatencyHistogram.builder().record(1000).record(9_000_000, 0).build();
    assertEquals(1000, histogram.max());
    assertEquals(histogram, LatencyHistogram.decode(histogram.encode()));
  }

  @Test
  void percentilesOfManyNanosecondsAreWithinAThousandthOfTheSamples() {
    Random random = new Random(3);
    long[] nanos =
        random
            .longs(50_000, 0, 30)
            .map(k -> (long) (1e5 * Math.exp(k + random.nextDouble())))
            .toArray();
    LatencyHistogram histogram = LatencyHistogram.of(nanos);
    Arrays.sort(nanos);
    for (double percentile : new double[] {1, 25, 50, 90, 99, 99.9, 100}) {
      long exact = nanos[(int) Math.ceil(nanos.length * percentile / 100 - 1e-6) - 1];
      long read = histogram.percentile(percentile);
      assertTrue(read >= exact && read <= exact * 1.001, percentile + ": " + exact + ", " + read);
    }
  }

  @Test
  void mergingLosesNothing() {
    long[] nanos = new Random(4).longs(2000, 0, 5_000_000_000L).toArray();
    LatencyHistogram all = LatencyHistogram.of(nanos);
    LatencyHistogram first = LatencyHistogram.of(Arrays.copyOfRange(nanos, 0, 700));
    LatencyHistogram second = LatencyHistogram.of(Arrays.copyOfRange(nanos, 700, 2000));
    assertEquals(all, first.merge(second));
    assertEquals(all.buckets(), LatencyHistogram.merged(List.of(second, first)).buckets());
    assertEquals(700, first.count());
    assertEquals(0, LatencyHistogram.merged(List.of()).count());
  }

  @Test
  void textHoldsAllAndMoreMayBeMergedAfterReading() {
    LatencyHistogram histogram = LatencyHistogram.of(1, 20_000, 20_000, 3_000_000_000L);
    LatencyHistogram read = LatencyHistogram.decode(histogram.encode());
    assertEquals(histogram.buckets(), read.buckets());
    assertEquals(histogram, read);
    assertEquals(histogram.hashCode(), read.hashCode());
    assertEquals(histogram.max(), read.max());
    assertEquals(5, read.merge(LatencyHistogram.of(Long.MAX_VALUE / 4)).count());
    assertEquals(0, LatencyHistogram.decode(LatencyHistogram.of().encode()).count());
    assertTrue(histogram.encode().length() < 200, histogram.encode());
    assertNotEquals(histogram, LatencyHistogram.of(1));
  }

  @Test
  void aMillionLatenciesMakeShortText() {
    Random random = new Random(6);
    LatencyHistogram.Builder builder = LatencyHistogram.builder();
    for (int i = 0; i < 1_000_000; i++) {
      builder.record((long) (1e6 * Math.exp(random.nextGaussian() * 0.3)));
    }
    assertTrue(builder.build().encode().length() < 8000);
  }

  @Test
  void damagedTextIsRefusedWithWhatToGive() {
    String text = LatencyHistogram.of(1, 2, 3, 1 << 20).encode();
    byte[] bytes = Base64.getDecoder().decode(text);
    for (int i = 0; i < bytes.length; i++) {
      byte[] cut = Arrays.copyOf(bytes, i);
      assertRefused(Base64.getEncoder().encodeToString(cut));
    }
    assertRefused("no base64 at all!");
    assertRefused("");
  }

  @Test
  void otherDigitsAreRefusedBeforeTheirMemoryIsSetAside() {
    Histogram fine = new Histogram(5);
    fine.recordValue(123);
    ByteBuffer buffer = ByteBuffer.allocate(fine.getNeededByteBufferCapacity());
    int length = fine.encodeIntoCompressedByteBuffer(buffer);
    assertRefused(Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length)));
  }

  @Test
  void aBuilderThatGoesOnDoesNotChangeWhatItBuilt() {
    LatencyHistogram.Builder builder = LatencyHistogram.builder().record(7, 3);
    LatencyHistogram before = builder.build();
    builder.record(9);
    assertEquals(3, before.count());
    assertEquals(4, builder.build().count());
  }

  @Test
  void theCurveRisesToTheMaximumAtAllOfThem() {
    LatencyHistogram histogram =
        LatencyHistogram.of(new Random(8).longs(5000, 0, 1_000_000).toArray());
    List<LatencyHistogram.Point> curve = histogram.curve(5);
    for (int i = 1; i < curve.size(); i++) {
      assertTrue(curve.get(i).percentile() >= curve.get(i - 1).percentile());
      assertTrue(curve.get(i).nanos() >= curve.get(i - 1).nanos());
    }
    assertEquals(100, curve.get(curve.size() - 1).percentile());
    assertEquals(histogram.max(), curve.get(curve.size() - 1).nanos());
    assertEquals(
        5000, histogram.buckets().stream().mapToLong(LatencyHistogram.Bucket::count).sum());
  }

  @Test
  void theIntervalIsThatOfTheSamples() {
    double[] ranks = Series.shuffledRanks(1000, 9);
    LatencyHistogram histogram =
        LatencyHistogram.of(Arrays.stream(ranks).mapToLong(x -> (long) x).toArray());
    PercentileEstimate ofSamples = PercentileEstimate.of(ranks, 95, 0.95);
    assertEquals(ofSamples, histogram.estimate(95, 0.95, 1000));
    PercentileEstimate correlated = histogram.estimate(95, 0.95, 100);
    assertTrue(correlated.low() < ofSamples.low() && correlated.high() > ofSamples.high());
    assertTrue(histogram.estimate(99.9, 0.95, 1000).upperBound().isEmpty());
  }

  @Test
  void whatCannotBeSaidIsRefused() {
    LatencyHistogram none = LatencyHistogram.of();
    assertThrows(IllegalStateException.class, () -> none.percentile(50));
    assertThrows(IllegalStateException.class, none::mean);
    assertThrows(IllegalStateException.class, () -> none.estimate(50, 0.95, 1));
    assertThrows(IllegalArgumentException.class, () -> LatencyHistogram.of(-1));
    assertThrows(
        IllegalArgumentException.class, () -> LatencyHistogram.of(1).estimate(50, 0.95, 2));
    assertEquals("no latencies", none.toString());
  }

  private static void assertRefused(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> LatencyHistogram.decode(text))
            .getMessage();
    assertTrue(message.contains("LatencyHistogram.encode()"), message);
  }
}
