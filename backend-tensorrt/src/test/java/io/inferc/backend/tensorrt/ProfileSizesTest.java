package io.inferc.backend.tensorrt;

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
import org.junit.jupiter.api.Test;

class ProfileSizesTest {
  private static final TensorSpec IDS = TensorSpec.of("ids", DataType.INT64, "batch, length");
  private static final TensorSpec MASK = TensorSpec.of("mask", DataType.INT64, "batch, length");
  private static final TensorSpec FIXED = TensorSpec.of("scale", DataType.FLOAT32, 2, 3);

  private static List<BuildPlan.Profile> sizes(List<TensorSpec> inputs, ShapeProfile... profiles) {
    return ProfileSizes.of("m", inputs, List.of(profiles));
  }

  private static InfercException refused(List<TensorSpec> inputs, ShapeProfile... profiles) {
    InfercException e = assertThrows(InfercException.class, () -> sizes(inputs, profiles));
    assertTrue(!e.remedy().isBlank());
    return e;
  }

  @Test
  void symbolsBindAllInputsThatShareThem() {
    ShapeProfile online =
        ShapeProfile.named("online").range("batch", 1, 8, 32).range("length", 8, 128, 512);
    ShapeProfile single = ShapeProfile.named("single").fixed("batch", 1).fixed("length", 128);
    assertEquals(
        List.of(
            new BuildPlan.Profile(
                "online",
                List.of(
                    new BuildPlan.Sizes(
                        "ids", List.of(1L, 8L), List.of(8L, 128L), List.of(32L, 512L)),
                    new BuildPlan.Sizes(
                        "mask", List.of(1L, 8L), List.of(8L, 128L), List.of(32L, 512L)))),
            new BuildPlan.Profile(
                "single",
                List.of(
                    new BuildPlan.Sizes(
                        "ids", List.of(1L, 128L), List.of(1L, 128L), List.of(1L, 128L)),
                    new BuildPlan.Sizes(
                        "mask", List.of(1L, 128L), List.of(1L, 128L), List.of(1L, 128L))))),
        sizes(List.of(IDS, MASK, FIXED), online, single));
  }

  @Test
  void aRangeOfAnInputNarrowsThatOfItsSymbol() {
    ShapeProfile both =
        ShapeProfile.named("p")
            .range("batch", 1, 2, 8)
            .range("length", 1, 16, 32)
            .input("mask", new Range(4, 4, 16), Range.exactly(16));
    assertEquals(
        new BuildPlan.Sizes("mask", List.of(4L, 16L), List.of(4L, 16L), List.of(8L, 16L)),
        sizes(List.of(IDS, MASK), both).get(0).inputs().get(1));
  }

  @Test
  void fixedShapesNeedNoProfile() {
    assertEquals(List.of(), sizes(List.of(FIXED)));
  }

  @Test
  void anOpenShapeWithoutAProfileIsRefused() {
    InfercException e = refused(List.of(FIXED, IDS));
    assertTrue(e.getMessage().contains("profile"), e.getMessage());
    assertTrue(e.getMessage().contains("ids"), e.getMessage());
  }

  @Test
  void aDimensionThatNothingBindsIsRefusedByName() {
    InfercException e = refused(List.of(IDS), ShapeProfile.named("p").range("batch", 1, 2, 4));
    assertTrue(e.getMessage().contains("length"), e.getMessage());
    assertTrue(e.getMessage().contains("'p'"), e.getMessage());
  }

  @Test
  void rangesThatDoNotMeetOrDoNotCountAreRefused() {
    ShapeProfile apart =
        ShapeProfile.named("p")
            .range("batch", 1, 2, 4)
            .fixed("length", 4)
            .input("ids", Range.exactly(5), Range.exactly(4));
    assertTrue(refused(List.of(IDS), apart).getMessage().contains("no size in common"));
    ShapeProfile few = ShapeProfile.named("p").input("ids", Range.exactly(5));
    assertTrue(refused(List.of(IDS), few).getMessage().contains("2 dimensions"));
  }

  @Test
  void anUnknownRankIsRefused() {
    TensorSpec any = new TensorSpec("x", DataType.FLOAT32, TensorShape.unknownRank());
    assertTrue(
        refused(List.of(any), ShapeProfile.named("p").range("n", 1, 1, 1))
            .getMessage()
            .contains("rank"));
  }
}
