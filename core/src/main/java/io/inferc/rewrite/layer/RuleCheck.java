package io.inferc.rewrite.layer;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Node;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Refuses rules that match nothing, and says what may have been meant. */
final class RuleCheck {
  private static final int SHOWN = 5;

  private RuleCheck() {}

  /**
   * Checks that a rule selects something, that each name in it is there, and that each part that is
   * excluded is there: a misspelt exclusion would otherwise select everything.
   */
  static void requireAll(LayerRule rule, List<Node> nodes, LayerContext context) {
    check(rule, rule.selector().criterion(), true, nodes, context);
  }

  private static void check(
      LayerRule rule,
      LayerCriterion criterion,
      boolean required,
      List<Node> nodes,
      LayerContext context) {
    if (criterion instanceof LayerCriterion.All all) {
      all.parts().forEach(p -> check(rule, p, true, nodes, context));
    } else if (criterion instanceof LayerCriterion.Any any) {
      any.parts().forEach(p -> check(rule, p, false, nodes, context));
    } else if (criterion instanceof LayerCriterion.Not not) {
      check(rule, not.other(), true, nodes, context);
    }
    boolean needed = required || criterion instanceof LayerCriterion.Named;
    if (needed && nodes.stream().noneMatch(n -> criterion.matches(n, context))) {
      throw nothing(rule, criterion, nodes, context);
    }
  }

  private static InfercException nothing(
      LayerRule rule, LayerCriterion criterion, List<Node> nodes, LayerContext context) {
    String part = rule.selector().describe();
    String found = criterion.describe();
    return new InfercException(
        Stage.REWRITE,
        "Tried to "
            + rule.description()
            + ", but of the "
            + nodes.size()
            + " nodes of the model none is selected"
            + (found.equals(part) ? "." : " by " + found + "."),
        remedy(criterion, nodes, context));
  }

  private static String remedy(LayerCriterion criterion, List<Node> nodes, LayerContext context) {
    if (criterion instanceof LayerCriterion.Named named) {
      List<String> near =
          nearest(named.pattern(), !named.exact(), nodes.stream().map(Node::name).toList());
      return "Near matches: " + quoted(near) + ". Correct the name, or remove the rule.";
    }
    Map<String, Long> types =
        nodes.stream()
            .collect(Collectors.groupingBy(Node::opType, TreeMap::new, Collectors.counting()));
    Set<String> wanted = operators(criterion);
    if (!wanted.isEmpty()) {
      Set<String> near = new LinkedHashSet<>();
      wanted.forEach(w -> near.addAll(nearest(w, false, types.keySet())));
      return "Near matches: "
          + quoted(near.stream().limit(SHOWN).toList())
          + ". The model has "
          + types
          + ". Correct the operator, or remove the rule.";
    }
    if (isPosition(criterion)) {
      return context.layerCount() == 0
          ? "The model has no layer that can be quantized: select nodes by name or operator."
          : "Select fewer layers.";
    }
    return "The model has " + types + ". Select nodes by name or operator, or remove the rule.";
  }

  private static boolean isPosition(LayerCriterion criterion) {
    return criterion instanceof LayerCriterion.Position
        || (criterion instanceof LayerCriterion.Any any
            && any.parts().stream().allMatch(LayerCriterion.Position.class::isInstance));
  }

  private static Set<String> operators(LayerCriterion criterion) {
    Set<String> wanted = new TreeSet<>();
    if (criterion instanceof LayerCriterion.OfType type) {
      wanted.add(type.opType());
    } else if (criterion instanceof LayerCriterion.Any any) {
      any.parts().forEach(p -> wanted.addAll(operators(p)));
    }
    return wanted;
  }

  private static List<String> nearest(String wanted, boolean wildcards, Collection<String> names) {
    record Scored(String name, int distance) {}
    return names.stream()
        .distinct()
        .map(n -> new Scored(n, Glob.distance(wanted, n, wildcards)))
        .sorted(Comparator.comparingInt(Scored::distance).thenComparing(Scored::name))
        .limit(SHOWN)
        .map(Scored::name)
        .toList();
  }

  private static String quoted(List<String> names) {
    return names.stream().map(n -> "'" + n + "'").collect(Collectors.joining(", "));
  }
}
