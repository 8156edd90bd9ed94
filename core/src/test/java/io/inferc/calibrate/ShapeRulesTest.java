package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ShapeRulesTest {
  private final ShapeRules rules = new ShapeRules();

  /** Scores, hidden states and a flattened pair, as a transformer of 12 heads makes them. */
  private void run(long batch, long length) {
    rules.learn(inputs(batch, length), outputs(batch, length));
  }

  private static long[] inputs(long batch, long length) {
    return new long[] {batch, length, batch, length};
  }

  private static Map<String, long[]> outputs(long batch, long length) {
    return Map.of(
        "scores", new long[] {batch, 12, length, length}, "hidden", new long[] {length, 384});
  }

  @Test
  void sizesThatFollowFromInputsArePredictedAfterTwoRuns() {
    run(1, 12);
    assertEquals(Optional.empty(), rules.predict(inputs(1, 48)), "12 heads, or 12 tokens?");
    run(1, 48);
    Map<String, long[]> predicted = rules.predict(inputs(1, 100)).orElseThrow();
    assertArrayEquals(new long[] {1, 12, 100, 100}, predicted.get("scores"));
    assertArrayEquals(new long[] {100, 384}, predicted.get("hidden"));
  }

  @Test
  void whatWasTheSameSoFarIsNotPredictedForAnotherInput() {
    run(1, 12);
    run(1, 48);
    assertEquals(Optional.empty(), rules.predict(inputs(3, 48)), "always 1, or the batch?");
    run(3, 48);
    assertArrayEquals(
        new long[] {5, 12, 7, 7}, rules.predict(inputs(5, 7)).orElseThrow().get("scores"));
  }

  /** A stride makes sizes that are no multiple of an input's: 608 pixels become 152 columns. */
  @Test
  void whatOneRunGaveIsNotPredictedForAnInputThatChangesForTheFirstTime() {
    rules.learn(new long[] {1, 608}, Map.of("columns", new long[] {1, 32, 152}));
    assertEquals(Optional.empty(), rules.predict(new long[] {1, 960}));
    rules.learn(new long[] {1, 960}, Map.of("columns", new long[] {1, 32, 240}));
    assertEquals(Optional.empty(), rules.predict(new long[] {1, 320}));
  }

  @Test
  void aSizeThatFollowsNoRuleIsNotPredicted() {
    rules.learn(new long[] {10}, Map.of("found", new long[] {3}));
    rules.learn(new long[] {20}, Map.of("found", new long[] {7}));
    assertEquals(Optional.empty(), rules.predict(new long[] {30}));
  }

  @Test
  void nothingIsPredictedOfOtherRanksOrAfterAnError() {
    run(1, 12);
    run(1, 48);
    assertEquals(Optional.empty(), rules.predict(new long[] {1, 48}));
    assertTrue(rules.predict(inputs(1, 13)).isPresent());
    rules.giveUp();
    assertEquals(Optional.empty(), rules.predict(inputs(1, 13)));
  }

  @Test
  void nothingIsPredictedOnceAnOutputChangedItsRank() {
    rules.learn(new long[] {10}, Map.of("squeezed", new long[] {10, 2}));
    rules.learn(new long[] {20}, Map.of("squeezed", new long[] {20}));
    assertEquals(Optional.empty(), rules.predict(new long[] {10}));
  }
}
