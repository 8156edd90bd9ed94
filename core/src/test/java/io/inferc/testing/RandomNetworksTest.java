package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomNetworksTest {
  private static final int MANY = 300;

  @Test
  void everyNetworkIsValidAndComputesModerateNumbers() throws OrtException {
    for (long seed = 0; seed < MANY; seed++) {
      OnnxModel model = RandomNetworks.of(seed);
      assertEquals(List.of(), model.check(), "seed " + seed);
      Map<String, Tensor> inputs = RandomNetworks.inputs(model.graph(), seed);
      for (Output output : OrtRunner.run(model, OrtRunner.of(inputs)).values()) {
        for (double v : output.values()) {
          assertTrue(Math.abs(v) < 1e4, "seed " + seed + " gave " + v);
        }
      }
      inputs.values().forEach(Tensor::close);
    }
  }

  @Test
  void theSameSeedGivesTheSameNetwork() {
    for (long seed = 0; seed < 20; seed++) {
      assertEquals(RandomNetworks.of(seed), RandomNetworks.of(seed));
      assertEquals(RandomNetworks.of(seed).digest(), RandomNetworks.of(seed).digest());
    }
  }

  @Test
  void theNetworksUseEveryOperatorAndOpsetThatIsPromised() {
    Set<String> operators = new HashSet<>();
    Set<Integer> opsets = new HashSet<>();
    for (long seed = 0; seed < MANY; seed++) {
      OnnxModel model = RandomNetworks.of(seed);
      opsets.add(model.opset());
      model.graph().nodes().stream().map(Node::opType).forEach(operators::add);
    }
    List<String> missing =
        new ArrayList<>(
            List.of(
                "Conv",
                "ConvTranspose",
                "Gemm",
                "MatMul",
                "Relu",
                "BatchNormalization",
                "MaxPool",
                "AveragePool",
                "GlobalAveragePool",
                "Add",
                "Concat",
                "Transpose",
                "Softmax",
                "LayerNormalization",
                "ReduceMean",
                "Gelu",
                "Erf",
                "If",
                "Loop",
                "Constant",
                "DequantizeLinear",
                "Identity",
                "Dropout",
                "Shape",
                "Gather"));
    missing.removeAll(operators);
    assertEquals(List.of(), missing);
    assertEquals(Set.of(13, 14, 15, 16, 17, 18, 19, 20, 21), opsets);
  }
}
