package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a model becomes when its functions are put in place of their calls, without doing so.
 * Functions must not call themselves.
 */
final class ExpansionCheck {
  // What it costs ONNX Runtime to put a function in its place, in nodes of that function.
  private static final int CALL = 10;

  private final OnnxModel model;
  private final ModelLimits limits;
  private final List<ModelProblem> problems;
  private final Map<String, Function> functions = new HashMap<>();
  private final Map<String, Size> sizes = new HashMap<>();

  /** How large some nodes are with all that they call. */
  private record Size(long nodes, int calls, int graphs) {}

  ExpansionCheck(OnnxModel model, ModelLimits limits, List<ModelProblem> problems) {
    this.model = model;
    this.limits = limits;
    this.problems = problems;
    model.functions().forEach(f -> functions.putIfAbsent(key(f), f));
  }

  void run() {
    for (Function f : functions.values()) {
      measure(f);
    }
    Size whole = size(model.graph().nodes());
    over("graphs that lie in each other", whole.graphs(), limits.graphDepth(), "withGraphDepth");
    int calls = functions.isEmpty() ? 0 : whole.calls();
    for (Size s : sizes.values()) {
      calls = Math.max(calls, s.calls() + 1);
    }
    over("functions that call each other", calls, limits.functionDepth(), "withFunctionDepth");
    over(
        "nodes of functions, those counted for each call and " + CALL + " more for the call itself",
        // What is no call does not become larger than its file.
        whole.nodes() - plain(model.graph().nodes()),
        limits.expandedNodes(),
        "withExpandedNodes");
  }

  private void over(String what, long found, long limit, String option) {
    if (found > limit) {
      problems.add(
          new ModelProblem(
              Severity.ERROR,
              Locations.of(model.graph()),
              "node",
              "The model has "
                  + (found > 1L << 62 ? "more than 2^62" : found)
                  + " "
                  + what
                  + ", and the limit is "
                  + limit
                  + ".",
              "If you trust the model, set larger limits where it is loaded or compiled:"
                  + " OnnxModel.load(path, ModelLimits.defaults()."
                  + option
                  + "(…))."));
    }
  }

  /** Measures what a function calls before itself, without recursion, as chains may be long. */
  private void measure(Function start) {
    Deque<Function> open = new ArrayDeque<>(List.of(start));
    Set<String> entered = new HashSet<>();
    while (!open.isEmpty()) {
      Function f = open.peek();
      if (entered.add(key(f))) {
        for (Node call : calls(f.nodes())) {
          Function called = functions.get(key(call));
          if (called != null && !sizes.containsKey(key(call)) && !entered.contains(key(call))) {
            open.push(called);
          }
        }
      } else {
        open.pop();
        sizes.computeIfAbsent(key(f), k -> size(f.nodes()));
      }
    }
  }

  private List<Node> calls(List<Node> nodes) {
    List<Node> found = new ArrayList<>();
    for (Node node : nodes) {
      if (functions.containsKey(key(node))) {
        found.add(node);
      }
      node.subgraphs().forEach(g -> found.addAll(calls(g.nodes())));
    }
    return found;
  }

  private long plain(List<Node> nodes) {
    long count = 0;
    for (Node node : nodes) {
      count += functions.containsKey(key(node)) ? 0 : 1;
      for (Graph g : node.subgraphs()) {
        count += plain(g.nodes());
      }
    }
    return count;
  }

  private Size size(List<Node> nodes) {
    long count = 0;
    int calls = 0;
    int graphs = 0;
    for (Node node : nodes) {
      @Nullable Size called = sizes.get(key(node));
      count = sum(count, called == null ? 1 : sum(CALL, called.nodes()));
      if (called != null) {
        calls = Math.max(calls, called.calls() + 1);
        graphs = Math.max(graphs, called.graphs() - 1);
      }
      for (Graph g : node.subgraphs()) {
        Size inner = size(g.nodes());
        count = sum(count, inner.nodes());
        calls = Math.max(calls, inner.calls());
        graphs = Math.max(graphs, inner.graphs());
      }
    }
    return new Size(count, calls, graphs + 1);
  }

  private static long sum(long a, long b) {
    return a > (1L << 62) - b || b > 1L << 62 ? Long.MAX_VALUE : a + b;
  }

  private static String key(Function f) {
    return ImportCheck.key(f.domain(), f.name(), f.overload());
  }

  private static String key(Node n) {
    return ImportCheck.key(n.domain(), n.opType(), n.overload());
  }
}
