package io.inferc.shape.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SizeTest {
  private static final Size N = Size.symbol("n", new Bounds(0, 1000));
  private static final Size M = Size.symbol("m", new Bounds(3, 40));

  @Test
  void equalNumbersHaveOneForm() {
    assertEquals(N.plus(M).times(2), M.times(2).plus(N.times(2)));
    assertEquals(Size.ZERO, N.minus(N));
    assertEquals(N.times(M), N.times(M.times(6)).dividedExactlyBy(Size.of(6)).orElseThrow());
    assertEquals(N.plus(1), N.plus(1).times(M).dividedExactlyBy(M).orElseThrow());
  }

  @Test
  void twoStridesAreOne() {
    Size half = Sizes.floorDiv(N.plus(-1), Size.of(2)).plus(1);
    Size quarter = Sizes.floorDiv(half.plus(-1), Size.of(2)).plus(1);
    assertEquals(Sizes.ceilDiv(N, Size.of(4)), quarter);
    assertEquals(N, Sizes.floorDiv(N.times(2).plus(1), Size.of(2)));
  }

  @Test
  void whatPadsToAMultipleIsAMultiple() {
    Size padded = N.plus(Sizes.floorMod(N.times(-1), Size.of(64)));
    assertEquals(Sizes.ceilDiv(N, Size.of(64)), padded.dividedExactlyBy(Size.of(64)).orElseThrow());
  }

  @Test
  void aBoundDecidesOnlyWhereTheRangeDoes() {
    assertEquals(Size.of(3), Sizes.min(M, Size.of(3)));
    assertEquals(M, Sizes.min(M, Size.of(40)));
    Size open = Sizes.min(M, Size.of(32));
    assertTrue(open.fixed().isEmpty());
    assertEquals(new Bounds(3, 32), open.bounds());
    assertEquals(open, Sizes.min(Size.of(32), M));
  }

  @Test
  void nothingIsKnownOfTwoUnknownSizes() {
    assertNotEquals(Size.unknown(), Size.unknown());
    assertNotEquals(Sizes.broadcast(N, Size.unknown()), N);
    assertEquals(M, Sizes.broadcast(M, Size.unknown()));
    assertEquals(Size.of(12), Sizes.broadcast(N, Size.of(12)));
    assertFalse(Sizes.broadcast(N, Size.symbol("k", Bounds.SIZE)).isNumber());
  }

  private record Both(Size size, long value) {}

  /** Grows sizes of random operations, and beside them the numbers that they stand for. */
  @Property(tries = 500)
  void aSizeIsTheNumberThatIntegerArithmeticGives(@ForAll long seed) {
    Random random = new Random(seed);
    long n = random.nextInt(1001);
    long m = 3 + random.nextInt(38);
    List<Both> all = new ArrayList<>(List.of(new Both(N, n), new Both(M, m)));
    for (int i = 0; i < 12; i++) {
      Both a = all.get(random.nextInt(all.size()));
      Both b = all.get(random.nextInt(all.size()));
      long k = 1 + random.nextInt(9);
      Size by = Size.of(k);
      Both next =
          switch (random.nextInt(11)) {
            case 0 -> new Both(a.size().plus(b.size()), a.value() + b.value());
            case 1 -> new Both(a.size().minus(b.size()), a.value() - b.value());
            case 2 -> new Both(a.size().times(k - 5), a.value() * (k - 5));
            case 3 -> new Both(Sizes.floorDiv(a.size(), by), Math.floorDiv(a.value(), k));
            case 4 -> new Both(Sizes.ceilDiv(a.size(), by), -Math.floorDiv(-a.value(), k));
            case 5 -> new Both(Sizes.truncatedDiv(a.size(), by), a.value() / k);
            case 6 -> new Both(Sizes.floorMod(a.size(), by), Math.floorMod(a.value(), k));
            case 7 -> new Both(Sizes.truncatedMod(a.size(), by), a.value() % k);
            case 8 -> new Both(Sizes.min(a.size(), b.size()), Math.min(a.value(), b.value()));
            case 9 -> new Both(Sizes.max(a.size(), by), Math.max(a.value(), k));
            default -> new Both(Sizes.abs(a.size()), Math.abs(a.value()));
          };
      if (Math.abs(next.value()) < 1L << 40) {
        all.add(next);
      }
    }
    Map<String, Long> sizes = Map.of("n", n, "m", m);
    for (Both both : all) {
      assertEquals(both.value(), both.size().evaluate(sizes).orElseThrow(), both.size().toString());
      assertTrue(both.size().bounds().contains(both.value()), both.size() + " at " + sizes);
    }
    for (Both a : all) {
      for (Both b : all) {
        assertTrue(!a.size().equals(b.size()) || a.value() == b.value(), a + " and " + b);
      }
    }
  }
}
