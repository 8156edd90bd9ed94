package io.inferc.report;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.KernelInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** A graph's nodes with the kernels they became. */
final class KernelMap {
  private final List<Node> nodes;
  private final Map<String, Node> byLabel = new HashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Map<String, Initializer> constants = new HashMap<>();
  private final Map<String, List<KernelInfo>> kernels = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> outputs = new HashSet<>();

  KernelMap(Graph graph, List<KernelInfo> list) {
    nodes = List.copyOf(graph.nodes());
    graph.requiredInputs().stream().map(ValueInfo::name).forEach(inputs::add);
    graph.outputs().stream().map(ValueInfo::name).forEach(outputs::add);
    for (Initializer constant : graph.initializers()) {
      if (!inputs.contains(constant.name())) {
        constants.put(constant.name(), constant);
      }
    }
    for (Node node : nodes) {
      byLabel.put(node.label(), node);
      node.outputs().forEach(output -> producers.put(output, node));
      node.reads().forEach(r -> readers.computeIfAbsent(r, x -> new ArrayList<>()).add(node));
      if (node.opType().equals("Constant")) {
        node.attribute("value").ifPresent(v -> constants.put(node.outputs().get(0), v.asTensor()));
      }
    }
    producers.remove("");
    for (KernelInfo kernel : list) {
      for (String node : kernel.nodes()) {
        kernels.computeIfAbsent(node, n -> new ArrayList<>()).add(kernel);
      }
    }
  }

  /** All nodes but constants. */
  List<Node> nodes() {
    return nodes.stream().filter(n -> !n.opType().equals("Constant")).toList();
  }

  Optional<Node> node(String label) {
    return Optional.ofNullable(byLabel.get(label));
  }

  Optional<Node> producer(String tensor) {
    return Optional.ofNullable(producers.get(tensor));
  }

  /** The node of a given operator that makes an input of another. */
  Optional<Node> producer(Node reader, int input, String operator) {
    return reader.input(input).flatMap(this::producer).filter(n -> n.opType().equals(operator));
  }

  List<Node> readers(Node node) {
    List<Node> all = new ArrayList<>();
    node.outputs().forEach(o -> all.addAll(readers.getOrDefault(o, List.of())));
    return all;
  }

  /** The one node that reads what another makes; empty if there are several, or it is returned. */
  Optional<Node> onlyReader(Node node) {
    List<Node> all = readers(node);
    return all.size() == 1 && !isReturned(node) ? Optional.of(all.get(0)) : Optional.empty();
  }

  boolean isReturned(Node node) {
    return node.outputs().stream().anyMatch(outputs::contains);
  }

  boolean isConstant(String tensor) {
    return constants.containsKey(tensor)
        || producer(tensor).filter(n -> n.opType().equals("Constant")).isPresent();
  }

  Optional<Initializer> constant(String tensor) {
    return Optional.ofNullable(constants.get(tensor));
  }

  /** The value of a constant of one element. */
  OptionalDouble scalar(Optional<String> tensor) {
    return tensor
        .flatMap(this::constant)
        .filter(c -> c.elementCount() == 1)
        .map(c -> OptionalDouble.of(c.doubles()[0]))
        .orElse(OptionalDouble.empty());
  }

  List<KernelInfo> kernels(Node node) {
    return kernels.getOrDefault(node.label(), List.of());
  }

  /** Whether all nodes became one kernel. */
  boolean areTogether(Node... all) {
    return kernels(all[0]).stream()
        .anyMatch(k -> List.of(all).stream().allMatch(n -> k.nodes().contains(n.label())));
  }

  /** Whether all nodes run, each in a kernel that does not hold the others. */
  boolean areApart(Node... all) {
    return List.of(all).stream().noneMatch(n -> kernels(n).isEmpty()) && !areTogether(all);
  }
}
