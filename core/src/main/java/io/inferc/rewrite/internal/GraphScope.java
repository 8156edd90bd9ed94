package io.inferc.rewrite.internal;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a pass must know of the model around the graph that it rewrites. */
public final class GraphScope {
  /** What all graphs of a model share. */
  private static final class Shared {
    final GraphPass pass;
    final RewriteLog log;
    final OnnxModel model;
    private @Nullable Set<String> given;
    private @Nullable Set<String> names;
    private @Nullable Map<String, TensorShape> shapes;
    private final Map<String, Integer> counters = new HashMap<>();

    Shared(GraphPass pass, RewriteLog log, OnnxModel model) {
      this.pass = pass;
      this.log = log;
      this.model = model;
    }

    /** What is given from outside to one of the model's graphs. */
    boolean isGiven(String tensor) {
      Set<String> inputs = given;
      if (inputs == null) {
        inputs = new HashSet<>();
        // Up to IR version 3 every constant had to be declared as an input as well.
        if (model.irVersion() > 3) {
          addInputs(model.graph(), inputs);
        }
        addInputsInside(model.graph(), inputs);
        given = inputs;
      }
      return inputs.contains(tensor);
    }

    private static void addInputs(Graph graph, Set<String> inputs) {
      graph.inputs().forEach(i -> inputs.add(i.name()));
    }

    private static void addInputsInside(Graph graph, Set<String> inputs) {
      for (Node node : graph.nodes()) {
        if (node.hasSubgraphs()) {
          for (Graph inside : node.subgraphs()) {
            addInputs(inside, inputs);
            addInputsInside(inside, inputs);
          }
        }
      }
    }

    /** What is proved of the main graph's tensors, whatever it declares. */
    Map<String, TensorShape> shapes() {
      Map<String, TensorShape> proved = shapes;
      if (proved == null) {
        proved = new HashMap<>(ProvedShapes.of(model, List.of()).declarations());
        for (ValueInfo input : model.graph().inputs()) {
          Optional<TensorSpec> spec = input.tensor();
          if (spec.isPresent()) {
            proved.put(input.name(), spec.get().shape());
          }
        }
        shapes = proved;
      }
      return proved;
    }

    String freshName(String hint) {
      Set<String> taken = names;
      if (taken == null) {
        taken = new HashSet<>(4 * model.graph().nodes().size());
        collect(model.graph(), taken);
        names = taken;
      }
      String name = hint;
      while (!taken.add(name)) {
        name = hint + "_" + counters.merge(hint, 1, Integer::sum);
      }
      return name;
    }

    private static void collect(Graph graph, Set<String> names) {
      graph.inputs().forEach(i -> names.add(i.name()));
      graph.outputs().forEach(o -> names.add(o.name()));
      graph.initializers().forEach(i -> names.add(i.name()));
      graph.sparseInitializers().forEach(i -> names.add(i.name()));
      for (Node node : graph.nodes()) {
        names.add(node.name());
        names.addAll(node.outputs());
        node.subgraphs().forEach(g -> collect(g, names));
      }
    }
  }

  private final Shared shared;
  private final @Nullable GraphScope outer;
  private final @Nullable Graph outerGraph;

  private GraphScope(Shared shared, @Nullable GraphScope outer, @Nullable Graph outerGraph) {
    this.shared = shared;
    this.outer = outer;
    this.outerGraph = outerGraph;
  }

  /** The scope of the main graph. */
  public static GraphScope main(GraphPass pass, RewriteLog log, OnnxModel model) {
    return new GraphScope(new Shared(pass, log, model), null, null);
  }

  /** The scope of a graph inside a node of the given one, which has this scope. */
  GraphScope inside(Graph graph) {
    return new GraphScope(shared, this, graph);
  }

  public boolean isMain() {
    return outer == null;
  }

  /**
   * Returns what is proved of a tensor's shape, whatever the model declares.
   *
   * @return the shape, or empty if nothing is proved or the graph lies inside a node
   */
  public Optional<TensorShape> provedShape(String tensor) {
    return outer == null ? Optional.ofNullable(shared.shapes().get(tensor)) : Optional.empty();
  }

  public int opset() {
    return shared.model.opset();
  }

  /** Who runs the graph may give another value for such a constant, so it is none. */
  public boolean isOverridable(String constant) {
    return shared.isGiven(constant);
  }

  /** Returns a constant of the graphs around this one. */
  public Optional<Initializer> outerConstant(String name) {
    if (outer == null || outerGraph == null) {
      return Optional.empty();
    }
    Optional<Initializer> found = outerGraph.initializer(name);
    if (found.isPresent()) {
      return found.filter(f -> !isOverridable(name));
    }
    return outer.outerConstant(name);
  }

  /** Makes up a name that no tensor or node of the whole model has. */
  public String freshName(String hint) {
    return shared.freshName(hint);
  }

  public void changed(Node node, String text) {
    shared.log.changed(shared.pass, label(node), text);
  }

  public void leftAlone(Node node, String text) {
    shared.log.leftAlone(shared.pass, label(node), text);
  }

  /** What reports call a node: its name, or that of its first output. */
  public static String label(Node node) {
    if (!node.name().isEmpty()) {
      return node.name();
    }
    return node.outputs().stream().filter(o -> !o.isEmpty()).findFirst().orElse(node.opType());
  }
}
