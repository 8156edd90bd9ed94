package io.inferc;

import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the layers that a target computes wrongly in integers, by halves: more and more of the
 * layers are quantized as long as the model is computed rightly. What is kept was tried together,
 * so that layers which are only wrong beside each other are found too.
 *
 * <p>Its time is limited. Layers that it does not come to count as wrong: fewer integers are
 * slower, wrong answers are worthless.
 */
final class TargetLayers {
  private final Duration limit;
  private final Cancellation cancellation;
  private final Predicate<Set<String>> right;
  private final Set<String> kept = new LinkedHashSet<>();
  private final Set<String> wrong = new LinkedHashSet<>();
  private boolean complete = true;

  /**
   * What was found.
   *
   * @param layers the layers to leave in floating point; empty if that does not help
   * @param complete whether each of them was tried
   */
  record Found(Set<String> layers, boolean complete) {}

  /**
   * Prepares a search.
   *
   * @param limit after how long no further model is tried
   * @param right tells whether the target computes the model rightly with just these layers in
   *     integers
   */
  TargetLayers(Duration limit, Cancellation cancellation, Predicate<Set<String>> right) {
    this.limit = limit;
    this.cancellation = cancellation;
    this.right = right;
  }

  /**
   * Searches once.
   *
   * @param groups the layers, which together are computed wrongly, in groups that are likely to be
   *     alike
   */
  Found find(List<List<String>> groups) {
    long started = System.nanoTime();
    for (List<String> group : groups) {
      add(group, groups.size() == 1, started);
    }
    boolean helps = !kept.isEmpty() || (!wrong.isEmpty() && right.test(Set.of()));
    return new Found(helps ? Collections.unmodifiableSet(wrong) : Set.of(), complete);
  }

  /** Keeps what can be kept of a group, of which it may be known that it cannot be kept whole. */
  private void add(List<String> group, boolean knownWrong, long started) {
    cancellation.throwIfCancelled(Stage.COMPILE);
    if (System.nanoTime() - started >= limit.toNanos()) {
      wrong.addAll(group);
      complete = false;
      return;
    }
    if (!knownWrong && right.test(with(group))) {
      kept.addAll(group);
      return;
    }
    if (group.size() == 1) {
      wrong.addAll(group);
      return;
    }
    int before = wrong.size();
    List<String> first = group.subList(0, group.size() / 2);
    add(first, false, started);
    add(group.subList(first.size(), group.size()), wrong.size() == before, started);
  }

  private Set<String> with(List<String> group) {
    List<String> all = new ArrayList<>(kept);
    all.addAll(group);
    return Set.copyOf(all);
  }
}
