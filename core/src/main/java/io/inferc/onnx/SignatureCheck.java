package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds nodes of the standard domains, and calls of the model's functions, to what these take and
 * return. Operators that nobody here knows are left to the runtime, which may have some of its own.
 */
final class SignatureCheck {
  private static final String EXPORT =
      "Export the model again, or repair the node with Graph.edit().";

  private final OnnxModel model;
  private final List<ModelProblem> problems;
  private final OperatorSignatures signatures = new OperatorSignatures();
  private final Map<String, Map<String, Function>> functions = new HashMap<>();

  SignatureCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
    for (Function f : model.functions()) {
      functions
          .computeIfAbsent(f.domain() + "/" + f.name(), k -> new HashMap<>())
          .putIfAbsent(f.overload(), f);
    }
  }

  void run() {
    graph(Locations.of(model.graph()), model.graph(), model.opsets(), null);
    for (Function f : model.functions()) {
      nodes(Locations.of(f), f.nodes(), f.opsets(), KnownTensors.of(f));
    }
  }

  private void graph(
      String location, Graph graph, Map<String, Integer> opsets, @Nullable KnownTensors around) {
    nodes(location, graph.nodes(), opsets, KnownTensors.of(graph, around));
  }

  private void nodes(
      String location, List<Node> nodes, Map<String, Integer> opsets, KnownTensors known) {
    AttributeRules rules = new AttributeRules(known);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String here = Locations.of(location, node, i);
      Map<String, Function> overloads = functions.get(node.domain() + "/" + node.opType());
      if (overloads != null) {
        call(here, node, overloads);
      } else if (!node.overload().isEmpty()) {
        error(
            here,
            "overload",
            "It calls the overload '"
                + node.overload()
                + "' of a function that the model does not define.");
      } else if (node.domain().isEmpty() || node.domain().equals("ai.onnx.ml")) {
        standard(here, node, opsets.getOrDefault(node.domain(), 0), rules);
      }
      for (Graph sub : node.subgraphs()) {
        graph(here + " / " + Locations.of(sub), sub, opsets, known);
      }
    }
  }

  private void call(String here, Node node, Map<String, Function> overloads) {
    Function f = overloads.get(node.overload());
    if (f == null) {
      error(
          here,
          "overload",
          "It calls the overload '"
              + node.overload()
              + "' of a function of which the model defines "
              + new TreeSet<>(overloads.keySet())
              + ".");
      return;
    }
    if (node.inputs().size() > f.inputs().size()) {
      count(here, "input", node.inputs().size(), "at most " + f.inputs().size());
    }
    if (node.outputs().size() > f.outputs().size()) {
      count(here, "output", node.outputs().size(), "at most " + f.outputs().size());
    }
  }

  private void standard(String here, Node node, int opset, AttributeRules rules) {
    if (node.domain().isEmpty() && opset > OperatorSignatures.NEWEST_OPSET) {
      return;
    }
    Optional<OperatorSignatures.Signature> known =
        signatures.find(node.domain(), node.opType(), opset);
    if (known.isEmpty()) {
      return;
    }
    int before = problems.size();
    tensors(here, "input", node.inputs(), known.get().inputs());
    tensors(here, "output", node.outputs(), known.get().outputs());
    attributes(here, node, opset, known.get());
    if (problems.size() == before && node.domain().isEmpty()) {
      rules
          .objection(node)
          .or(() -> BodyRules.objection(node, opset))
          .ifPresent(o -> error(here, "attribute '" + o.attribute() + "'", o.text()));
    }
  }

  private void tensors(
      String here, String field, List<String> names, OperatorSignatures.Arity arity) {
    if (!arity.allows(names.size())) {
      count(here, field, names.size(), arity.toString());
      return;
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty() && arity.mustBeNamed(i)) {
        error(
            here, field + "[" + i + "]", "It is left out, which the operator does not allow here.");
      }
    }
  }

  private void count(String here, String field, int found, String expected) {
    error(
        here,
        field,
        "The node has " + found + " " + field + "s, and its operator takes " + expected + ".");
  }

  private void attributes(
      String here, Node node, int opset, OperatorSignatures.Signature signature) {
    for (Attribute a : node.attributes()) {
      String field = Locations.attribute(a);
      String kind = signature.attributes().get(a.name());
      // Runtimes keep notes of their own under such names.
      if (kind == null && !a.name().startsWith("__")) {
        error(
            here,
            field,
            "The operator has no such attribute at opset "
                + opset
                + "; it has "
                + new TreeSet<>(signature.attributes().keySet())
                + ".");
      } else if (kind != null
          && a.kind() != Attribute.Kind.UNDEFINED
          && !a.kind().name().equals(kind)) {
        error(here, field, "Its type is " + a.kind() + ", and the operator expects " + kind + ".");
      }
    }
    for (String name : new TreeSet<>(signature.required())) {
      if (node.attribute(name).isEmpty()) {
        error(
            here,
            "attribute '" + name + "'",
            "The node does not have it, and its operator needs it, as "
                + signature.attributes().get(name)
                + ".");
      }
    }
  }

  private void error(String here, String field, String message) {
    problems.add(new ModelProblem(Severity.ERROR, here, field, message, EXPORT));
  }
}
