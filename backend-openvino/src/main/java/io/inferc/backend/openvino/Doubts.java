package io.inferc.backend.openvino;

import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where OpenVINO's answers may be others than a model says by little, or on few inputs: too seldom
 * to refuse the model, and never said by OpenVINO itself.
 */
final class Doubts {
  private Doubts() {}

  /** Says each doubt about a model in a sentence or two, with where it applies first. */
  static List<String> of(OnnxModel model) {
    List<String> doubts = new ArrayList<>();
    wide(model)
        .ifPresent(
            where ->
                doubts.add(
                    "OpenVINO computes FLOAT64 in single precision ("
                        + where
                        + "), which leaves about 7 digits. Choose ONNX Runtime where more are"
                        + " needed."));
    if (model.graph().requiredInputs().stream().anyMatch(Doubts::isOpen)) {
      nodes(model)
          .filter(n -> n.domain().isEmpty() && n.opType().equals("TopK"))
          .findFirst()
          .ifPresent(
              n ->
                  doubts.add(
                      "With open sizes OpenVINO may give equal values in another order than that"
                          + " of their indices (the TopK '"
                          + title(n)
                          + "'). Fix the sizes where that matters."));
    }
    return List.copyOf(doubts);
  }

  /**
   * Says what may happen on one thread to a run of open sizes that OpenVINO refuses.
   *
   * @param alone whether one thread or processor runs the model
   * @param model the model
   * @param profiles the shapes to serve
   */
  static Optional<String> ofOneThread(boolean alone, OnnxModel model, List<ShapeProfile> profiles) {
    boolean fixed =
        model.graph().requiredInputs().stream().noneMatch(Doubts::isOpen)
            || (!profiles.isEmpty() && profiles.stream().allMatch(Doubts::isFixed));
    return alone && !fixed
        ? Optional.of(
            "On one thread OpenVINO 2026.4 damages its memory where it fails to work out the"
                + " shapes of a run of open sizes, and the process may end. Let it have 2 threads"
                + " on 2 processors, or fix the sizes by a profile.")
        : Optional.empty();
  }

  private static boolean isFixed(ShapeProfile profile) {
    return Stream.concat(
            profile.symbols().values().stream(),
            profile.inputs().values().stream().flatMap(List::stream))
        .allMatch(range -> range.min() == range.max());
  }

  private static boolean isOpen(ValueInfo input) {
    return input.tensor().filter(t -> t.shape().isFixed()).isEmpty();
  }

  /** The first thing in a model that is FLOAT64. */
  private static Optional<String> wide(OnnxModel model) {
    return graphs(model)
        .flatMap(
            g ->
                Stream.concat(
                    Stream.of(g.inputs(), g.outputs(), g.valueInfos())
                        .flatMap(List::stream)
                        .filter(v -> v.tensor().filter(t -> isWide(t.type())).isPresent())
                        .map(v -> "'" + v.name() + "' is of that type"),
                    g.initializers().stream()
                        .filter(i -> isWide(i.type()))
                        .map(Initializer::name)
                        .map(name -> "the constant '" + name + "' is of that type")))
        .findFirst()
        .or(
            () ->
                nodes(model)
                    .filter(n -> n.opType().equals("Cast"))
                    .filter(n -> n.intAttribute("to", 0) == DataType.FLOAT64.onnxCode())
                    .findFirst()
                    .map(n -> "the Cast '" + title(n) + "' gives that type"));
  }

  private static boolean isWide(DataType type) {
    return type == DataType.FLOAT64;
  }

  private static Stream<Graph> graphs(OnnxModel model) {
    return Stream.concat(
        Stream.of(model.graph()), nodes(model).flatMap(n -> n.subgraphs().stream()));
  }

  private static Stream<Node> nodes(OnnxModel model) {
    return Stream.concat(
            Stream.of(model.graph().nodes()), model.functions().stream().map(Function::nodes))
        .flatMap(List::stream)
        .flatMap(Doubts::within);
  }

  private static Stream<Node> within(Node node) {
    return Stream.concat(
        Stream.of(node),
        node.subgraphs().stream().flatMap(g -> g.nodes().stream()).flatMap(Doubts::within));
  }

  private static String title(Node node) {
    return node.name().isEmpty() ? String.join(", ", node.outputs()) : node.name();
  }
}
