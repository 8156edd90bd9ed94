package io.inferc.backend.openvino;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A model's inputs and which of OpenVINO's each is: OpenVINO has none for an input that no output
 * depends on.
 *
 * @param inputs the inputs in the model's order
 * @param ports OpenVINO's number of each, {@value #NONE} for one that it left out
 */
record InputPorts(List<TensorSpec> inputs, List<Integer> ports) {
  static final int NONE = -1;

  InputPorts {
    inputs = List.copyOf(inputs);
    ports = List.copyOf(ports);
  }

  /** Inputs that all have a port, in OpenVINO's order. */
  static InputPorts all(List<TensorSpec> inputs) {
    return new InputPorts(inputs, IntStream.range(0, inputs.size()).boxed().toList());
  }

  /** Puts inputs that OpenVINO left out back in their places. */
  static InputPorts of(List<TensorSpec> found, Graph graph) {
    if (found.size() == graph.requiredInputs().size()) {
      return all(found);
    }
    List<String> names = found.stream().map(TensorSpec::name).toList();
    List<TensorSpec> inputs = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (ValueInfo input : graph.requiredInputs()) {
      int port = names.indexOf(input.name());
      inputs.add(port == NONE ? input.tensor().orElseThrow() : found.get(port));
      ports.add(port);
    }
    return new InputPorts(inputs, ports);
  }

  /**
   * Finds the inputs that OpenVINO has ports for: all, those that an output depends on, or what the
   * ports are called, since some operators have inputs that OpenVINO does not look at.
   *
   * @param found the names of the ports
   * @return names in the model's order; all of the model's inputs if no choice of them fits
   */
  static List<String> named(Graph graph, List<String> found) {
    List<String> all = graph.requiredInputs().stream().map(ValueInfo::name).toList();
    Set<String> needed = needed(graph);
    for (Collection<String> kept : List.of(all, needed, found)) {
      List<String> names = all.stream().filter(kept::contains).toList();
      if (names.size() == found.size() && onlyTensorsLeftOut(graph, names)) {
        return names;
      }
    }
    return all;
  }

  private static boolean onlyTensorsLeftOut(Graph graph, List<String> kept) {
    return graph.requiredInputs().stream()
        .allMatch(i -> kept.contains(i.name()) || i.tensor().isPresent());
  }

  /** The names of all that an output depends on. */
  private static Set<String> needed(Graph graph) {
    Set<String> needed = new HashSet<>();
    graph.outputs().forEach(o -> needed.add(o.name()));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.reads());
      }
    }
    return needed;
  }

  /** How many ports there are. */
  int portCount() {
    return (int) ports.stream().filter(p -> p != NONE).count();
  }
}
