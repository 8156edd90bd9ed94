package io.inferc.rewrite.half;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The activation function behind a convolution that a kernel can compute as its epilogue: nodes
 * that read nothing but the convolution's result, constants, and each other. Runtimes move a
 * quantization before what only moves values, so it is looked for behind that, too.
 */
final class HalfEpilogue {
  private final HalfGraph graph;
  private final int convolution;
  // What follows from the convolution's result alone, and whether it went through more than a Relu.
  private final Map<String, Boolean> results = new HashMap<>();

  private HalfEpilogue(HalfGraph graph, int convolution) {
    this.graph = graph;
    this.convolution = convolution;
  }

  /**
   * Finds a convolution's function.
   *
   * @return the convolution and the nodes of the function, with those that move its result; empty
   *     if there is none but a Relu, or if no quantization follows it
   */
  static Set<Integer> of(HalfGraph graph, int convolution) {
    HalfEpilogue epilogue = new HalfEpilogue(graph, convolution);
    epilogue.follow();
    return epilogue.leadingToQuantization();
  }

  private void follow() {
    Deque<String> open = new ArrayDeque<>();
    String result = graph.nodes.get(convolution).outputs().get(0);
    results.put(result, false);
    open.add(result);
    while (!open.isEmpty()) {
      for (int reader : graph.readers(open.remove())) {
        boolean passes = graph.is(reader, HalfOperators.PASSING);
        if ((passes || graph.is(reader, HalfOperators.ACTIVATING)) && readsOnlyResults(reader)) {
          boolean bends = !passes && !graph.is(reader, "Relu");
          for (String input : graph.nodes.get(reader).inputs()) {
            bends |= results.getOrDefault(input, false);
          }
          for (String made : graph.nodes.get(reader).outputs()) {
            if (results.put(made, bends) == null) {
              open.add(made);
            }
          }
        }
      }
    }
  }

  private boolean readsOnlyResults(int node) {
    return graph.nodes.get(node).inputs().stream()
        .allMatch(i -> i.isEmpty() || results.containsKey(i) || graph.constant(i).isPresent());
  }

  private Set<Integer> leadingToQuantization() {
    Deque<String> open = new ArrayDeque<>();
    results.forEach(
        (tensor, bent) -> {
          if (bent && isQuantized(tensor)) {
            open.add(tensor);
          }
        });
    Set<Integer> found = new HashSet<>();
    while (!open.isEmpty()) {
      int producer = graph.producer(open.remove());
      if (found.add(producer) && producer != convolution) {
        graph.nodes.get(producer).inputs().stream().filter(results::containsKey).forEach(open::add);
      }
    }
    return found;
  }

  private boolean isQuantized(String tensor) {
    Deque<String> open = new ArrayDeque<>();
    Set<Integer> seen = new HashSet<>();
    open.add(tensor);
    while (!open.isEmpty()) {
      for (int reader : graph.readers(open.remove())) {
        if (graph.is(reader, "QuantizeLinear")) {
          return true;
        }
        if (graph.is(reader, HalfOperators.PASSING) && seen.add(reader)) {
          open.addAll(graph.nodes.get(reader).outputs());
        }
      }
    }
    return false;
  }
}
