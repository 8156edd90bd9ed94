package io.inferc.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.search.LayerSwitches.Variant;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerSwitchesTest {
  private static Node node(String operator, String output, String... inputs) {
    return Node.builder(operator).name("n_" + output).inputs(inputs).outputs(output).build();
  }

  /** Two layers in a row, each optionally with its input made negative twice. */
  private static OnnxModel model(boolean first, boolean second, float weight) {
    GraphBuilder graph =
        Graph.builder("two")
            .input(TensorSpec.of("x", DataType.FLOAT32, "n, 2"))
            .output(TensorSpec.of("y", DataType.FLOAT32, "n, 2"))
            .initializer(Initializer.floats("w", new float[] {1, 2, 3, weight}, 2, 2));
    if (first) {
      graph.node(node("Neg", "x_neg", "x")).node(node("Neg", "x_back", "x_neg"));
    }
    graph.node(node("MatMul", "a", first ? "x_back" : "x", "w"));
    if (second) {
      graph.node(node("Neg", "a_neg", "a")).node(node("Neg", "a_back", "a_neg"));
    }
    graph.node(node("MatMul", "y", second ? "a_back" : "a", "w"));
    return OnnxModel.of(graph.build(), 17);
  }

  private static Variant variant(String node) {
    return new Variant(node, NumericPrecision.INT8);
  }

  @Test
  void changesOfDifferentNodesShareOneModel() {
    Map<Variant, OnnxModel> variants = new LinkedHashMap<>();
    variants.put(variant("n_a"), model(true, false, 4));
    variants.put(variant("n_y"), model(false, true, 4));
    List<LayerSwitches> switches = LayerSwitches.of(model(false, false, 4), variants);
    assertEquals(1, switches.size());
    assertEquals(Map.of(variant("n_a"), 0L, variant("n_y"), 1L), switches.get(0).numbers());
    OnnxModel switched = switches.get(0).build().orElseThrow();
    assertEquals(List.of(), switched.check());
    List<Node> branches =
        switched.graph().nodes().stream().filter(n -> n.opType().equals("If")).toList();
    assertEquals(
        List.of(List.of("a"), List.of("y")), branches.stream().map(Node::outputs).toList());
    for (Node branch : branches) {
      assertEquals(3, branch.attribute("then_branch").orElseThrow().asGraph().nodes().size());
      assertEquals(1, branch.attribute("else_branch").orElseThrow().asGraph().nodes().size());
    }
  }

  @Test
  void changesOfTheSameNodeTakeAModelEach() {
    Map<Variant, OnnxModel> variants = new LinkedHashMap<>();
    variants.put(variant("n_a"), model(true, false, 4));
    variants.put(new Variant("n_a", NumericPrecision.INT8_DYNAMIC), model(true, false, 4));
    assertEquals(2, LayerSwitches.of(model(false, false, 4), variants).size());
  }

  @Test
  void weightsThatChangeUnderTheirNameGoIntoTheBranch() {
    LayerSwitches switches = new LayerSwitches(model(false, false, 4));
    assertTrue(switches.add(variant("both"), model(false, false, 5)));
    OnnxModel switched = switches.build().orElseThrow();
    assertEquals(List.of(), switched.check());
    Graph branch =
        switched.graph().nodes().stream()
            .filter(n -> n.opType().equals("If"))
            .findFirst()
            .orElseThrow()
            .attribute("then_branch")
            .orElseThrow()
            .asGraph();
    assertEquals(5, branch.initializers().get(0).floats()[3]);
  }

  @Test
  void whatChangesNothingIsRefused() {
    LayerSwitches switches = new LayerSwitches(model(false, false, 4));
    assertFalse(switches.add(variant("n_a"), model(false, false, 4)));
    assertEquals(Map.of(), switches.numbers());
  }
}
