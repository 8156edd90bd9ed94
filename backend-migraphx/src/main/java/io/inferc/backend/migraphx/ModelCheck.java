package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what MIGraphX would not: models that it reads, but computes something else from, and
 * those it can only refuse without saying why.
 */
final class ModelCheck {
  // MIGraphX gives their results the largest possible size and fills what is not used.
  private static final Set<String> SIZED_BY_DATA =
      Set.of("NonZero", "Unique", "Compress", "NonMaxSuppression", "StringSplit");

  private static final Set<String> MAYBE_TENSORS = Set.of("tensor", "untyped");

  private final String name;
  private final ElementTypes types;
  private final Set<String> operators;
  private final boolean loopsBounded;

  /**
   * Creates a check.
   *
   * @param name the model's name
   * @param types the element types there are
   * @param operators the operators there are, empty if they are not known
   * @param loopsBounded whether loops whose rounds the data decides have a bound
   */
  ModelCheck(String name, ElementTypes types, Set<String> operators, boolean loopsBounded) {
    this.operators = operators;
    this.name = name;
    this.types = types;
    this.loopsBounded = loopsBounded;
  }

  void check(OnnxModel model) {
    if (!model.functions().isEmpty()) {
      throw refusal(
          "it has functions of its own (" + model.functions().get(0).name() + " is the first)",
          "Export the model with its functions expanded.");
    }
    for (ValueInfo input : model.graph().requiredInputs()) {
      checkType("input", input);
    }
    for (ValueInfo output : model.graph().outputs()) {
      // What nothing is declared of is typed by the program; so is a tensor without a type.
      boolean open = output.tensor().isEmpty() && MAYBE_TENSORS.contains(output.kind());
      if (!open) {
        checkType("output", output);
      }
    }
    FaultyNodes.CHECK.check(model, name);
    checkGraph(model.graph(), new HashSet<>());
  }

  private void checkType(String kind, ValueInfo value) {
    Optional<TensorSpec> spec = value.tensor();
    if (spec.isEmpty()) {
      throw refusal(
          "its " + kind + " '" + value.name() + "' is no tensor but " + value.kind(),
          "Change the model so that it takes and returns tensors.");
    }
    if (!types.types().contains(spec.get().type())) {
      throw refusal(
          "its "
              + kind
              + " '"
              + value.name()
              + "' is of type "
              + spec.get().type()
              + ", which it does not have",
          "Change the model so that it takes and returns tensors of " + types.types() + ".");
    }
  }

  /** Follows which tensors are known once all input sizes are. */
  private void checkGraph(Graph graph, Set<String> known) {
    if (!graph.sparseInitializers().isEmpty()) {
      throw refusal("it has sparse constants", "Store the constants densely.");
    }
    for (Initializer constant : graph.initializers()) {
      // MIGraphX takes complex numbers for bfloat16 without a word.
      if (constant.type() == DataType.COMPLEX64 || constant.type() == DataType.COMPLEX128) {
        throw refusal(
            "its constant '" + constant.name() + "' is of type " + constant.type(),
            "Split complex numbers into real and imaginary parts.");
      }
      known.add(constant.name());
    }
    IntegerProducts products = new IntegerProducts(graph);
    for (Node node : graph.nodes()) {
      if (!operators.isEmpty() && !operators.contains(node.opType())) {
        throw refusal(
            "it does not know the operator of its node " + text(node),
            "Replace that operator in the model by ones that MIGraphX has, upgrade MIGraphX, or"
                + " choose another target.");
      }
      products
          .wrong(node)
          .ifPresent(
              why ->
                  refuse(
                      node,
                      "would return wrong numbers: " + why,
                      "Start from the model in single precision and let inferc quantize it"
                          + " (Precision.int8), or choose another target."));
      boolean fromKnown = node.subgraphs().isEmpty() && known.containsAll(node.reads());
      if (fromKnown || node.opType().equals("Shape") || node.opType().equals("Size")) {
        known.addAll(node.outputs());
      } else {
        checkNode(node, known);
      }
      for (Graph inner : node.subgraphs()) {
        checkGraph(inner, new HashSet<>(known));
      }
    }
  }

  private void checkNode(Node node, Set<String> known) {
    if (SIZED_BY_DATA.contains(node.opType())) {
      throw refusal(
          "the size of what its node " + text(node) + " returns depends on the data",
          "Return the values that the operator works on and do its part in the application, or"
              + " choose another target.");
    }
    Optional<String> rounds = node.opType().equals("Loop") ? node.input(0) : Optional.of("");
    boolean open = rounds.isEmpty() || (!rounds.get().isEmpty() && !known.contains(rounds.get()));
    if (node.opType().equals("Loop") && open && !loopsBounded) {
      throw refusal(
          "how often its node " + text(node) + " runs depends on the data",
          "Set MigraphxOptions.Builder.loopRounds() to a number that is never exceeded, or choose"
              + " another target.");
    }
  }

  /** Says which node, for a message. */
  static String text(Node node) {
    String outputs = String.join(", ", List.copyOf(node.outputs()));
    return "'"
        + (node.name().isEmpty() ? outputs : node.name())
        + "' ("
        + (node.domain().isEmpty() ? "" : node.domain() + ".")
        + node.opType()
        + ")";
  }

  private void refuse(Node node, String found, String remedy) {
    throw refusal("its node " + text(node) + " " + found, remedy);
  }

  private InfercException refusal(String found, String remedy) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model " + name + " for MIGraphX, but " + found + ".",
        remedy);
  }
}
