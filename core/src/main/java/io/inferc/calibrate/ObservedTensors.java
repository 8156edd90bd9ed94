package io.inferc.calibrate;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides which tensors of the main graph are observed. */
final class ObservedTensors {
  private ObservedTensors() {}

  /** Returns all activations of a type that can be read, in the order of the graph. */
  static List<String> all(Graph graph, Map<String, TensorSpec> specs) {
    Set<String> constants = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (node.opType().equals("Constant") && node.domain().isEmpty()) {
        constants.addAll(node.outputs());
      }
    }
    List<String> found = new ArrayList<>();
    for (String name : activations(graph)) {
      TensorSpec spec = specs.get(name);
      if (spec != null && TensorObservation.canRead(spec.type()) && !constants.contains(name)) {
        found.add(name);
      }
    }
    return found;
  }

  /**
   * Returns the tensors that were asked for, in the order of the graph.
   *
   * @throws InfercException if one is no activation of the main graph
   */
  static List<String> chosen(OnnxModel model, Set<String> asked) {
    Set<String> activations = activations(model.graph());
    for (String name : asked) {
      if (!activations.contains(name)) {
        throw unknown(model, name, activations);
      }
      Optional<TensorSpec> declared = model.graph().declared(name);
      if (declared.isPresent() && !TensorObservation.canRead(declared.get().type())) {
        throw noFloats(declared.get().toString());
      }
    }
    return activations.stream().filter(asked::contains).toList();
  }

  /** The refusal of tensors that are observed but hold something else than floats. */
  static InfercException noFloats(String tensors) {
    return new InfercException(
        Stage.CALIBRATE,
        "Tried to calibrate tensors that are no floating-point numbers: " + tensors + ".",
        "Leave them out; only FLOAT32, FLOAT16, BFLOAT16 and FLOAT64 have a range to quantize.");
  }

  private static Set<String> activations(Graph graph) {
    Set<String> names = new LinkedHashSet<>();
    graph.requiredInputs().stream().map(ValueInfo::name).forEach(names::add);
    for (Node node : graph.nodes()) {
      node.outputs().stream().filter(o -> !o.isEmpty()).forEach(names::add);
    }
    return names;
  }

  private static InfercException unknown(OnnxModel model, String name, Set<String> activations) {
    String found =
        model.graph().initializer(name).isPresent()
            ? "it is a constant there."
            : "there is no such tensor in its main graph.";
    String remedy =
        model.graph().initializer(name).isPresent()
            ? "Take the range of a constant from its values."
            : "Near matches: "
                + String.join(", ", NearMatches.of(name, activations))
                + ". Tensors inside the bodies of If, Loop and Scan cannot be observed.";
    return new InfercException(
        Stage.CALIBRATE,
        "Tried to calibrate the tensor '" + name + "' of " + model + ", but " + found,
        remedy);
  }
}
