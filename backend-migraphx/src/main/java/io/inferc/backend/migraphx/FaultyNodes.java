package io.inferc.backend.migraphx;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Finds nodes at which MIGraphX ends the process, by an exception in a thread of its own or by
 * writing where it must not, and those that it computes wrongly without a word. Measured with
 * version 2.14 on its reference target.
 */
final class FaultyNodes {
  private final Graph graph;

  // What Constant nodes hold.
  private final Map<String, Initializer> made = new HashMap<>();

  FaultyNodes(Graph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (node.opType().equals("Constant")) {
        node.attribute("value").ifPresent(v -> made.put(node.outputs().get(0), v.asTensor()));
      }
    }
  }

  /** Returns what is fatal about a node, for the end of a sentence; empty if nothing is. */
  Optional<String> fatal(Node node) {
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "AveragePool" ->
          node.intAttribute("ceil_mode", 0) != 0 && pads(node).anyMatch(p -> p != 0)
              ? Optional.of(
                  "MIGraphX cannot average over padded windows whose number is rounded up")
              : Optional.empty();
      case "Pad" ->
          pads(node).anyMatch(p -> p < 0)
              ? Optional.of("MIGraphX cannot pad with less than nothing")
              : Optional.empty();
      case "ConvTranspose" ->
          node.attribute("output_shape").isPresent()
              ? Optional.of("MIGraphX cannot lead a transposed convolution to an output_shape")
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** Returns what is computed wrongly of a node, for the end of a sentence; empty if nothing is. */
  static Optional<String> wrong(Node node) {
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "ConvTranspose" ->
          node.attribute("output_padding").stream()
                  .flatMapToLong(a -> Arrays.stream(a.asInts()))
                  .anyMatch(p -> p != 0)
              ? Optional.of("MIGraphX gets the output_padding of a transposed convolution wrong")
              : Optional.empty();
      case "Resize" ->
          node.intAttribute("antialias", 0) != 0
              ? Optional.of("MIGraphX resizes without the antialias that is asked for")
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private LongStream pads(Node node) {
    return node.attribute("pads")
        .map(Attribute::asInts)
        .or(
            () ->
                node.opType().equals("Pad")
                    ? node.input(1).flatMap(this::constant).map(Initializer::longs)
                    : Optional.empty())
        .map(Arrays::stream)
        .orElseGet(LongStream::empty);
  }

  private Optional<Initializer> constant(String tensor) {
    return graph.initializer(tensor).or(() -> Optional.ofNullable(made.get(tensor)));
  }
}
