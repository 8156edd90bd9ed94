package io.inferc.rewrite.internal;

import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.ArrayList;
import java.util.List;

/** Finds the graphs that are not the main one: those inside of nodes, and of functions. */
public final class InnerGraphs {
  private InnerGraphs() {}

  /** Returns the graphs inside the nodes of a graph, at any depth. */
  public static List<Graph> of(Graph graph) {
    List<Graph> inner = new ArrayList<>();
    collect(graph.nodes(), inner);
    return inner;
  }

  /** Returns every node of the graphs inside the nodes of the main graph. */
  public static List<Node> nodes(OnnxModel model) {
    return of(model.graph()).stream().flatMap(g -> g.nodes().stream()).toList();
  }

  /** Returns every node of the functions that a model defines. */
  public static List<Node> nodesOfFunctions(OnnxModel model) {
    List<Node> nodes = new ArrayList<>();
    for (Function function : model.functions()) {
      nodes.addAll(function.nodes());
      List<Graph> inner = new ArrayList<>();
      collect(function.nodes(), inner);
      inner.forEach(g -> nodes.addAll(g.nodes()));
    }
    return nodes;
  }

  private static void collect(List<Node> nodes, List<Graph> inner) {
    for (Node node : nodes) {
      for (Graph graph : node.subgraphs()) {
        inner.add(graph);
        collect(graph.nodes(), inner);
      }
    }
  }
}
