package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the nodes of functions to what each call gives them. The model must be within the limits of
 * an {@link ExpansionCheck}, and its attributes of the right kinds.
 */
final class CallCheck {
  private final OnnxModel model;
  private final List<ModelProblem> problems;
  private final Map<String, Function> functions = new HashMap<>();
  private final Map<String, List<Node>> nodes = new HashMap<>();

  CallCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
    for (Function f : model.functions()) {
      functions.put(key(f.domain(), f.name(), f.overload()), f);
      nodes.put(key(f.domain(), f.name(), f.overload()), f.nodes());
    }
  }

  void run() {
    if (!functions.isEmpty()) {
      graph(Locations.of(model.graph()), model.graph(), null, false);
    }
  }

  private void graph(
      String location, Graph graph, @Nullable KnownTensors around, boolean inFunction) {
    nodes(location, graph.nodes(), KnownTensors.of(graph, around), inFunction);
  }

  private void nodes(String location, List<Node> listed, KnownTensors known, boolean inFunction) {
    AttributeRules rules = new AttributeRules(known);
    for (int i = 0; i < listed.size(); i++) {
      Node node = listed.get(i);
      String key = key(node.domain(), node.opType(), node.overload());
      Function called = functions.get(key);
      if (called != null) {
        nodes(
            Locations.of(called),
            nodes.getOrDefault(key, List.of()),
            KnownTensors.of(called, node, known),
            true);
      } else if (inFunction && node.domain().isEmpty()) {
        String here = Locations.of(location, node, i);
        rules.objection(node).ifPresent(o -> error(here, o));
      }
      for (Graph body : node.subgraphs()) {
        graph(location, body, known, inFunction);
      }
    }
  }

  private void error(String here, AttributeRules.Objection objection) {
    problems.add(
        new ModelProblem(
            Severity.ERROR,
            here,
            "attribute '" + objection.attribute() + "'",
            objection.text() + " A call of the function gives the other arguments.",
            "Export the model again."));
  }

  private static String key(String domain, String name, String overload) {
    return ImportCheck.key(domain, name, overload);
  }
}
