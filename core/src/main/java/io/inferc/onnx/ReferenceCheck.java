package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks for attributes that take their values from parameters of a function that are not there. */
final class ReferenceCheck {
  private final OnnxModel model;
  private final List<ModelProblem> problems;

  ReferenceCheck(OnnxModel model, List<ModelProblem> problems) {
    this.model = model;
    this.problems = problems;
  }

  void run() {
    String main = Locations.of(model.graph());
    nodes(main, model.graph().nodes(), Set.of(), "a graph has no parameters, a function has");
    for (Function f : model.functions()) {
      Set<String> parameters = new TreeSet<>(f.proto().getAttributeList());
      f.proto().getAttributeProtoList().forEach(a -> parameters.add(a.getName()));
      nodes(
          Locations.of(f),
          f.nodes(),
          parameters,
          "the function has the parameters " + Locations.cut(parameters.toString()));
    }
  }

  private void nodes(String location, List<Node> nodes, Set<String> parameters, String there) {
    for (int i = 0; i < nodes.size(); i++) {
      String here = Locations.of(location, nodes.get(i), i);
      for (Attribute a : nodes.get(i).attributes()) {
        attribute(here, a, parameters, there);
        for (Graph body : a.graphs()) {
          nodes(here + " / " + Locations.attribute(a), body.nodes(), parameters, there);
        }
      }
    }
  }

  private void attribute(String here, Attribute a, Set<String> parameters, String there) {
    String parameter = a.proto().getRefAttrName();
    if (parameter.isEmpty()) {
      return;
    }
    if (!parameters.contains(parameter)) {
      error(
          here,
          a,
          "Its value is that of the parameter '"
              + Locations.cut(parameter)
              + "', but "
              + there
              + ".");
    } else if (a.kind() == Attribute.Kind.UNDEFINED) {
      error(
          here,
          a,
          "Its value is that of the parameter '"
              + Locations.cut(parameter)
              + "', and it does not say of which type.");
    }
  }

  private void error(String here, Attribute a, String message) {
    problems.add(
        new ModelProblem(
            Severity.ERROR,
            here,
            Locations.attribute(a),
            message,
            "Export the model again, or repair the node with Graph.edit()."));
  }
}
