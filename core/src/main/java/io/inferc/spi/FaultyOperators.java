package io.inferc.spi;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Refuses models that a runtime would take and then compute wrongly without a word, or that would
 * end the process. A back end checks what it compiles with one.
 *
 * <pre>{@code
 * FaultyOperators faults =
 *     FaultyOperators.of(
 *         "OpenVINO",
 *         KernelRules.builder().rule("Resize", KernelRule.number("antialias", 0, 0)).build());
 * faults.check(model, request.modelName());
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class FaultyOperators {
  private static final String REMEDY =
      "Write this node with other operators, or choose another target.";

  private final String runtime;
  private final KernelRules wrong;
  private final KernelRules fatal;

  private FaultyOperators(String runtime, KernelRules wrong, KernelRules fatal) {
    this.runtime = runtime;
    this.wrong = wrong;
    this.fatal = fatal;
  }

  /**
   * Returns a check of what a runtime computes.
   *
   * @param runtime the runtime's name as its users write it
   * @param right which uses of operators it computes rightly; an operator without a rule is
   *     computed rightly or refused by the runtime itself
   * @return the check
   */
  public static FaultyOperators of(String runtime, KernelRules right) {
    return new FaultyOperators(
        Objects.requireNonNull(runtime, "runtime"),
        Objects.requireNonNull(right, "right"),
        KernelRules.none());
  }

  /**
   * Adds what ends the process.
   *
   * @param survived which uses of operators the process survives
   * @return a check of both
   */
  public FaultyOperators surviving(KernelRules survived) {
    return new FaultyOperators(runtime, wrong, Objects.requireNonNull(survived, "survived"));
  }

  /**
   * Checks all nodes of a model, those inside of other nodes and of functions too. What decides is
   * what the model declares of its tensors.
   *
   * @param model the model
   * @param name its name, for the message
   * @throws InfercException with the stage {@link Stage#COMPILE} if a node is computed wrongly or
   *     would end the process; it names the node, the operator and why
   */
  public void check(OnnxModel model, String name) {
    check(model.graph().nodes(), model.opset(), DeclaredFacts.of(model.graph()), name);
    for (Function function : model.functions()) {
      int opset = function.opsets().getOrDefault("", model.opset());
      check(function.nodes(), opset, DeclaredFacts.of(function.nodes()), name);
    }
  }

  private void check(List<Node> nodes, int opset, DeclaredFacts facts, String name) {
    for (Node node : nodes) {
      OperatorUse use = new OperatorUse(node, opset, facts);
      refuse(node, fatal.refusal(use), "would end the whole process", name);
      refuse(node, wrong.refusal(use), "would return wrong numbers", name);
      for (Graph inner : node.subgraphs()) {
        check(inner.nodes(), opset, facts.inside(inner), name);
      }
    }
  }

  private void refuse(Node node, Optional<String> reason, String what, String name) {
    if (reason.isPresent()) {
      String title = node.name().isEmpty() ? String.join(", ", node.outputs()) : node.name();
      throw new InfercException(
          Stage.COMPILE,
          "Tried to compile the model "
              + name
              + " for "
              + runtime
              + ", but its node '"
              + title
              + "' ("
              + node.opType()
              + ") "
              + what
              + " there: "
              + reason.get(),
          REMEDY);
    }
  }
}
