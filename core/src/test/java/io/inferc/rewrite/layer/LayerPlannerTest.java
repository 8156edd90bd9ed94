package io.inferc.rewrite.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Layers;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What rules select, which wins, and how those that select nothing are refused. */
class LayerPlannerTest {
  private static final Set<String> CANDIDATES = Set.of("enc.0/mm", "enc.1/mm", "enc.2/mm", "head");

  // enc.0/mm, enc.0/relu, enc.1/mm, enc.1/relu, enc.2/mm, enc.2/relu, head, softmax
  private static OnnxModel network() {
    GraphBuilder graph = Graph.builder("network").input(TensorSpec.of("x", DataType.FLOAT32, 2, 4));
    graph.initializer(Initializer.floats("w", new float[16], 4, 4));
    String last = "x";
    for (int i = 0; i < 3; i++) {
      graph.node(node("MatMul", "enc." + i + "/mm", "m" + i, last, "w"));
      graph.node(node("Relu", "enc." + i + "/relu", "r" + i, "m" + i));
      last = "r" + i;
    }
    graph.node(node("Gemm", "head", "h", last, "w"));
    graph.node(node("Softmax", "softmax", "y", "h"));
    graph.output(TensorSpec.of("y", DataType.FLOAT32, 2, 4));
    return OnnxModel.of(graph.build(), 17);
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  private static LayerPlan plan(LayerRule... rules) {
    return LayerPlanner.forBase(NumericPrecision.INT8).plan(network(), CANDIDATES, List.of(rules));
  }

  private static Set<String> selected(LayerSelector selector) {
    LayerPlan plan = plan(LayerRule.keep(selector, NumericPrecision.BF16));
    Set<String> found = new TreeSet<>();
    plan.decisions()
        .forEach(
            (name, d) -> {
              if (d.precision() == NumericPrecision.BF16) {
                found.add(name);
              }
            });
    return found;
  }

  private static InfercException refusal(LayerRule rule) {
    InfercException e = assertThrows(InfercException.class, () -> plan(rule));
    assertEquals(Stage.REWRITE, e.stage());
    return e;
  }

  private static InfercException refusal(LayerSelector selector) {
    return refusal(LayerRule.keep(selector, NumericPrecision.FP32));
  }

  @Test
  void withoutRulesCandidatesHaveTheBaseAndTheRestStaysFloat() {
    LayerPlan plan = plan();
    assertEquals(8, plan.decisions().size());
    plan.decisions()
        .forEach(
            (name, d) ->
                assertEquals(
                    CANDIDATES.contains(name) ? NumericPrecision.INT8 : NumericPrecision.FP32,
                    d.precision(),
                    name));
    assertEquals("the precision asked for the model", plan.of("head").reason());
    assertEquals("the operator has no form at INT8", plan.of("softmax").reason());
  }

  @Test
  void theRestCanBeHalfPrecision() {
    LayerPlan plan =
        LayerPlanner.forBase(NumericPrecision.INT8, NumericPrecision.FP16)
            .plan(network(), CANDIDATES, List.of());
    assertEquals(NumericPrecision.INT8, plan.precision("head"));
    assertEquals(NumericPrecision.FP16, plan.precision("softmax"));
  }

  @Test
  void aFloatingBaseHoldsForAllNodesAndARuleQuantizesSome() {
    LayerPlan plan =
        LayerPlanner.forBase(NumericPrecision.FP16)
            .plan(network(), CANDIDATES, List.of(LayerRule.quantize(Layers.named("enc.1/*"))));
    assertEquals(NumericPrecision.FP16, plan.precision("enc.0/mm"));
    assertEquals(NumericPrecision.INT8, plan.precision("enc.1/mm"));
    assertEquals(NumericPrecision.FP16, plan.precision("enc.1/relu"));
    assertTrue(plan.of("enc.1/relu").reason().contains("cannot be quantized"));
    assertEquals(
        "by the rule: quantize nodes named 'enc.1/*' to INT8", plan.of("enc.1/mm").reason());
  }

  @Test
  void namesSelectExactlyOrByPattern() {
    assertEquals(Set.of("head"), selected(Layers.named("head")));
    assertEquals(Set.of("enc.0/mm", "enc.1/mm", "enc.2/mm"), selected(Layers.named("enc.?/mm")));
    assertEquals(Set.of("enc.0/mm", "enc.0/relu", "head"), selected(Layers.named("*.0*", "h*d")));
    assertEquals(8, selected(Layers.named("*")).size());
  }

  @Test
  void aNameWithAStarOfItsOwnIsSelectedExactly() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                .node(node("Relu", "a*", "y", "x"))
                .node(node("Relu", "ab", "z", "y"))
                .output(TensorSpec.of("z", DataType.FLOAT32, 2))
                .build(),
            17);
    LayerRule rule = LayerRule.keep(LayerSelector.exactly("a*"), NumericPrecision.FP32);
    LayerPlan plan =
        LayerPlanner.forBase(NumericPrecision.FP16).plan(model, Set.of(), List.of(rule));
    assertEquals(NumericPrecision.FP32, plan.precision("a*"));
    assertEquals(NumericPrecision.FP16, plan.precision("ab"));
  }

  @Test
  void operatorTypesSelect() {
    assertEquals(
        Set.of("head", "softmax"), selected(Layers.ofType("Gemm", "Softmax", "LogSoftmax")));
  }

  @Test
  void positionsCountOnlyWhatCanBeQuantized() {
    assertEquals(Set.of("enc.0/mm"), selected(Layers.first(1)));
    assertEquals(Set.of("enc.2/mm", "head"), selected(Layers.last(2)));
    assertEquals(Set.of("enc.0/mm", "head"), selected(Layers.firstAndLast()));
    assertEquals(CANDIDATES, selected(Layers.first(100)));
  }

  @Test
  void blocksSelect() {
    assertEquals(Set.of("softmax"), selected(Layers.softmax()));
  }

  @Test
  void selectorsCombine() {
    assertEquals(
        Set.of("enc.0/relu"), selected(Layers.named("enc.0/*").and(Layers.ofType("Relu"))));
    assertEquals(
        Set.of("head", "enc.0/relu"),
        selected(Layers.named("head").or(Layers.named("enc.0/*").and(Layers.ofType("Relu")))));
    assertEquals(Set.of("head", "softmax"), selected(Layers.not(Layers.named("enc.*"))));
    assertEquals(
        Set.of("enc.1/mm", "enc.2/mm", "head"),
        selected(Layers.first(9).and(Layers.not(Layers.first(1)))));
    assertEquals(Layers.softmax(), Layers.not(Layers.not(Layers.softmax())));
  }

  @Test
  void selectorsSayWhatTheyMean() {
    assertEquals("the first layer and the last layer", Layers.firstAndLast().describe());
    assertEquals(
        "all MatMul that are also (all but the node 'head')",
        Layers.ofType("MatMul").and(Layers.not(Layers.named("head"))).describe());
    assertEquals(
        "(the first 2 layers and all softmax) that are also nodes named 'a*'",
        Layers.first(2).or(Layers.softmax()).and(Layers.named("a*")).describe());
  }

  @Test
  void selectorsAreValues() {
    assertEquals(
        Layers.named("a", "b").or(Layers.softmax()), Layers.named("a", "b").or(Layers.softmax()));
    assertEquals(
        Layers.named("a", "b").hashCode(), Layers.named("a").or(Layers.named("b")).hashCode());
    assertTrue(!Layers.first(1).equals(Layers.last(1)));
  }

  @Test
  void laterRulesWin() {
    LayerRule all = LayerRule.keep(Layers.named("*"), NumericPrecision.FP32);
    LayerRule head = LayerRule.quantize(Layers.named("head"), NumericPrecision.INT8_DYNAMIC);
    assertEquals(NumericPrecision.INT8_DYNAMIC, plan(all, head).precision("head"));
    assertEquals(NumericPrecision.FP32, plan(all, head).precision("enc.0/mm"));
    assertEquals(NumericPrecision.FP32, plan(head, all).precision("head"));
  }

  @Test
  void aMisspeltNameIsRefusedWithNearMatches() {
    InfercException e = refusal(Layers.named("haed"));
    assertTrue(e.problem().contains("keep the node 'haed' at FP32"), e.problem());
    assertTrue(e.remedy().startsWith("Near matches: 'head'"), e.remedy());
    e = refusal(Layers.named("enk.1*"));
    assertTrue(e.remedy().startsWith("Near matches: 'enc.1/mm', 'enc.1/relu'"), e.remedy());
  }

  @Test
  void aMisspeltOperatorIsRefusedWithThoseOfTheModel() {
    InfercException e = refusal(Layers.ofType("matmul"));
    assertTrue(e.remedy().startsWith("Near matches: 'MatMul'"), e.remedy());
    assertTrue(e.remedy().contains("Softmax=1"), e.remedy());
  }

  @Test
  void aMisspeltNameInsideACombinationIsRefusedToo() {
    assertTrue(refusal(Layers.named("head", "sofmax")).remedy().contains("'softmax'"));
    assertTrue(refusal(Layers.not(Layers.named("haed"))).remedy().contains("'head'"));
    assertTrue(refusal(Layers.not(Layers.ofType("Conf"))).problem().contains("all Conf"));
  }

  @Test
  void aCombinationOfWhatIsThereThatSelectsNothingIsRefused() {
    InfercException e = refusal(Layers.named("head").and(Layers.ofType("MatMul")));
    assertTrue(e.problem().contains("none is selected"), e.problem());
    assertTrue(e.remedy().contains("MatMul=3"), e.remedy());
  }

  @Test
  void blocksThatAreNotThereAreRefused() {
    assertTrue(refusal(Layers.attention()).problem().contains("all attention"));
  }

  @Test
  void positionsInAModelWithoutLayersAreRefused() {
    InfercException e =
        assertThrows(
            InfercException.class,
            () ->
                LayerPlanner.forBase(NumericPrecision.FP16)
                    .plan(
                        network(),
                        Set.of(),
                        List.of(LayerRule.keep(Layers.firstAndLast(), NumericPrecision.FP32))));
    assertTrue(e.remedy().contains("no layer that can be quantized"), e.remedy());
  }

  @Test
  void quantizingOnlyWhatCannotBeIsRefused() {
    InfercException e = refusal(LayerRule.quantize(Layers.ofType("Relu")));
    assertTrue(e.problem().contains("none of the 3 nodes"), e.problem());
    assertTrue(e.remedy().contains("Gemm, MatMul"), e.remedy());
  }

  @Test
  void nodesThatShareANameOrHaveNoneAreRefusedUntilTheyAreNamed() {
    for (String name : List.of("", "same")) {
      OnnxModel model =
          OnnxModel.of(
              Graph.builder("g")
                  .input(TensorSpec.of("x", DataType.FLOAT32, 2))
                  .node(node("Relu", name, "y", "x"))
                  .node(node("Relu", name, "z", "y"))
                  .output(TensorSpec.of("z", DataType.FLOAT32, 2))
                  .build(),
              17);
      LayerPlanner planner = LayerPlanner.forBase(NumericPrecision.FP16);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> planner.plan(model, Set.of(), List.of()));
      assertTrue(e.getMessage().contains("UniqueNames"), e.getMessage());
      OnnxModel named = new UniqueNames().apply(model, new RewriteLog());
      Map<String, LayerDecision> decisions = planner.plan(named, Set.of(), List.of()).decisions();
      assertEquals(
          name.isEmpty() ? List.of("y", "z") : List.of("same", "same_1"),
          new ArrayList<>(decisions.keySet()));
    }
  }

  @Test
  void precisionsThatNoLayerCanHaveAreRefused() {
    LayerSelector head = Layers.named("head");
    for (NumericPrecision wrong : List.of(NumericPrecision.TF32, NumericPrecision.INT8)) {
      assertThrows(IllegalArgumentException.class, () -> LayerRule.keep(head, wrong));
    }
    assertThrows(
        IllegalArgumentException.class, () -> LayerRule.quantize(head, NumericPrecision.FP16));
    assertThrows(IllegalArgumentException.class, () -> LayerRule.keep(head, DataType.INT8));
    assertThrows(
        IllegalArgumentException.class, () -> new LayerRule(head, NumericPrecision.TF32, "x"));
    assertThrows(IllegalArgumentException.class, () -> LayerPlanner.forBase(NumericPrecision.TF32));
    assertThrows(
        IllegalArgumentException.class,
        () -> LayerPlanner.forBase(NumericPrecision.FP16, NumericPrecision.INT8));
    assertEquals(
        LayerRule.keep(head, NumericPrecision.FP16), LayerRule.keep(head, DataType.FLOAT16));
  }

  @Test
  void emptySelectionsAreRefusedWhereTheyAreMade() {
    assertThrows(IllegalArgumentException.class, Layers::named);
    assertThrows(IllegalArgumentException.class, () -> Layers.named("a", " "));
    assertThrows(IllegalArgumentException.class, () -> Layers.ofType(""));
    assertThrows(IllegalArgumentException.class, () -> Layers.first(0));
    assertThrows(IllegalArgumentException.class, () -> Layers.last(-1));
  }
}
