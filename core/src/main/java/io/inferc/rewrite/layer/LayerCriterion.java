package io.inferc.rewrite.layer;

import io.inferc.onnx.Node;
import java.util.List;
import java.util.Locale;

/** What a {@link LayerSelector} consists of. */
sealed interface LayerCriterion {
  /** Tells whether a node is meant. */
  boolean matches(Node node, LayerContext context);

  /** Says in words which nodes are meant. */
  String describe();

  /** Nodes of one name, or whose names fit a pattern. */
  record Named(String pattern, boolean exact) implements LayerCriterion {
    @Override
    public boolean matches(Node node, LayerContext context) {
      return exact ? node.name().equals(pattern) : Glob.matches(pattern, node.name());
    }

    @Override
    public String describe() {
      return exact || !Glob.isPattern(pattern)
          ? "the node '" + pattern + "'"
          : "nodes named '" + pattern + "'";
    }
  }

  /** Nodes of one operator of any domain. */
  record OfType(String opType) implements LayerCriterion {
    @Override
    public boolean matches(Node node, LayerContext context) {
      return node.opType().equals(opType);
    }

    @Override
    public String describe() {
      return "all " + opType;
    }
  }

  /** The first or last so many quantizable layers. */
  record Position(int count, boolean atEnd) implements LayerCriterion {
    @Override
    public boolean matches(Node node, LayerContext context) {
      int position = context.position(node.name());
      return position >= 0 && (atEnd ? position >= context.layerCount() - count : position < count);
    }

    @Override
    public String describe() {
      String end = atEnd ? "last" : "first";
      return count == 1 ? "the " + end + " layer" : "the " + end + " " + count + " layers";
    }
  }

  /** The nodes of recognised blocks. */
  record InBlock(Block block) implements LayerCriterion {
    @Override
    public boolean matches(Node node, LayerContext context) {
      return context.isIn(block, node.name());
    }

    @Override
    public String describe() {
      return "all " + block.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Nodes that every part means. */
  record All(List<LayerCriterion> parts) implements LayerCriterion {
    public All {
      parts = List.copyOf(parts);
    }

    @Override
    public boolean matches(Node node, LayerContext context) {
      return parts.stream().allMatch(p -> p.matches(node, context));
    }

    @Override
    public String describe() {
      return join(parts, " that are also ");
    }
  }

  /** Nodes that any part means. */
  record Any(List<LayerCriterion> parts) implements LayerCriterion {
    public Any {
      parts = List.copyOf(parts);
    }

    @Override
    public boolean matches(Node node, LayerContext context) {
      return parts.stream().anyMatch(p -> p.matches(node, context));
    }

    @Override
    public String describe() {
      return join(parts, " and ");
    }
  }

  /** Nodes that the other does not mean. */
  record Not(LayerCriterion other) implements LayerCriterion {
    @Override
    public boolean matches(Node node, LayerContext context) {
      return !other.matches(node, context);
    }

    @Override
    public String describe() {
      return "all but " + nested(other);
    }
  }

  private static String join(List<LayerCriterion> parts, String word) {
    return String.join(word, parts.stream().map(LayerCriterion::nested).toList());
  }

  private static String nested(LayerCriterion part) {
    boolean several =
        (part instanceof All a && a.parts().size() > 1)
            || (part instanceof Any o && o.parts().size() > 1)
            || part instanceof Not;
    return several ? "(" + part.describe() + ")" : part.describe();
  }
}
