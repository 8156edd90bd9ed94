package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import org.junit.jupiter.api.Test;

class CastLikeResolutionTest {
  private static GraphBuilder graph() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, 2, 4))
        .output(TensorSpec.of("y", DataType.FLOAT32, 2, 4));
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  @Test
  void aConstantIsCastToTheTypeOfAnInput() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .initializer(Initializer.longs("three", new long[] {3}))
                .node(node("CastLike", "like", "t", "three", "x"))
                .node(node("Mul", "mul", "y", "x", "t"))
                .build(),
            17);
    PassFixture.of(new CastLikeResolution())
        .model(model)
        .check(
            """
            const three: INT64[] = [3]
            like: Cast(three) -> t {to=1}
            mul: Mul(x, t) -> y
            return y
            """)
        .checkNote("like", RewriteNote.Kind.CHANGED, "FLOAT32")
        .checkSound(0);
  }

  @Test
  void whatItIsLikeMayBeMadeByAnyNode() {
    OnnxModel model =
        OnnxModel.of(
            graph()
                .node(node("Shape", "shape", "s", "x"))
                .node(node("CastLike", "like", "i", "x", "s"))
                .node(
                    node("Cast", "back", "y", "i").toBuilder()
                        .attribute(Attribute.of("to", 1L))
                        .build())
                .build(),
            17);
    PassFixture.of(new CastLikeResolution())
        .model(model)
        .check(
            """
            shape: Shape(x) -> s
            like: Cast(x) -> i {to=7}
            back: Cast(i) -> y {to=1}
            return y
            """)
        .checkSound(0);
  }

  @Test
  void anUnknownTypeLeavesItAsItIs() {
    Node foreign = Node.builder("Some").domain("else.where").inputs("x").outputs("f").build();
    OnnxModel model =
        OnnxModel.of(
            graph().node(foreign).node(node("CastLike", "like", "y", "x", "f")).build(), 17);
    PassFixture.of(new CastLikeResolution()).model(model).checkUnchanged();
  }
}
