package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Layers that a target gets wrong are told from those that it gets right, in few trials. */
class TargetLayersTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  private final Cancellation cancellation = new Cancellation();
  private final List<Set<String>> trials = new ArrayList<>();

  private static List<String> layers(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  private TargetLayers.Found find(
      Duration limit, Predicate<Set<String>> right, List<List<String>> groups) {
    return new TargetLayers(
            limit,
            cancellation,
            tried -> {
              trials.add(tried);
              return right.test(tried);
            })
        .find(groups);
  }

  @Test
  void oneLayerOfManyIsFoundInAFewTrials() {
    TargetLayers.Found found =
        find(LONG, tried -> !tried.contains("m77"), List.of(layers("m", 100)));
    assertEquals(Set.of("m77"), found.layers());
    assertTrue(found.complete());
    assertTrue(trials.size() <= 14, trials.size() + " trials");
  }

  @Test
  void aGroupThatIsRightTakesOneTrial() {
    TargetLayers.Found found =
        find(
            LONG,
            tried -> tried.stream().noneMatch(n -> n.startsWith("c")),
            List.of(layers("m", 100), layers("c", 2)));
    assertEquals(Set.of("c0", "c1"), found.layers());
    assertEquals(4, trials.size());
  }

  @Test
  void ofLayersThatAreWrongOnlyTogetherOneIsLeftOut() {
    TargetLayers.Found found =
        find(
            LONG,
            tried -> !tried.containsAll(Set.of("m2", "c5")),
            List.of(layers("m", 4), layers("c", 8)));
    assertEquals(Set.of("c5"), found.layers());
  }

  @Test
  void whereEveryLayerIsWrongAllAreLeftOut() {
    TargetLayers.Found found = find(LONG, Set::isEmpty, List.of(layers("m", 3)));
    assertEquals(Set.of("m0", "m1", "m2"), found.layers());
  }

  @Test
  void aTargetThatIsWrongWithoutIntegersTooKeepsThem() {
    assertEquals(Set.of(), find(LONG, tried -> false, List.of(layers("m", 3))).layers());
  }

  @Test
  void whatThereWasNoTimeForIsLeftOutAndSaidToBeUntried() {
    TargetLayers.Found found = find(Duration.ZERO, Set::isEmpty, List.of(layers("m", 3)));
    assertEquals(Set.of("m0", "m1", "m2"), found.layers());
    assertFalse(found.complete());
    assertEquals(List.of(Set.of()), trials);
  }

  @Test
  void itCanBeCancelledBetweenTrials() {
    Predicate<Set<String>> cancelling =
        tried -> {
          cancellation.cancel();
          return false;
        };
    assertThrows(CancelledException.class, () -> find(LONG, cancelling, List.of(layers("m", 8))));
    assertEquals(1, trials.size());
  }
}
