package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexBoundsTest {
  private static final List<TensorSpec> INPUTS =
      List.of(
          TensorSpec.of("ids", DataType.INT64, "n"),
          TensorSpec.of("places", DataType.INT32, "n"),
          TensorSpec.of("free", DataType.INT64, "n"));

  private static final Graph GRAPH =
      Graph.builder("tables")
          .input(INPUTS.get(0))
          .input(INPUTS.get(1))
          .input(INPUTS.get(2))
          .initializer(Initializer.floats("words", new float[20], 10, 2))
          .initializer(Initializer.floats("fewer", new float[12], 2, 6))
          .initializer(Initializer.floats("spots", new float[8], 4, 2))
          .node(Node.of("Gather", List.of("words", "ids"), List.of("a")))
          .node(
              Node.builder("Gather")
                  .inputs("fewer", "ids")
                  .outputs("b")
                  .attribute(Attribute.of("axis", -1))
                  .build())
          .node(
              Node.builder("Cast")
                  .inputs("places")
                  .outputs("wide")
                  .attribute(Attribute.of("to", DataType.INT64.onnxCode()))
                  .build())
          .node(Node.of("Gather", List.of("spots", "wide"), List.of("c")))
          .node(Node.of("Neg", List.of("free"), List.of("d")))
          .output(TensorSpec.of("a", DataType.FLOAT32, "n, 2"))
          .output(TensorSpec.of("b", DataType.FLOAT32, "2, n"))
          .output(TensorSpec.of("c", DataType.FLOAT32, "n, 2"))
          .output(TensorSpec.of("d", DataType.INT64, "n"))
          .build();

  private static void check(int input, Tensor tensor) {
    try (tensor) {
      IndexBounds.of(GRAPH, INPUTS).check("m", INPUTS.get(input), input, tensor);
    }
  }

  private static void assertRefused(int input, String value, String rows, Tensor tensor) {
    InfercException e = assertThrows(InfercException.class, () -> check(input, tensor));
    assertTrue(e.problem().contains("value " + value + " "), e.problem());
    assertTrue(e.problem().contains(rows + " rows"), e.problem());
    assertTrue(e.problem().contains("'" + INPUTS.get(input).name() + "'"), e.problem());
  }

  @Test
  void theSmallestOfSeveralTablesCounts() {
    check(0, Tensor.of(new long[] {0, 5, -6}, 3));
    assertRefused(0, "6", "6", Tensor.of(new long[] {0, 6}, 2));
    assertRefused(0, "-7", "6", Tensor.of(new long[] {-7}, 1));
  }

  @Test
  void numbersAreFollowedThroughWhatLeavesThemAlone() {
    check(1, Tensor.of(new int[] {3, -4}, 2));
    assertRefused(1, "4", "4", Tensor.of(new int[] {3, 4}, 2));
  }

  @Test
  void inputsThatAreNoRowNumbersMayHaveAnyValue() {
    check(2, Tensor.of(new long[] {Long.MAX_VALUE, Long.MIN_VALUE}, 2));
  }
}
