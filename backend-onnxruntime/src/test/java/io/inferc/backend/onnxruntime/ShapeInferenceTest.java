package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.shape.internal.ShapeInference;
import io.inferc.spi.BackendRegistry;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import io.inferc.testing.RealModels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {
  private static Map<String, TensorSpec> infer(OnnxModel model) {
    var opened = BackendRegistry.discover().open(Target.onnxRuntime());
    return ShapeInference.infer(model, opened.backend(), opened.choice());
  }

  @Test
  void tensorsBetweenNodesGetTypesAndShapesWithTheModelsSymbols() {
    Map<String, TensorSpec> tensors = infer(ContractModels.dense());
    assertEquals(List.of("x", "y", "xw", "xwc"), List.copyOf(tensors.keySet()));
    assertEquals(TensorSpec.of("xwc", DataType.FLOAT32, "rows, 2"), tensors.get("xwc"));
  }

  @Test
  void everyTensorOfARealTransformerIsFound() {
    OnnxModel model = OnnxModel.load(RealModels.MINILM.path());
    Map<String, TensorSpec> tensors = infer(model);
    long outputs = model.graph().nodes().stream().map(Node::outputs).mapToLong(List::size).sum();
    assertEquals(outputs + 3, tensors.size());
    assertEquals(
        TensorSpec.of("last_hidden_state", DataType.FLOAT32, "batch_size, sequence_length, 384"),
        tensors.get("last_hidden_state"));
  }
}
