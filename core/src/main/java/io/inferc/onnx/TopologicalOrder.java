package io.inferc.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Sorts nodes so that each comes after those whose outputs it reads. */
final class TopologicalOrder {
  private TopologicalOrder() {}

  private static final int UNSEEN = 0;
  private static final int OPEN = 1;
  private static final int DONE = 2;

  private record Visit(int node, Iterator<String> reads) {}

  /** Depth first without recursion; nodes already in order keep their order. */
  static List<Node> sort(List<Node> nodes) {
    Map<String, Integer> producers = new HashMap<>(nodes.size() * 2);
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        if (!output.isEmpty()) {
          producers.put(output, i);
        }
      }
    }
    if (isSorted(nodes, producers)) {
      return nodes;
    }
    int[] state = new int[nodes.size()];
    List<Node> sorted = new ArrayList<>(nodes.size());
    Deque<Visit> stack = new ArrayDeque<>();
    for (int start = 0; start < nodes.size(); start++) {
      if (state[start] != UNSEEN) {
        continue;
      }
      open(start, nodes, state, stack);
      while (!stack.isEmpty()) {
        Visit visit = stack.peek();
        if (!visit.reads().hasNext()) {
          stack.pop();
          state[visit.node()] = DONE;
          sorted.add(nodes.get(visit.node()));
          continue;
        }
        Integer producer = producers.get(visit.reads().next());
        if (producer != null && state[producer] == OPEN) {
          throw cycle(producer, stack, nodes);
        }
        if (producer != null && state[producer] == UNSEEN) {
          open(producer, nodes, state, stack);
        }
      }
    }
    return sorted;
  }

  private static boolean isSorted(List<Node> nodes, Map<String, Integer> producers) {
    for (int i = 0; i < nodes.size(); i++) {
      for (String read : nodes.get(i).readsWithRepeats()) {
        Integer producer = producers.get(read);
        if (producer != null && producer >= i) {
          return false;
        }
      }
    }
    return true;
  }

  private static void open(int node, List<Node> nodes, int[] state, Deque<Visit> stack) {
    state[node] = OPEN;
    stack.push(new Visit(node, nodes.get(node).readsWithRepeats().iterator()));
  }

  private static ModelFormatException cycle(int at, Deque<Visit> stack, List<Node> nodes) {
    List<String> path = new ArrayList<>();
    for (Visit v : stack) {
      Node n = nodes.get(v.node());
      path.add(n.name().isEmpty() ? n.opType() + " -> " + n.outputs() : "'" + n.name() + "'");
      if (v.node() == at) {
        break;
      }
    }
    return new ModelFormatException(
        "Tried to order the nodes of a graph, but they form a cycle: each of "
            + path
            + " reads what the next one makes.",
        "A graph must have no cycles; use Loop or Scan for iteration, or export the model again.");
  }
}
