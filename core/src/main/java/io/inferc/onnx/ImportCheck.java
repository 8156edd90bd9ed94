package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at what a model imports and defines: operator sets and functions. */
final class ImportCheck {
  private static final String EXPORT = "Export the model again.";

  private final OnnxModel model;
  private final List<ModelProblem> problems;

  ImportCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
  }

  void run() {
    opsets("model", model.rest().getOpsetImportList());
    Map<String, Function> functions = new HashMap<>();
    for (Function f : model.functions()) {
      opsets(location(f), f.proto().getOpsetImportList());
      if (f.opsets().isEmpty() && !f.nodes().isEmpty()) {
        error(location(f), "opset_import", "The function imports no operator set.");
      }
      if (functions.putIfAbsent(key(f.domain(), f.name(), f.overload()), f) != null) {
        error(location(f), "name", "A second function has the same domain, name and overload.");
      }
      if (new HashSet<>(f.inputs()).size() != f.inputs().size()) {
        error(location(f), "input", "Two inputs have the same name.");
      }
    }
    recursion(
        functions.values().stream()
            .collect(Collectors.groupingBy(f -> key(f.domain(), f.name(), ""))));
  }

  private void opsets(String location, List<OperatorSetIdProto> imports) {
    Map<String, Long> seen = new HashMap<>();
    for (OperatorSetIdProto i : imports) {
      String domain = Entries.domain(i.getDomain());
      Long before = seen.putIfAbsent(domain, i.getVersion());
      String named = domain.isEmpty() ? "ai.onnx" : Locations.cut(domain);
      if (before != null && before != i.getVersion()) {
        error(
            location,
            "opset_import",
            "The domain '"
                + named
                + "' is imported in versions "
                + before
                + " and "
                + i.getVersion()
                + ".");
      }
      if (i.getVersion() < 1 || i.getVersion() > Integer.MAX_VALUE) {
        error(
            location,
            "opset_import",
            "The domain '"
                + named
                + "' is imported in version "
                + i.getVersion()
                + "; versions start at 1.");
      } else if (i.getVersion() > newest(domain)) {
        error(
            location,
            "opset_import",
            "The domain '"
                + named
                + "' is imported in version "
                + i.getVersion()
                + ", and the newest that inferc knows is "
                + newest(domain)
                + ".");
      }
    }
  }

  /** Those of other domains are their owners' matter. */
  private static long newest(String domain) {
    return switch (domain) {
      case "" -> OperatorTable.NEWEST_OPSET;
      case "ai.onnx.ml" -> OperatorTable.NEWEST_ML_OPSET;
      default -> Integer.MAX_VALUE;
    };
  }

  private record Visit(String function, Iterator<String> calls) {}

  /**
   * Depth first without recursion, as chains of calls may be long. Overloads count as one function:
   * runtimes that go by names alone never end where one calls another.
   */
  private void recursion(Map<String, List<Function>> functions) {
    Set<String> done = new HashSet<>();
    for (String start : functions.keySet().stream().sorted().toList()) {
      Deque<Visit> stack = new ArrayDeque<>();
      Set<String> open = new HashSet<>();
      push(start, functions, done, open, stack);
      while (!stack.isEmpty()) {
        Visit visit = stack.peek();
        if (!visit.calls().hasNext()) {
          open.remove(visit.function());
          stack.pop();
          continue;
        }
        String callee = visit.calls().next();
        List<Function> called = functions.get(callee);
        if (called != null && open.contains(callee)) {
          error(
              location(called.get(0)),
              "node",
              called.size() == 1
                  ? "The function calls itself, directly or through others."
                  : "An overload of the function calls one, directly or through others, which"
                      + " runtimes that go by names alone take for a call of itself.");
        } else if (called != null) {
          push(callee, functions, done, open, stack);
        }
      }
    }
  }

  private static void push(
      String name,
      Map<String, List<Function>> functions,
      Set<String> done,
      Set<String> open,
      Deque<Visit> stack) {
    List<Function> overloads = functions.get(name);
    if (overloads != null && done.add(name)) {
      Set<String> calls = new HashSet<>();
      overloads.forEach(f -> f.nodes().forEach(n -> collectCalls(n, calls)));
      open.add(name);
      stack.push(new Visit(name, calls.iterator()));
    }
  }

  private static void collectCalls(Node node, Set<String> calls) {
    calls.add(key(node.domain(), node.opType(), ""));
    node.subgraphs().forEach(g -> g.nodes().forEach(n -> collectCalls(n, calls)));
  }

  static String key(String domain, String name, String overload) {
    return domain + "\n" + name + "\n" + overload;
  }

  private static String location(Function f) {
    return Locations.of(f);
  }

  private void error(String location, String field, String message) {
    problems.add(new ModelProblem(Severity.ERROR, location, field, message, EXPORT));
  }
}
