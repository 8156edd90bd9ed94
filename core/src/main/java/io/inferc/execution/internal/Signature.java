package io.inferc.execution.internal;

import io.inferc.common.ResourceClosedException;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A model's inputs and outputs, and the checks of what a caller brings for them. */
final class Signature {
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final Map<String, Integer> inputIndex;
  private final Map<String, Integer> outputIndex;
  private final Set<MemoryKind> memoryKinds;

  Signature(List<TensorSpec> inputs, List<TensorSpec> outputs, Set<MemoryKind> memoryKinds) {
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.memoryKinds = memoryKinds;
    inputIndex = index(inputs);
    outputIndex = index(outputs);
  }

  private static Map<String, Integer> index(List<TensorSpec> specs) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < specs.size(); i++) {
      index.put(specs.get(i).name(), i);
    }
    return index;
  }

  List<TensorSpec> inputs() {
    return inputs;
  }

  List<TensorSpec> outputs() {
    return outputs;
  }

  int input(String name) {
    Objects.requireNonNull(name, "name");
    Integer index = inputIndex.get(name);
    if (index == null) {
      throw unknown("input", name, inputs);
    }
    return index;
  }

  int output(String name) {
    Objects.requireNonNull(name, "name");
    Integer index = outputIndex.get(name);
    if (index == null) {
      throw unknown("output", name, outputs);
    }
    return index;
  }

  private static IllegalArgumentException unknown(
      String kind, String name, List<TensorSpec> specs) {
    return new IllegalArgumentException(
        "Tried to use the "
            + kind
            + " '"
            + name
            + "', but the model's "
            + kind
            + "s are "
            + specs
            + ". Correct the name.");
  }

  /** Puts a request in the model's order, having checked it as far as one tensor at a time goes. */
  Tensor[] arrange(Map<String, Tensor> request) {
    Objects.requireNonNull(request, "inputs");
    checkNames(request.keySet());
    Tensor[] arranged = new Tensor[inputs.size()];
    for (Map.Entry<String, Tensor> e : request.entrySet()) {
      int index = input(e.getKey());
      checkTensor("input", inputs.get(index), e.getValue());
      arranged[index] = e.getValue();
    }
    return arranged;
  }

  private void checkNames(Set<String> given) {
    List<TensorSpec> missing = inputs.stream().filter(i -> !given.contains(i.name())).toList();
    List<String> unknown = given.stream().filter(n -> !inputIndex.containsKey(n)).toList();
    if (missing.isEmpty() && unknown.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder("Tried to run with the inputs ").append(given);
    text.append(", but the model ");
    if (!missing.isEmpty()) {
      text.append("also needs ").append(missing).append(unknown.isEmpty() ? "" : " and ");
    }
    if (!unknown.isEmpty()) {
      text.append("has no '").append(String.join("', '", unknown)).append("'");
      text.append(missing.isEmpty() ? ", only " + inputs : "");
    }
    throw new IllegalArgumentException(text.append(". Correct the names.").toString());
  }

  /** Says what the model takes and returns, for a person. */
  @Override
  public String toString() {
    return inputs + " -> " + outputs;
  }

  void checkTensor(String kind, TensorSpec spec, Tensor tensor) {
    if (tensor == null) {
      throw new NullPointerException("the tensor for the " + kind + " '" + spec.name() + "'");
    }
    if (tensor.isClosed()) {
      throw new ResourceClosedException(
          "use a tensor as the " + kind + " '" + spec.name() + "'", "the tensor " + tensor);
    }
    if (tensor.type() != spec.type()) {
      throw new IllegalArgumentException(
          "Tried to use "
              + tensor
              + " as the "
              + kind
              + " '"
              + spec.name()
              + "', but the model declares "
              + spec
              + ". Convert the elements to "
              + spec.type()
              + ".");
    }
    checkShape(kind, spec, tensor.shape());
    if (!memoryKinds.contains(tensor.memoryKind())) {
      throw new IllegalArgumentException(
          "Tried to use a tensor in "
              + tensor.memoryKind()
              + " memory as the "
              + kind
              + " '"
              + spec.name()
              + "', but this back end takes "
              + memoryKinds
              + ". Copy the tensor there.");
    }
  }

  static void checkShape(String kind, TensorSpec spec, long[] shape) {
    if (spec.shape().accepts(shape)) {
      return;
    }
    int rank = spec.shape().dimensions().map(List::size).orElse(shape.length);
    throw new IllegalArgumentException(
        "Tried to use the shape "
            + Arrays.toString(shape)
            + " for the "
            + kind
            + " '"
            + spec.name()
            + "', but the model declares "
            + spec
            + (rank != shape.length
                ? ": the rank is " + shape.length + " instead of " + rank + "."
                : ": a fixed size differs.")
            + " Correct the shape.");
  }
}
