package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.spi.WeightOnlyForm.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** The choice of how weights are written, with times that are made up. */
class VariantChoiceTest {
  private static final Variant SMALL = new Variant(16, OptionalInt.of(0));
  private static final Variant MIDDLE = new Variant(32, OptionalInt.of(4));
  private static final Variant LARGE = new Variant(128, OptionalInt.of(4));
  private static final List<Variant> ALL = List.of(SMALL, MIDDLE, LARGE);
  private static final VariantChoice.Layer ONE = new VariantChoice.Layer(384, 1536, 1);

  private static VariantChoice.Chosen choose(ToLongFunction<Variant> times) {
    return new VariantChoice(
            (variant, layer, rows) -> OptionalLong.of(times.applyAsLong(variant)), () -> 0, 1)
        .choose(ALL, List.of(ONE), List.of(1, 32));
  }

  @Test
  void theFastestWins() {
    VariantChoice.Chosen chosen = choose(v -> v == LARGE ? 100 : 1000);
    assertEquals(LARGE, chosen.variant());
    assertTrue(chosen.why().contains("blocks of 128, accuracy level 4"), chosen::why);
    assertTrue(chosen.why().contains("384x1536 with 1 and 32 rows"), chosen::why);
    assertTrue(chosen.why().contains("blocks of 16, accuracy level 0: 10.00"), chosen::why);
  }

  @Test
  void ofNearlyEqualOnesTheMostAccurateWins() {
    assertEquals(SMALL, choose(v -> v == SMALL ? 145 : 100).variant());
    assertEquals(MIDDLE, choose(v -> v == SMALL ? 160 : v == MIDDLE ? 110 : 100).variant());
  }

  @Test
  void aRunThatSomethingDisturbedDoesNotCount() {
    int[] runs = new int[1];
    VariantChoice.Chosen chosen =
        new VariantChoice(
                (variant, layer, rows) ->
                    OptionalLong.of(runs[0]++ % 4 == 1 ? 1_000_000 : variant == LARGE ? 200 : 100),
                () -> 0,
                1)
            .choose(ALL, List.of(ONE), List.of(1));
    assertEquals(SMALL, chosen.variant());
  }

  @Test
  void layersCountByTheirShareOfTheWork() {
    VariantChoice.Layer rare = new VariantChoice.Layer(64, 64, 0.1);
    VariantChoice.Layer usual = new VariantChoice.Layer(384, 384, 0.9);
    VariantChoice.Chosen chosen =
        new VariantChoice(
                (variant, layer, rows) ->
                    OptionalLong.of((variant == SMALL) == (layer == rare) ? 100 : 200),
                () -> 0,
                1)
            .choose(List.of(SMALL, LARGE), List.of(rare, usual), List.of(1));
    assertEquals(LARGE, chosen.variant());
  }

  @Test
  void whatCannotBeRunOrIsWrongIsNeverTaken() {
    VariantChoice.Chosen chosen =
        new VariantChoice(
                (variant, layer, rows) ->
                    variant == SMALL ? OptionalLong.empty() : OptionalLong.of(variant.block()),
                () -> 0,
                1)
            .choose(List.of(SMALL, LARGE), List.of(ONE), List.of(1));
    assertEquals(LARGE, chosen.variant());
    assertTrue(chosen.why().contains("blocks of 16, accuracy level 0: not right"), chosen::why);
    VariantChoice.Chosen none =
        new VariantChoice((variant, layer, rows) -> OptionalLong.empty(), () -> 0, 1)
            .choose(ALL, List.of(ONE), List.of(1));
    assertEquals(SMALL, none.variant());
    assertTrue(none.why().contains("No way to write weights ran rightly"), none::why);
  }

  @Test
  void allWaysAreRunInTurnsUntilTheTimeIsUp() {
    List<Variant> order = new ArrayList<>();
    long[] clock = new long[1];
    new VariantChoice(
            (variant, layer, rows) -> {
              order.add(variant);
              clock[0] += 10;
              return OptionalLong.of(10);
            },
            () -> clock[0],
            160)
        .choose(ALL, List.of(ONE), List.of(1));
    // Six rounds of three runs of 10 are the first to take 160.
    assertEquals(18, order.size());
    for (int i = 0; i < order.size(); i++) {
      assertEquals(ALL.get(i % 3), order.get(i));
    }
    order.clear();
    new VariantChoice(
            (variant, layer, rows) -> {
              order.add(variant);
              return OptionalLong.of(10);
            },
            () -> 0,
            160)
        .choose(ALL, List.of(ONE), List.of(1));
    assertEquals(3 * VariantChoice.MOST_ROUNDS, order.size());
  }
}
