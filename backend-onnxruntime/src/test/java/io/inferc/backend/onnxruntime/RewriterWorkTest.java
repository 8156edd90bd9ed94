package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.Compiler;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a rewriter says of the work of a run. */
class RewriterWorkTest {
  private static OnnxModel products() {
    TensorShape open = TensorShape.of(List.of(Dimension.symbolic("n"), Dimension.fixed(8)));
    Graph graph =
        Graph.builder("products")
            .input(new TensorSpec("x", DataType.FLOAT32, open))
            .initializer(Initializer.floats("v", new float[8 * 5], 8, 5))
            .initializer(Initializer.floats("w", new float[5 * 3], 5, 3))
            .node(Node.of("MatMul", List.of("x", "v"), List.of("h")))
            .node(Node.of("MatMul", List.of("h", "w"), List.of("y")))
            .output(
                new TensorSpec(
                    "y",
                    DataType.FLOAT32,
                    TensorShape.of(List.of(Dimension.symbolic("n"), Dimension.fixed(3)))))
            .build();
    return OnnxModel.of(graph, 17);
  }

  @Test
  void multiplyAddsAreThoseOfAllLayersAtTheSizesOfTheProfile() {
    Compiler.Builder compiler = Compiler.forTarget(Target.onnxRuntime());
    assertEquals(8 * 5 + 5 * 3, compiler.build().rewriter(products()).multiplyAdds());
    compiler.profile(ShapeProfile.named("p").range("n", 1, 4, 9));
    assertEquals(4 * (8 * 5 + 5 * 3), compiler.build().rewriter(products()).multiplyAdds());
  }
}
