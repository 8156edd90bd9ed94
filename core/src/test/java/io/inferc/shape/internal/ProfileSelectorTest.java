package io.inferc.shape.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.ProfileException;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProfileSelectorTest {
  private static final List<TensorSpec> INPUTS =
      List.of(
          TensorSpec.of("ids", DataType.INT64, "batch, length"),
          TensorSpec.of("image", DataType.FLOAT32, "batch, 3, ?, 8"));

  private static ProfileSelector selector(ShapeProfile... profiles) {
    return ProfileSelector.of(INPUTS, List.of(profiles), DynamicShapes.ANY);
  }

  private static String refused(ShapeProfile... profiles) {
    return assertThrows(ProfileException.class, () -> selector(profiles)).getMessage();
  }

  private static ShapeProfile full(String name, long min, long opt, long max) {
    return ShapeProfile.named(name)
        .range("batch", min, opt, max)
        .fixed("length", 16)
        .input(
            "image",
            new Range(min, opt, max),
            Range.exactly(3),
            new Range(1, 5, 9),
            Range.exactly(8));
  }

  @Test
  void theFirstProfileThatContainsTheRequestServesIt() {
    ProfileSelector s = selector(full("a", 1, 2, 4), full("b", 3, 5, 8));
    long[][] small = {{4, 16}, {4, 3, 9, 8}};
    long[][] large = {{5, 16}, {5, 3, 1, 8}};
    assertEquals(0, s.select(small));
    assertEquals(1, s.select(large));
  }

  @Test
  void aSizeThatIsNoMultipleIsRefusedWithItsNeighbours() {
    ProfileSelector s =
        selector(
            ShapeProfile.named("a")
                .range("batch", 1, 1, 4)
                .range("length", new Range(32, 64, 256).multipleOf(32)));
    assertEquals(0, s.select(new long[][] {{1, 96}, {1, 3, 2, 8}}));
    ProfileException e =
        assertThrows(ProfileException.class, () -> s.select(new long[][] {{1, 100}, {1, 3, 2, 8}}));
    assertTrue(e.getMessage().contains("32..256 by 32 (opt 64)"), e.getMessage());
    assertTrue(
        e.remedy().contains("dimension 1 of 'ids' to 96 or 128, the multiples of 32"), e.remedy());
    ProfileException far =
        assertThrows(ProfileException.class, () -> s.select(new long[][] {{1, 300}, {1, 3, 2, 8}}));
    assertTrue(far.remedy().contains("Split or pad the request"), far.remedy());
  }

  @Test
  void aRequestOutsideAllProfilesIsRefusedWithEveryRange() {
    ProfileSelector s = selector(full("a", 1, 2, 4), full("b", 3, 5, 8));
    String message =
        assertThrows(ProfileException.class, () -> s.select(new long[][] {{9, 16}, {9, 3, 2, 8}}))
            .getMessage();
    for (String part : List.of("ids[9, 16]", "a:", "1..4 (opt 2)", "b:", "3..8 (opt 5)")) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void withoutProfilesEveryShapeIsServed() {
    assertEquals(
        ProfileSelector.NO_PROFILE, selector().select(new long[][] {{7, 1}, {7, 3, 4, 8}}));
    assertEquals(Optional.empty(), selector().optimalShape(ProfileSelector.NO_PROFILE, 0));
  }

  @Test
  void dimensionsThatAProfileDoesNotBindMayHaveAnySize() {
    ProfileSelector s = selector(ShapeProfile.named("p").range("batch", 1, 2, 4));
    assertEquals(0, s.select(new long[][] {{4, 999}, {4, 3, 77, 8}}));
    assertEquals(Optional.empty(), s.largestShape(0, 0));
    assertThrows(
        ProfileException.class,
        () ->
            ProfileSelector.of(
                INPUTS,
                List.of(ShapeProfile.named("p").range("batch", 1, 2, 4)),
                DynamicShapes.WITHIN_PROFILES));
  }

  @Test
  void aBackEndOfFixedShapesRefusesRanges() {
    assertThrows(
        ProfileException.class,
        () -> ProfileSelector.of(INPUTS, List.of(full("a", 1, 2, 4)), DynamicShapes.FIXED_ONLY));
    assertThrows(
        ProfileException.class,
        () -> ProfileSelector.of(INPUTS, List.of(), DynamicShapes.WITHIN_PROFILES));
  }

  @Test
  void optimalAndLargestShapesFollowTheRanges() {
    ProfileSelector s = selector(full("a", 1, 2, 4));
    assertArrayEquals(new long[] {2, 3, 5, 8}, s.optimalShape(0, 1).orElseThrow());
    assertArrayEquals(new long[] {4, 3, 9, 8}, s.largestShape(0, 1).orElseThrow());
  }

  @Test
  void unknownSymbolsAndInputsAreRefusedWithThoseThereAre() {
    String symbol = refused(ShapeProfile.named("p").range("batch_size", 1, 2, 4));
    assertTrue(symbol.contains("'batch_size'") && symbol.contains("[batch, length]"), symbol);
    String input = refused(ShapeProfile.named("p").input("picture", Range.exactly(1)));
    assertTrue(input.contains("'picture'") && input.contains("image"), input);
  }

  @Test
  void contradictionsWithTheModelAreRefused() {
    String rank = refused(ShapeProfile.named("p").input("ids", Range.exactly(1)));
    assertTrue(rank.contains("2 dimensions"), rank);
    String fixed =
        refused(
            ShapeProfile.named("p")
                .input(
                    "image",
                    Range.exactly(1),
                    Range.exactly(4),
                    Range.exactly(1),
                    Range.exactly(8)));
    assertTrue(fixed.contains("fixes it at 3"), fixed);
    String apart =
        refused(
            ShapeProfile.named("p")
                .range("batch", 1, 1, 2)
                .input("ids", new Range(5, 5, 6), Range.exactly(1)));
    assertTrue(apart.contains("no size in common"), apart);
    assertTrue(refused(full("a", 1, 1, 1), full("a", 2, 2, 2)).contains("'a'"));
  }

  @Test
  void bothRangesHoldWhereASymbolAndAnInputAreBound() {
    ProfileSelector s =
        selector(
            ShapeProfile.named("p")
                .range("batch", 1, 4, 8)
                .input("ids", new Range(3, 3, 20), new Range(1, 1, 2)));
    assertArrayEquals(new long[] {8, 2}, s.largestShape(0, 0).orElseThrow());
    assertThrows(ProfileException.class, () -> s.select(new long[][] {{2, 1}, {2, 3, 1, 8}}));
  }

  @Test
  void symbolsMustAgreeAcrossInputs() {
    ProfileSelector s = selector();
    assertEquals(Map.of("batch", 2L, "length", 5L), s.symbols(new long[][] {{2, 5}, {2, 3, 1, 8}}));
    assertThrows(
        IllegalArgumentException.class, () -> s.symbols(new long[][] {{2, 5}, {3, 3, 1, 8}}));
  }

  @Test
  void outputSizesFollowFromSymbolsOrStayOpen() {
    Map<String, Long> symbols = Map.of("batch", 2L);
    assertArrayEquals(
        new long[] {2, 384},
        ProfileSelector.outputShape(TensorSpec.of("y", DataType.FLOAT32, "batch, 384"), symbols)
            .orElseThrow());
    assertEquals(
        Optional.empty(),
        ProfileSelector.outputShape(TensorSpec.of("y", DataType.FLOAT32, "found"), symbols));
    assertEquals(
        Optional.empty(),
        ProfileSelector.outputShape(
            new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank()), symbols));
  }
}
