package io.inferc.onnx;

import io.inferc.onnx.ModelProblem.Severity;
import io.inferc.tensor.DataType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts the steps of loops that can neither end early nor depend on data: their trip count is a
 * constant or missing, and the condition that their body returns never becomes false. A number of a
 * few bytes can keep a processor busy for years.
 */
final class LoopCheck {
  private static final long ENDLESS = Long.MAX_VALUE;

  private final long limit;
  private final List<ModelProblem> problems;

  LoopCheck(ModelLimits limits, List<ModelProblem> problems) {
    this.limit = limits.loopSteps();
    this.problems = problems;
  }

  void run(OnnxModel model) {
    graph(Locations.of(model.graph()), model.graph(), Map.of(), 1);
    for (Function f : model.functions()) {
      nodes(Locations.of(f), f.nodes(), new HashMap<>(), 1);
    }
  }

  private void graph(
      String location, Graph graph, Map<String, Initializer> outer, long stepsAround) {
    Map<String, Initializer> constants = new HashMap<>(outer);
    graph.initializers().stream()
        .filter(LoopCheck::isScalar)
        .forEach(c -> constants.put(c.name(), c));
    // An input may get another value than the constant of its name.
    graph.inputs().forEach(input -> constants.remove(input.name()));
    nodes(location, graph.nodes(), constants, stepsAround);
  }

  private void nodes(
      String location, List<Node> nodes, Map<String, Initializer> constants, long stepsAround) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      node.outputs().forEach(constants::remove);
      constantOf(node)
          .or(() -> passedOn(node).map(constants::get))
          .ifPresent(c -> constants.put(node.outputs().get(0), c));
      if (!node.hasSubgraphs()) {
        continue;
      }
      String here = Locations.of(location, node, i);
      long steps = product(stepsAround, steps(node, constants));
      if (steps > limit) {
        problems.add(tooMany(here, steps));
        continue;
      }
      for (Attribute a : node.attributes()) {
        for (Graph body : a.graphs()) {
          graph(here + " / attribute '" + a.name() + "'", body, constants, steps);
        }
      }
    }
  }

  private ModelProblem tooMany(String here, long steps) {
    return new ModelProblem(
        Severity.ERROR,
        here,
        "input[0]",
        "The loop "
            + (steps == ENDLESS
                ? "never ends"
                : "takes " + steps + " steps, those of the loops around it counted")
            + ": its trip count is constant, and its condition never becomes false; the limit is "
            + limit
            + " steps.",
        "If you trust the model, set larger limits where it is loaded or compiled:"
            + " OnnxModel.load(path, ModelLimits.defaults().withLoopSteps(…)).");
  }

  /** How often a node's body is certain to run; 1 where that is unknown. */
  private static long steps(Node node, Map<String, Initializer> constants) {
    Optional<Graph> body =
        node.opType().equals("Loop") && node.domain().isEmpty()
            ? node.subgraphs().stream().findFirst()
            : Optional.empty();
    if (body.isEmpty() || !isForever(body.get(), constants) || startsFalse(node, constants)) {
      return 1;
    }
    Optional<String> count = node.input(0);
    if (count.isEmpty()) {
      return ENDLESS;
    }
    return value(constants.get(count.get())).map(n -> Math.max(1, n)).orElse(1L);
  }

  private static boolean startsFalse(Node loop, Map<String, Initializer> constants) {
    return loop.input(1).flatMap(c -> value(constants.get(c))).filter(v -> v == 0).isPresent();
  }

  /** Whether the condition that a body returns is the one it got, or always true. */
  private static boolean isForever(Graph body, Map<String, Initializer> outer) {
    if (body.inputs().size() < 2 || body.outputs().isEmpty()) {
      return false;
    }
    String condition = body.outputs().get(0).name();
    Map<String, Node> makers = new HashMap<>();
    body.nodes().forEach(n -> n.outputs().forEach(o -> makers.put(o, n)));
    @Nullable Node maker = makers.remove(condition);
    while (maker != null && passedOn(maker).isPresent()) {
      condition = passedOn(maker).get();
      maker = makers.remove(condition);
    }
    if (condition.equals(body.inputs().get(1).name())) {
      return true;
    }
    String last = condition;
    Optional<Initializer> constant =
        maker != null
            ? constantOf(maker)
            : body.initializers().stream()
                .filter(c -> c.name().equals(last))
                .findFirst()
                .or(() -> Optional.ofNullable(outer.get(last)));
    return constant.flatMap(LoopCheck::value).filter(v -> v != 0).isPresent();
  }

  private static Optional<Initializer> constantOf(Node node) {
    return KnownTensors.value(node).filter(LoopCheck::isScalar);
  }

  private static Optional<String> passedOn(Node node) {
    return node.opType().equals("Identity") ? node.input(0) : Optional.empty();
  }

  private static boolean isScalar(Initializer constant) {
    int code = constant.proto().getDataType();
    return (code == DataType.INT64.onnxCode() || code == DataType.BOOL.onnxCode())
        && constant.elementCount() == 1
        && !TensorBytes.isExternal(constant.proto());
  }

  private static Optional<Long> value(@Nullable Initializer constant) {
    return Optional.ofNullable(constant).filter(LoopCheck::isScalar).map(c -> c.longs()[0]);
  }

  private static long product(long a, long b) {
    return a > ENDLESS / b ? ENDLESS : a * b;
  }
}
