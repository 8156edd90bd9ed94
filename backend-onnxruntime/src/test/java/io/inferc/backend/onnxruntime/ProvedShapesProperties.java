package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is proved of generated graphs, and declared, holds in runs at the corners of a profile. */
class ProvedShapesProperties {
  private static final int[][] CORNERS = {{1, 5}, {4, 40}, {1, 40}, {4, 5}, {3, 17}, {2, 32}};

  @Property(tries = 60, maxDiscardRatio = 1)
  void whatIsProvedHoldsAtTheCornersOfTheProfile(@ForAll long seed) {
    Graph graph = new ShapeGraphs(new Random(seed)).graph();
    OnnxModel model = OnnxModel.of(graph, 17);
    ShapeProfile profile = ShapeProfile.named("p").range("batch", 1, 2, 4).range("seq", 5, 17, 40);
    ProvedShapes proved = ProvedShapes.of(model, List.of(profile));
    ProvedShapes open = ProvedShapes.of(model, List.of());
    int runs = 0;
    try (EveryTensor every = new EveryTensor(model)) {
      for (int[] corner : CORNERS) {
        Map<String, long[]> inputs = Map.of("x", new long[] {corner[0], corner[1], 6});
        Map<String, long[]> shapes;
        try {
          shapes = every.shapes(inputs, new Random(seed));
        } catch (InfercException e) {
          // Some sizes are too small for some operators.
          continue;
        }
        shapes.forEach((tensor, shape) -> compare(proved, tensor, inputs, shape, graph));
        shapes.forEach((tensor, shape) -> compare(open, tensor, inputs, shape, graph));
        compareDeclared(proved, corner, shapes, graph);
        runs++;
      }
    }
    // Some graphs take no size at all; that there are not too many of them is checked by jqwik.
    Assume.that(runs > 0);
  }

  static void compare(
      ProvedShapes proved, String tensor, Map<String, long[]> inputs, long[] shape, Object about) {
    List<OptionalLong> expected = proved.expected(tensor, inputs).orElse(null);
    if (expected == null) {
      return;
    }
    String message = tensor + " is proved " + proved.describe(tensor) + " in " + about;
    assertEquals(shape.length, expected.size(), message);
    for (int i = 0; i < shape.length; i++) {
      if (expected.get(i).isPresent()) {
        assertEquals(shape[i], expected.get(i).getAsLong(), message);
      }
    }
  }

  /** Equal names stand for equal sizes within a run. */
  private static void compareDeclared(
      ProvedShapes proved, int[] corner, Map<String, long[]> shapes, Graph graph) {
    Map<String, Long> sizes =
        new HashMap<>(Map.of("batch", (long) corner[0], "seq", (long) corner[1]));
    Map<String, TensorShape> declarations = proved.declarations();
    shapes.forEach(
        (tensor, shape) -> {
          TensorShape declared = declarations.get(tensor);
          if (declared == null) {
            return;
          }
          String message = tensor + " is declared " + declared + " in " + graph;
          assertTrue(declared.accepts(shape), message);
          List<Dimension> dimensions = declared.dimensions().orElseThrow();
          for (int i = 0; i < shape.length; i++) {
            long size = shape[i];
            dimensions
                .get(i)
                .symbol()
                .ifPresent(s -> assertEquals(sizes.computeIfAbsent(s, n -> size), size, message));
          }
        });
  }
}
