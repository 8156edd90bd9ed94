package io.inferc.shape.internal;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of the standard operators by name; those of graphs inside nodes are elsewhere. */
final class Rules {
  private static final Map<String, Rule> ALL = all();

  private Rules() {}

  private static Map<String, Rule> all() {
    Map<String, Rule> rules = new HashMap<>();
    ElementwiseRules.addTo(rules);
    ShapeRules.addTo(rules);
    MovementRules.addTo(rules);
    GeneratorRules.addTo(rules);
    ReductionRules.addTo(rules);
    MatrixRules.addTo(rules);
    WindowRules.addTo(rules);
    ResizeRules.addTo(rules);
    SelectionRules.addTo(rules);
    SequenceRules.addTo(rules);
    rules.put("Slice", new SliceRule());
    return Map.copyOf(rules);
  }

  static @Nullable Rule of(String operator) {
    return ALL.get(operator);
  }
}
