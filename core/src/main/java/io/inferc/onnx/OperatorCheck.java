package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks for operators that the imported sets do not have. */
final class OperatorCheck {
  private final OnnxModel model;
  private final List<ModelProblem> problems;
  private final OperatorTable table = new OperatorTable();
  private final Set<String> functions = new HashSet<>();

  OperatorCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
    model.functions().forEach(f -> functions.add(f.domain() + "/" + f.name()));
  }

  void run() {
    nodes(Locations.of(model.graph()), model.graph().nodes(), model.opsets());
    for (Function f : model.functions()) {
      nodes(Locations.of(f), f.nodes(), f.opsets());
    }
  }

  private void nodes(String location, List<Node> nodes, Map<String, Integer> opsets) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String here = Locations.of(location, node, i);
      Integer opset = opsets.get(node.domain());
      if (opset != null
          && !functions.contains(node.domain() + "/" + node.opType())
          && (!node.domain().isEmpty() || opset <= OperatorTable.NEWEST_OPSET)) {
        Optional<String> objection = table.objection(node.domain(), node.opType(), opset);
        objection.ifPresent(
            o ->
                problems.add(
                    new ModelProblem(
                        Severity.ERROR,
                        here,
                        "op_type",
                        o,
                        "Correct the name, set the domain of a custom operator, or upgrade the"
                            + " opset.")));
      }
      for (Graph sub : node.subgraphs()) {
        nodes(here + " / " + Locations.of(sub), sub.nodes(), opsets);
      }
    }
  }
}
