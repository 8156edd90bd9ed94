package io.inferc.rewrite;

import java.util.ArrayList;
import java.util.List;

/** Holds a list of passes to what each needs of the others. */
final class PassOrder {
  private PassOrder() {}

  /** Checks passes that run after others. */
  static void require(List<GraphPass> ran, List<GraphPass> passes) {
    List<GraphPass> before = new ArrayList<>(ran);
    for (int i = 0; i < passes.size(); i++) {
      GraphPass pass = passes.get(i);
      for (Class<? extends GraphPass> needed : pass.needs().required()) {
        if (!has(before, needed)) {
          throw misplaced(pass, needed, "which must have run before it");
        }
      }
      for (Class<? extends GraphPass> first : pass.needs().earlier()) {
        if (!has(before, first) && has(passes.subList(i + 1, passes.size()), first)) {
          throw misplaced(pass, first, "which runs only after it");
        }
      }
      before.add(pass);
    }
  }

  private static boolean has(List<GraphPass> passes, Class<? extends GraphPass> type) {
    return passes.stream().anyMatch(type::isInstance);
  }

  private static IllegalArgumentException misplaced(
      GraphPass pass, Class<? extends GraphPass> other, String fault) {
    return new IllegalArgumentException(
        "Tried to build a pipeline with the pass "
            + pass.name()
            + ", but it needs "
            + other.getSimpleName()
            + ", "
            + fault
            + ". Put that one before "
            + pass.getClass().getSimpleName()
            + ".");
  }
}
