package io.inferc.onnx;

import io.inferc.common.internal.Messages;

/** How problems say where they are. Each place is named in many of them, so long names are cut. */
final class Locations {
  private static final int LONGEST_NAME = 200;

  private Locations() {}

  static String of(Graph graph) {
    return "graph '" + cut(graph.name()) + "'";
  }

  static String of(Function function) {
    return "function '" + cut(function.domain()) + "." + cut(function.name()) + "'";
  }

  /** A node, by its place among the nodes of a graph or function. */
  static String of(String location, Node node, int index) {
    return location
        + " / node "
        + index
        + (node.name().isEmpty() ? "" : " '" + cut(node.name()) + "'")
        + " ("
        + cut(node.opType())
        + ")";
  }

  static String attribute(Attribute attribute) {
    return "attribute '" + cut(attribute.name()) + "'";
  }

  static String cut(String name) {
    return Messages.cut(name, LONGEST_NAME);
  }
}
