package io.inferc.shape.internal;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds the element type and shape of every tensor of a model, by asking a runtime: each tensor
 * becomes an output without a declared type, the runtime loads the graph as it is, and says what it
 * worked out. Symbols of the model are kept where they survive; sizes that depend on the data stay
 * open.
 *
 * <pre>{@code
 * Map<String, TensorSpec> tensors = ShapeInference.infer(model, backend, choice);
 * TensorSpec hidden = tensors.get("/encoder/layer.0/output");
 * }</pre>
 */
public final class ShapeInference {
  private ShapeInference() {}

  /**
   * Finds types and shapes.
   *
   * @param model the model
   * @param backend a back end whose capabilities have {@code intermediateOutputs}
   * @param choice its device and options
   * @return a specification for each input, output and tensor between nodes of the main graph, by
   *     name; tensors inside subgraphs, and values that are no dense tensors, are left out
   * @throws InfercException if the back end cannot do this, or refuses the model
   */
  public static Map<String, TensorSpec> infer(
      OnnxModel model, Backend backend, Target.Choice choice) {
    if (!backend.capabilities(choice).intermediateOutputs()) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to find the shapes of "
              + model
              + " with the back end '"
              + backend.name()
              + "', but it cannot return intermediate tensors.",
          "Use ONNX Runtime for this: add io.inferc:inferc-backend-onnxruntime.");
    }
    Map<String, TensorSpec> found = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().requiredInputs()) {
      input.tensor().ifPresent(t -> found.put(t.name(), t));
    }
    try (ModelSource source = ModelSource.of(model.withGraph(everythingReturned(model.graph())));
        BackendModel loaded =
            backend.compile(CompileRequest.of(source, model.graph().name(), choice).asFaithful())) {
      loaded.outputs().forEach(o -> found.put(o.name(), o));
    }
    return Collections.unmodifiableMap(found);
  }

  private static Graph everythingReturned(Graph graph) {
    GraphEditor editor = graph.edit();
    Set<String> optional = OptionalValues.of(graph);
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !editor.isOutput(output) && !optional.contains(output)) {
          editor.addOutput(ValueInfo.untyped(output));
        }
      }
    }
    return editor.build();
  }
}
