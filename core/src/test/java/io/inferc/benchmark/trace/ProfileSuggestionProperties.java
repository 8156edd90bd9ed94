package io.inferc.benchmark.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ProfileSuggestionProperties {
  private static final List<TensorSpec> ONE = List.of(TensorSpec.of("x", DataType.INT64, "length"));
  private static final List<TensorSpec> TWO =
      List.of(
          TensorSpec.of("x", DataType.INT64, "batch, length"),
          TensorSpec.of("y", DataType.INT64, "batch, ?"));

  /** Skewed, with repeats and gaps. */
  @Provide
  Arbitrary<Long> sizes() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(0, 40),
        Arbitraries.longs().between(1, 4096),
        Arbitraries.of(1L, 128L, 512L));
  }

  private static RequestShapes one(long length) {
    return new RequestShapes(Map.of("x", List.of(length)));
  }

  private static boolean serves(ShapeProfile profile, String symbol, long size) {
    return profile.range(symbol).orElseThrow().contains(size);
  }

  @Property(tries = 300)
  void everyRecordedLengthIsServedByExactlyOneProfile(
      @ForAll @Size(min = 1, max = 60) List<@From("sizes") Long> lengths,
      @ForAll @IntRange(min = 1, max = 6) int most) {
    Map<RequestShapes, Long> seen = counted(lengths);
    for (ProfileStep step : ProfileSuggestion.of(ONE, seen, most).steps()) {
      for (long length : lengths) {
        assertEquals(1, step.profiles().stream().filter(p -> serves(p, "length", length)).count());
      }
      assertEquals(lengths.size(), step.requests().stream().mapToLong(n -> n).sum());
      for (ShapeProfile profile : step.profiles()) {
        Range range = profile.range("length").orElseThrow();
        assertTrue(lengths.contains(range.opt()) && lengths.contains(range.max()));
      }
    }
  }

  @Property(tries = 200)
  void everyRecordedRequestOfSeveralSymbolsIsServed(
      @ForAll @Size(min = 3, max = 90) List<@From("sizes") Long> sizes,
      @ForAll @IntRange(min = 1, max = 6) int most) {
    Map<RequestShapes, Long> seen = new LinkedHashMap<>();
    for (int i = 0; i + 2 < sizes.size(); i += 3) {
      long batch = sizes.get(i);
      seen.merge(
          new RequestShapes(
              Map.of("x", List.of(batch, sizes.get(i + 1)), "y", List.of(batch, sizes.get(i + 2)))),
          1L,
          Long::sum);
    }
    ProfileSuggestion suggestion = ProfileSuggestion.of(TWO, seen, most);
    assertEquals(sizes.size() / 3, suggestion.requests());
    for (ProfileStep step : suggestion.steps()) {
      for (RequestShapes request : seen.keySet()) {
        long[] x = request.of("x");
        long[] y = request.of("y");
        assertTrue(
            step.profiles().stream()
                .anyMatch(
                    p ->
                        serves(p, "batch", x[0])
                            && serves(p, "length", x[1])
                            && p.inputs().get("y").get(1).contains(y[1])),
            request + " in " + step.profiles());
      }
    }
  }

  @Property(tries = 200)
  void noOtherRangesOfOneSymbolCostLess(
      @ForAll @Size(min = 1, max = 9) List<@From("sizes") Long> lengths,
      @ForAll @IntRange(min = 1, max = 4) int most) {
    Map<RequestShapes, Long> seen = counted(lengths);
    List<Long> distinct = lengths.stream().distinct().sorted().toList();
    long asked = lengths.stream().mapToLong(n -> n).sum();
    List<ProfileStep> steps = ProfileSuggestion.of(ONE, seen, most).steps();
    for (ProfileStep step : steps) {
      long least = least(lengths, distinct, step.profiles().size());
      assertEquals(least == 0 ? 0 : 1 - (double) asked / least, step.padding(), 1e-9);
    }
  }

  /** Tries all ways to cut the distinct lengths into so many ranges. */
  private static long least(List<Long> lengths, List<Long> distinct, int groups) {
    int cuts = distinct.size() - 1;
    long least = Long.MAX_VALUE;
    for (int mask = 0; mask < 1 << cuts; mask++) {
      if (Integer.bitCount(mask) != groups - 1) {
        continue;
      }
      List<Long> ends = new ArrayList<>();
      for (int i = 0; i < cuts; i++) {
        if ((mask >> i & 1) == 1) {
          ends.add(distinct.get(i));
        }
      }
      ends.add(distinct.get(cuts));
      long cost = 0;
      for (long length : lengths) {
        cost += ends.stream().filter(e -> e >= length).findFirst().orElseThrow();
      }
      least = Math.min(least, cost);
    }
    return least;
  }

  private static Map<RequestShapes, Long> counted(List<Long> lengths) {
    Map<RequestShapes, Long> seen = new LinkedHashMap<>();
    lengths.forEach(length -> seen.merge(one(length), 1L, Long::sum));
    return seen;
  }
}
