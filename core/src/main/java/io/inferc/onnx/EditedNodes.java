package io.inferc.onnx;

import org.jspecify.annotations.Nullable;

/**
 * The index of the nodes under an editor, and whose it is: a graph lends it, and gets it back if
 * nothing changed; else the graph that is built has it, and further edits make another one.
 */
final class EditedNodes {
  private final Graph source;
  // None after it was handed over or given back.
  private @Nullable NodeList list;
  private @Nullable Graph built;
  private boolean changed;

  EditedNodes(Graph graph) {
    source = graph;
    list = graph.takeIndex();
  }

  NodeList toRead() {
    NodeList nodes = list;
    if (nodes == null) {
      nodes = built == null ? source.takeIndex() : new NodeList(built.nodes(), true);
      list = nodes;
    }
    return nodes;
  }

  NodeList toChange() {
    changed = true;
    return toRead();
  }

  /** Leaves the index to the graph built from it, which keeps it if the nodes were in order. */
  void handOver(Graph graph, boolean inOrder) {
    graph.keepOrder(inOrder ? toRead() : null);
    built = graph;
    list = null;
    changed = true;
  }

  void giveBack() {
    if (list != null && !changed) {
      source.returnIndex(list);
      list = null;
    }
  }
}
