package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProfileSizesTest {
  private static final List<TensorSpec> OPEN =
      List.of(
          TensorSpec.of("ids", DataType.INT64, "batch, tokens"),
          TensorSpec.of("table", DataType.FLOAT32, 3, 4));

  private static ProfileSizes sizes(List<TensorSpec> inputs, ShapeProfile... profiles) {
    return ProfileSizes.of("m", inputs, List.of(profiles), Optional.empty());
  }

  @Test
  void symbolsAndFixedSizesGiveRanges() {
    ProfileSizes sizes =
        sizes(OPEN, ShapeProfile.named("p").range("batch", 1, 2, 4).range("tokens", 8, 16, 32));
    assertEquals(List.of(new Range(1, 2, 4), new Range(8, 16, 32)), sizes.ranges(0, 0));
    assertEquals(List.of(Range.exactly(3), Range.exactly(4)), sizes.ranges(0, 1));
  }

  @Test
  void aDimensionBoundTwiceKeepsWhatBothAllow() {
    ProfileSizes sizes =
        sizes(
            OPEN,
            ShapeProfile.named("p")
                .range("batch", 1, 2, 4)
                .range("tokens", 8, 16, 32)
                .input("ids", new Range(3, 3, 9), new Range(8, 8, 8)));
    assertEquals(List.of(new Range(3, 3, 4), Range.exactly(8)), sizes.ranges(0, 0));
  }

  @Test
  void withoutProfilesTheDeclaredSizesCount() {
    ProfileSizes sizes = sizes(OPEN.subList(1, 2));
    assertEquals(List.of(Range.exactly(3), Range.exactly(4)), sizes.ranges(ProfileSizes.NONE, 0));
  }

  @Test
  void whatStaysOpenIsNamed() {
    InfercException none = assertThrows(InfercException.class, () -> sizes(OPEN));
    assertTrue(none.problem().contains("dimension 0 (batch)"), none.problem());
    InfercException one =
        assertThrows(
            InfercException.class,
            () -> sizes(OPEN, ShapeProfile.named("p").range("batch", 1, 2, 4)));
    assertTrue(one.problem().contains("'p'"), one.problem());
    assertTrue(one.problem().contains("dimension 1 (tokens)"), one.problem());
    assertTrue(one.remedy().contains("ShapeProfile"), one.remedy());
  }

  @Test
  void aDefaultRangeIsForDimensionsThatNoProfileBinds() {
    Range standard = new Range(1, 2, 3);
    List<ShapeProfile> profiles = List.of(ShapeProfile.named("p").range("batch", 4, 5, 6));
    ProfileSizes some = ProfileSizes.of("m", OPEN, profiles, Optional.of(standard));
    assertEquals(List.of(new Range(4, 5, 6), standard), some.ranges(0, 0));
    ProfileSizes none = ProfileSizes.of("m", OPEN, List.of(), Optional.of(standard));
    assertEquals(List.of(standard, standard), none.ranges(ProfileSizes.NONE, 0));
    assertEquals(List.of(Range.exactly(3), Range.exactly(4)), none.ranges(ProfileSizes.NONE, 1));
  }

  @Test
  void aRequestOutsideTheRangesIsRefusedWithBoth() {
    ProfileSizes sizes = ProfileSizes.of("m", OPEN, List.of(), Optional.of(new Range(1, 2, 3)));
    sizes.check("m", OPEN, ProfileSizes.NONE, new long[][] {{1, 3}, {3, 4}});
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> sizes.check("m", OPEN, ProfileSizes.NONE, new long[][] {{1, 4}, {3, 4}}));
    assertTrue(e.problem().contains("[1, 4]") && e.problem().contains("1..3"), e.problem());
    assertTrue(e.remedy().contains("defaultRange"), e.remedy());
  }

  @Test
  void dimensionsThatProfilesContradictEachOtherOnGetNoDefault() {
    ShapeProfile contradiction =
        ShapeProfile.named("p")
            .range("batch", 1, 1, 2)
            .range("tokens", 8, 8, 8)
            .input("ids", Range.exactly(3), Range.exactly(8));
    assertThrows(
        InfercException.class,
        () -> ProfileSizes.of("m", OPEN, List.of(contradiction), Optional.of(Range.exactly(1))));
  }

  @Test
  void anOpenRankIsBoundByTheInputsName() {
    List<TensorSpec> any =
        List.of(new TensorSpec("x", DataType.FLOAT32, TensorShape.unknownRank()));
    assertThrows(InfercException.class, () -> sizes(any, ShapeProfile.named("p")));
    ShapeProfile bound = ShapeProfile.named("p").input("x", Range.exactly(2));
    assertEquals(List.of(Range.exactly(2)), sizes(any, bound).ranges(0, 0));
    InfercException wrong =
        assertThrows(
            InfercException.class,
            () -> sizes(OPEN, ShapeProfile.named("p").input("ids", Range.exactly(2))));
    assertTrue(wrong.problem().contains("2 dimensions and 1 ranges"), wrong.problem());
  }
}
