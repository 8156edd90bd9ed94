package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks for what is wrong with a model, graph by graph. */
final class ModelChecker {
  private static final String EXPORT = "Export the model again, or repair it with Graph.edit().";

  private final OnnxModel model;
  private final List<ModelProblem> problems = new ProblemList();

  private final ModelLimits limits;

  ModelChecker(OnnxModel model, ModelLimits limits) {
    this.model = model;
    this.limits = limits;
  }

  /** What can be seen without opening another file and without knowing operators. */
  List<ModelProblem> structure() {
    Map<String, Integer> opsets = model.opsets();
    if (opsets.isEmpty()) {
      error(
          "model",
          "opset_import",
          "The model imports no operator set, so no operator has a meaning.",
          "The file may be truncated: copy it or export the model again.");
    }
    if (model.irVersion() < 1) {
      error("model", "ir_version", "The model does not say its IR version.", EXPORT);
    } else if (model.irVersion() > OnnxModel.NEWEST_IR_VERSION) {
      problems.add(
          new ModelProblem(
              Severity.WARNING,
              "model",
              "ir_version",
              "The IR version is "
                  + model.irVersion()
                  + ", newer than "
                  + OnnxModel.NEWEST_IR_VERSION
                  + ", the newest this version of inferc knows.",
              "Export the model at an older IR version if something does not work."));
    }
    if (model.graph().outputs().isEmpty()) {
      error(Locations.of(model.graph()), "output", "The graph has no output.", EXPORT);
    }
    outputs(model.graph());
    new ImportCheck(model, problems).run();
    graph(Locations.of(model.graph()), model.graph(), Set.of(), opsets);
    for (Function f : model.functions()) {
      function(f);
    }
    new ReferenceCheck(model, problems).run();
    new SignatureCheck(model, problems).run();
    if (problems.stream().noneMatch(p -> p.severity() == Severity.ERROR)) {
      new ExpansionCheck(model, limits, problems).run();
      new LoopCheck(limits, problems).run(model);
    }
    if (problems.stream().noneMatch(p -> p.severity() == Severity.ERROR)) {
      new CallCheck(model, problems).run();
    }
    return problems;
  }

  /** Results are known by name; a body may return one twice, as its node numbers them. */
  private void outputs(Graph graph) {
    Set<String> names = new HashSet<>();
    for (ValueInfo output : graph.outputs()) {
      if (!names.add(output.name())) {
        error(
            Locations.of(graph),
            "output",
            "Two outputs are named '" + Locations.cut(output.name()) + "'.",
            EXPORT);
      }
    }
  }

  /** The structure, the operators and the files of external data. */
  List<ModelProblem> everything() {
    structure();
    new OperatorCheck(model, problems).run();
    new ConstantCheck(model, problems).files();
    return problems;
  }

  private void error(String location, String field, String message, String remedy) {
    problems.add(new ModelProblem(Severity.ERROR, location, field, message, remedy));
  }

  private void warning(String location, String field, String message, String remedy) {
    problems.add(new ModelProblem(Severity.WARNING, location, field, message, remedy));
  }

  private void graph(String location, Graph graph, Set<String> outer, Map<String, Integer> opsets) {
    Set<String> own = new HashSet<>();
    Set<String> inputs = new HashSet<>();
    for (ValueInfo input : graph.inputs()) {
      if (input.name().isEmpty()) {
        error(location, "input", "An input has no name.", EXPORT);
      } else if (!inputs.add(input.name())) {
        error(
            location,
            "input",
            "Two inputs are named '" + Locations.cut(input.name()) + "'.",
            EXPORT);
      }
    }
    own.addAll(inputs);
    ConstantCheck constants = new ConstantCheck(model, problems);
    Set<String> initializers = new HashSet<>();
    for (Initializer i : graph.initializers()) {
      if (i.name().isEmpty()) {
        error(location, "initializer", "A constant has no name.", EXPORT);
      } else if (!initializers.add(i.name())) {
        error(
            location,
            "initializer",
            "Two constants are named '" + Locations.cut(i.name()) + "'.",
            EXPORT);
      }
      constants.size(location, i);
    }
    own.addAll(initializers);
    for (SparseInitializer s : graph.sparseInitializers()) {
      if (initializers.contains(s.name()) || !own.add(s.name())) {
        error(
            location,
            "sparse_initializer",
            "Two constants are named '" + Locations.cut(s.name()) + "'.",
            EXPORT);
      }
      constants.size(location, s.values());
      constants.size(location, s.indices());
    }
    nodes(location, graph.nodes(), own, outer, opsets);
    for (ValueInfo output : graph.outputs()) {
      if (!own.contains(output.name()) && !outer.contains(output.name())) {
        error(
            location,
            "output",
            "The output '"
                + Locations.cut(output.name())
                + "' is made by no node, input or constant.",
            EXPORT);
      }
    }
  }

