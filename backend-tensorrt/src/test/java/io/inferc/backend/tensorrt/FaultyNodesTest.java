package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What TensorRT computes wrongly is refused before it is asked, and what is like it is not. */
class FaultyNodesTest {
  private static GraphBuilder graph() {
    return Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, 1, 8, 9, 9));
  }

  private static void check(GraphBuilder graph) {
    FaultyNodes.CHECK.check(OnnxModel.of(graph.output(ValueInfo.untyped("y")).build(), 17), "m");
  }

  private static void refused(GraphBuilder graph, String why) {
    InfercException e = assertThrows(InfercException.class, () -> check(graph));
    assertTrue(e.getMessage().contains("TensorRT"), e.getMessage());
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }

  private static GraphBuilder pool(long ceil, long pad) {
    return graph()
        .node(
            Node.builder("AveragePool")
                .inputs("x")
                .outputs("y")
                .attribute(Attribute.ofInts("kernel_shape", 3, 3))
                .attribute(Attribute.of("ceil_mode", ceil))
                .attribute(Attribute.of("count_include_pad", pad))
                .build());
  }

  @Test
  void averagesOfPaddingAndOfWhatLiesBeyond() {
    refused(pool(1, 1), "count_include_pad");
    assertDoesNotThrow(() -> check(pool(1, 0)));
    assertDoesNotThrow(() -> check(pool(0, 1)));
  }

  @Test
  void shapesOfTransposedConvolutions() {
    Node layer = Node.of("ConvTranspose", List.of("x", "w"), List.of("y"));
    Node shaped = layer.toBuilder().attribute(Attribute.ofInts("output_shape", 18, 18)).build();
    refused(graph().node(shaped), "output_shape");
    assertDoesNotThrow(() -> check(graph().node(layer)));
  }

  private static GraphBuilder clipped(String before, float low, float high) {
    return graph()
        .initializer(Initializer.floats("low", new float[] {low}))
        .initializer(Initializer.floats("high", new float[] {high}))
        .initializer(Initializer.floats("s", new float[] {1}))
        .node(Node.of(before, List.of("x", "s"), List.of("a")))
        .node(Node.of("Clip", List.of("a", "low", "high"), List.of("b")))
        .node(Node.of("QuantizeLinear", List.of("b", "s"), List.of("y")));
  }

  @Test
  void quantizedBoundsBehindALayer() {
    refused(clipped("Conv", -0.6f, 0.9f), "Clip 'b'");
    refused(clipped("MatMul", 0.2f, 0.9f), "Clip 'b'");
    assertDoesNotThrow(() -> check(clipped("Conv", 0, 6)));
    assertDoesNotThrow(() -> check(clipped("Conv", -Float.MAX_VALUE, 0.9f)));
    assertDoesNotThrow(() -> check(clipped("Sub", -0.6f, 0.9f)));
  }
}
