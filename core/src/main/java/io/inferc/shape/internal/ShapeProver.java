package io.inferc.shape.internal;

import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the nodes of a graph in order and asks the rule of each operator. What the model
 * declares of tensors between nodes is not believed: only its inputs and constants count.
 */
public final class ShapeProver {
  // Before, constants had to be inputs as well, and were constants all the same.
  private static final int OVERRIDABLE_CONSTANTS = 4;

  private static final Logger LOG = LoggerFactory.getLogger(ShapeProver.class);

  private final int opset;
  private final boolean overridable;
  private final Effort effort;
  private final Set<String> functions = new HashSet<>();
  private final @Nullable ShapeProver outer;
  private final Map<String, Facts> facts = new HashMap<>();
  private final Map<String, Facts> made = new LinkedHashMap<>();

  /**
   * Creates the prover of a model's main graph.
   *
   * @param model the model
   * @param inputs the shapes of the graph's inputs; those of unknown rank are left out
   */
  public ShapeProver(OnnxModel model, Map<String, List<Size>> inputs) {
    this.opset = model.opset();
    this.overridable = model.irVersion() >= OVERRIDABLE_CONSTANTS;
    this.outer = null;
    this.effort = new Effort();
    for (Function f : model.functions()) {
      functions.add(f.domain() + ":" + f.name());
    }
    inputs.forEach((name, shape) -> facts.put(name, Facts.of(shape)));
  }

  /** The prover of a graph inside of a node. */
  private ShapeProver(ShapeProver outer, Map<String, Facts> inputs) {
    this.opset = outer.opset;
    this.overridable = true;
    this.outer = outer;
    this.effort = outer.effort;
    this.functions.addAll(outer.functions);
    facts.putAll(inputs);
  }

  /**
   * Proves what can be proved.
   *
   * @param graph the main graph
   * @return the sizes of each tensor that a node of it makes, where the rank is known
   */
  public Map<String, List<Size>> prove(Graph graph) {
    run(graph);
    if (effort.isSpent()) {
      LOG.info(
          "Not all shapes of {} are proved: its sizes and bodies take too long to follow.",
          graph.name());
    }
    Map<String, List<Size>> shapes = new LinkedHashMap<>();
    made.forEach(
        (name, known) -> {
          List<Size> shape = known.shape();
          if (shape != null) {
            shapes.put(name, shape);
          }
        });
    return shapes;
  }

  /**
   * Returns the largest tensor of the graph that was proved, those of bodies included.
   *
   * @return the tensor, or empty if no shape is known
   */
  public Optional<Outsized> largest() {
    return Optional.ofNullable(effort.largest());
  }

  private void run(Graph graph) {
    Set<String> inputs = new HashSet<>();
    if (overridable) {
      graph.inputs().forEach(i -> inputs.add(i.name()));
    }
    for (Initializer constant : graph.initializers()) {
      // One that is an input as well may be given another value.
      long[] dims = constant.dims();
      if (dims.length > NodeProof.MOST_DIMENSIONS) {
        continue;
      }
      Facts shape = Facts.of(Arrays.stream(dims).mapToObj(Size::of).toList());
      facts.put(
          constant.name(),
          inputs.contains(constant.name())
              ? shape
              : Value.of(constant).map(Facts::of).orElse(shape));
    }
    for (Node node : graph.nodes()) {
      List<Facts> read = node.inputs().stream().map(this::lookUp).toList();
      NodeProof proof = new NodeProof(node, opset, read);
      effort.look(proof);
      if (effort.isSpent()) {
        return;
      }
      try {
        prove(proof);
      } catch (Unproved.Oversized e) {
        effort.note(Outsized.beyondBounds(node, e.what()));
      } catch (Unproved
          | ArithmeticException
          | IndexOutOfBoundsException
          | IllegalStateException e) {
        // What the rule has not said stays unknown; a node that contradicts its operator's
        // definition is for the checker and the runtime to refuse.
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        effort.keep(node, i, proof.output(i));
        facts.put(node.outputs().get(i), proof.output(i));
        made.put(node.outputs().get(i), proof.output(i));
      }
      facts.remove("");
      made.remove("");
    }
  }

  private Facts lookUp(String name) {
    Facts known = facts.get(name);
    if (known != null) {
      return known;
    }
    return outer == null || name.isEmpty() ? Facts.NONE : outer.lookUp(name);
  }

  private void prove(NodeProof node) {
    if (functions.contains(node.node().domain() + ":" + node.op())) {
      return;
    }
    if (!node.node().domain().isEmpty()) {
      return;
    }
    switch (node.op()) {
      case "If", "Loop", "Scan" -> new BodyRules(this::body).prove(node);
      default -> {
        Rule rule = Rules.of(node.op());
        if (rule != null) {
          rule.prove(node);
        }
      }
    }
  }

  /** Proves the outputs of a graph inside of a node. */
  private List<Facts> body(Graph graph, List<Facts> inputs) {
    Map<String, Facts> given = new HashMap<>();
    List<ValueInfo> names = graph.inputs();
    for (int i = 0; i < names.size(); i++) {
      given.put(names.get(i).name(), i < inputs.size() ? inputs.get(i) : Facts.NONE);
    }
    ShapeProver inner = new ShapeProver(this, given);
    inner.run(graph);
    NodeProof.require(!effort.isSpent());
    return graph.outputs().stream().map(o -> inner.lookUp(o.name())).toList();
  }
}