  private void nodes(
      String location,
      List<Node> nodes,
      Set<String> own,
      Set<String> outer,
      Map<String, Integer> opsets) {
    Set<String> made = new HashSet<>(own);
    for (int i = 0; i < nodes.size(); i++) {
      duplicates(Locations.of(location, nodes.get(i), i), nodes.get(i), made, outer);
    }
    boolean misplaced = false;
    Set<String> names = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String here = Locations.of(location, node, i);
      if (node.opType().isEmpty()) {
        error(here, "op_type", "The node names no operator.", EXPORT);
      } else if (!opsets.containsKey(node.domain()) && !opsets.isEmpty()) {
        error(
            here,
            "domain",
            "The node is of the domain '"
                + (node.domain().isEmpty() ? "ai.onnx" : Locations.cut(node.domain()))
                + "', of which the model imports no operator set; it imports "
                + Locations.cut(opsets.toString())
                + ".",
            "Add an opset_import for it.");
      }
      if (!node.name().isEmpty() && !names.add(node.name())) {
        warning(
            here,
            "name",
            "Another node of the graph has the same name.",
            "Give each node a name of its own, so that messages and options can tell them apart.");
      }
      misplaced |= reads(here, node, own, made, outer);
      Set<String> visible = node.hasSubgraphs() ? union(own, outer) : Set.of();
      Set<String> attributes = new HashSet<>();
      for (Attribute a : node.attributes()) {
        if (!attributes.add(a.name())) {
          error(here, Locations.attribute(a), "The node has this attribute twice.", EXPORT);
        }
        attribute(here, a);
        for (Graph sub : a.graphs()) {
          graph(here + " / " + Locations.attribute(a), sub, visible, opsets);
        }
      }
      own.addAll(node.outputs());
    }
    if (misplaced) {
      cycle(location, nodes);
    }
  }

  private void duplicates(String here, Node node, Set<String> made, Set<String> outer) {
    for (int o = 0; o < node.outputs().size(); o++) {
      String output = node.outputs().get(o);
      if (output.isEmpty()) {
        continue;
      }
      if (!made.add(output)) {
        error(
            here,
            "output[" + o + "]",
            "The tensor '"
                + Locations.cut(output)
                + "' is made a second time; each name may be made once.",
            EXPORT);
      } else if (outer.contains(output)) {
        warning(
            here,
            "output[" + o + "]",
            "The tensor '" + Locations.cut(output) + "' hides one of the graph around it.",
            "Rename it: some runtimes refuse this.");
      }
    }
  }

  /** Checks that what a node reads is there; true if it is made only later. */
  private boolean reads(
      String here, Node node, Set<String> before, Set<String> made, Set<String> outer) {
    boolean misplaced = false;
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      if (input.isEmpty() || before.contains(input) || outer.contains(input)) {
        continue;
      }
      if (made.contains(input)) {
        misplaced = true;
      } else {
        error(
            here,
            "input[" + i + "]",
            "It reads '" + Locations.cut(input) + "', which no node, input or constant makes.",
            EXPORT);
      }
    }
    return misplaced;
  }

  private void cycle(String location, List<Node> nodes) {
    try {
      TopologicalOrder.sort(nodes);
      error(
          location,
          "node",
          "The nodes are not in topological order: one reads what a later one makes.",
          "Load it with OnnxModel.loadUnchecked and sort it with graph.edit().build().");
    } catch (ModelFormatException e) {
      error(location, "node", e.problem(), e.remedy());
    }
  }

  private void attribute(String here, Attribute a) {
    boolean reference = !a.proto().getRefAttrName().isEmpty();
    if (a.name().isEmpty()) {
      error(here, "attribute", "An attribute has no name.", EXPORT);
    } else if (!reference && !AttributeValues.agree(a.proto())) {
      error(
          here,
          Locations.attribute(a),
          "Its type is " + a.kind() + ", but it holds no value of that type, or others too.",
          EXPORT);
    } else if (a.graphs().isEmpty()) {
      ConstantCheck constants = new ConstantCheck(model, problems);
      TensorProtos.attribute(
          a.proto(),
          t -> {
            constants.size(here, new Initializer(t, a.files()));
            return t;
          });
    }
  }

  private void function(Function f) {
    String location = Locations.of(f);
    Set<String> own = new HashSet<>(f.inputs());
    nodes(location, f.nodes(), own, Set.of(), f.opsets());
    for (String output : f.outputs()) {
      if (!own.contains(output)) {
        error(
            location,
            "output",
            "The output '" + Locations.cut(output) + "' is made by no node.",
            EXPORT);
      }
    }
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }
}
