package io.inferc.onnx;

import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a graph under an editor declares beside its nodes: constants, inputs, outputs and types. */
final class Declarations {
  private final Map<String, Initializer> initializers;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final Map<String, ValueInfo> valueInfos = new LinkedHashMap<>();
  private final List<Node> replaced = new ArrayList<>();

  Declarations(Graph graph) {
    initializers = new LinkedHashMap<>(2 * graph.initializers().size());
    graph.initializers().forEach(i -> initializers.put(i.name(), i));
    inputs = new ArrayList<>(graph.inputs());
    outputs = new ArrayList<>(graph.outputs());
    graph.valueInfos().forEach(v -> valueInfos.put(v.name(), v));
  }

  List<Initializer> initializers() {
    return new ArrayList<>(initializers.values());
  }

  List<ValueInfo> inputs() {
    return inputs;
  }

  List<ValueInfo> outputs() {
    return outputs;
  }

  List<ValueInfo> valueInfos() {
    return new ArrayList<>(valueInfos.values());
  }

  Optional<Initializer> initializer(String tensor) {
    return Optional.ofNullable(initializers.get(tensor));
  }

  boolean isInput(String tensor) {
    return holds(inputs, tensor);
  }

  boolean isOutput(String tensor) {
    return holds(outputs, tensor);
  }

  private static boolean holds(List<ValueInfo> values, String tensor) {
    for (ValueInfo value : values) {
      if (value.name().equals(tensor)) {
        return true;
      }
    }
    return false;
  }

  void putInitializer(Initializer constant) {
    initializers.put(constant.name(), constant);
  }

  void removeInitializer(String tensor) {
    initializers.remove(tensor);
  }

  void addInput(TensorSpec spec) {
    inputs.add(ValueInfo.of(spec));
  }

  void removeInput(String tensor) {
    inputs.removeIf(v -> v.name().equals(tensor));
  }

  void addOutput(ValueInfo info) {
    outputs.add(info);
  }

  void removeOutput(String tensor) {
    outputs.removeIf(v -> v.name().equals(tensor));
  }

  void putValueInfo(TensorSpec spec) {
    valueInfos.put(spec.name(), ValueInfo.of(spec));
  }

  void removeValueInfo(String tensor) {
    valueInfos.remove(tensor);
  }

  void rename(String tensor, String name) {
    Initializer constant = initializers.remove(tensor);
    if (constant != null) {
      initializers.put(name, constant.withName(name));
    }
    ValueInfo declared = valueInfos.remove(tensor);
    if (declared != null) {
      valueInfos.put(name, declared.withName(name));
    }
    inputs.replaceAll(v -> v.name().equals(tensor) ? v.withName(name) : v);
    outputs.replaceAll(v -> v.name().equals(tensor) ? v.withName(name) : v);
  }

  /** Notes that a node gave way to others, or to none, which may not make what it made. */
  void replaced(Node node) {
    replaced.add(node);
  }

  /** Drops the types of tensors that no node makes any more: they go with the node that did. */
  void dropUnmade(NodeList nodes) {
    if (valueInfos.isEmpty()) {
      return;
    }
    for (Node node : replaced) {
      for (String tensor : node.outputs()) {
        if (nodes.producer(tensor).isEmpty()) {
          valueInfos.remove(tensor);
        }
      }
    }
  }
}
