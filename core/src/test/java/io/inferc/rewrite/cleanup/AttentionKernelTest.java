package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.cleanup.AttentionNetworks.Beside;
import io.inferc.rewrite.cleanup.AttentionNetworks.Form;
import io.inferc.rewrite.cleanup.AttentionNetworks.Mask;
import io.inferc.rewrite.cleanup.AttentionNetworks.Scale;
import io.inferc.rewrite.cleanup.AttentionNetworks.Turn;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the kernel is given, and what comes out where something is not a number. */
class AttentionKernelTest {
  private static final int BATCH = 2;
  private static final int LENGTH = 4;
  private static final int ALL = 6;

  private static PassFixture fixture(OnnxModel model) {
    OnnxModel declared =
        new ShapeDeclaration(List.<ShapeProfile>of()).apply(model, new RewriteLog());
    return PassFixture.of(new AttentionFusion()).model(declared).checkIdempotent().checkValid();
  }

  private static Form exported(Mask mask) {
    return new Form(
        Turn.BY_WAY_OF_THREE_DIMENSIONS, Scale.ON_BOTH_SIDES, mask, true, Beside.NOTHING);
  }

  private static List<String> operators(Graph graph) {
    return graph.nodes().stream().map(Node::opType).toList();
  }

  @Test
  void whereWeightsThatAreNoNumbersCountAsNothingTheKernelTakesTheMask() {
    PassFixture fixture = fixture(AttentionNetworks.of(exported(Mask.WHOLE)));
    Graph graph = fixture.after().graph();
    assertEquals(
        List.of("Abs", "ReduceSum", "Equal", "If", "ReduceSum", "Mul", "IsNaN", "Where"),
        operators(graph));
    Graph masked = graph.nodes().get(3).subgraphs().get(1);
    assertEquals(
        List.of("q", "k", "v", "", "", "mask"), masked.nodes().get(0).inputs(), masked::toString);
    fixture.checkNote("y", RewriteNote.Kind.CHANGED, "without its mask where nothing is masked");
  }

  @Test
  void biasesOfHeadsAreAlwaysAdded() {
    Form form = new Form(Turn.AT_ONCE, Scale.NOWHERE, Mask.OF_HEADS, false, Beside.NOTHING);
    PassFixture fixture = fixture(AttentionNetworks.of(form));
    assertEquals(List.of("MultiHeadAttention"), operators(fixture.after().graph()));
    fixture.checkNote("y", RewriteNote.Kind.CHANGED, "with its mask");
  }

  @Test
  void queriesThatAreNoNumbersHaveNoWeights() {
    Form form = exported(Mask.WHOLE);
    PassFixture fixture = fixture(AttentionNetworks.of(form));
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Map<String, Tensor> inputs = AttentionNetworks.inputs(form, BATCH, LENGTH, LENGTH, 7);
      inputs.get("q").floats().put(0, odd);
      fixture.checkEquivalent(1e-5, inputs);
    }
  }

  @Test
  void valuesThatAreNotFiniteDoNotVanish() throws OrtException {
    Form form = exported(Mask.WHOLE);
    PassFixture fixture = fixture(AttentionNetworks.of(form));
    Map<String, Tensor> inputs = AttentionNetworks.inputs(form, BATCH, LENGTH, LENGTH, 7);
    inputs.get("q").floats().put(0, Float.NaN);
    inputs.get("v").floats().put(0, Float.POSITIVE_INFINITY);
    double[] values = OrtRunner.run(fixture.after(), OrtRunner.of(inputs)).get("y").values();
    // The first head of the first row: no weight, times what is not finite.
    assertTrue(Double.isNaN(values[0]), () -> "was " + values[0]);
  }

  /** A network whose mask is made by a node. */
  private static OnnxModel madeMask(Node maker) {
    Form form = new Form(Turn.AT_ONCE, Scale.BEHIND, Mask.CHOSEN, false, Beside.NOTHING);
    OnnxModel network = AttentionNetworks.of(form);
    GraphEditor editor = network.graph().edit();
    Node choice = editor.producer("masked").orElseThrow();
    editor.insertBefore(choice, maker);
    editor.replace(choice, node("masked", "Where", List.of("made", "scaled", "fill")));
    return network.withGraph(editor.build());
  }

  @Test
  void aChoiceIsOfTruthValuesThoughNothingDeclaresIt() {
    OnnxModel model = madeMask(node("made", "Not", List.of("mask")));
    PassFixture.of(new AttentionFusion()).model(model).checkChanged().checkSound(1e-5);
  }

  @Test
  void maskedScoresThatAreDeclaredButNotProvedStay() {
    OnnxModel network = madeMask(node("made", "Expand", List.of("mask", "size")));
    GraphEditor editor = network.graph().edit();
    editor.addInput(TensorSpec.of("size", DataType.INT64, "?"));
    editor.putValueInfo(TensorSpec.of("masked", DataType.FLOAT32, "batch, 2, length, memory"));
    PassFixture.of(new AttentionFusion())
        .model(network.withGraph(editor.build()))
        .checkUnchanged()
        .checkNote("weights", RewriteNote.Kind.LEFT_ALONE, "not proved");
  }

  @Test
  void whatOtherPassesWroteIsNoObstacle() {
    Form form = new Form(Turn.AT_ONCE, Scale.BEHIND, Mask.NONE, false, Beside.NOTHING);
    OnnxModel network = AttentionNetworks.of(form);
    Node split =
        network.graph().nodes().stream()
            .filter(n -> n.name().equals("q4"))
            .findFirst()
            .orElseThrow();
    GraphEditor editor = network.graph().edit();
    Node first = node("rectified", "Relu", List.of("q"));
    editor.insertBefore(split, first);
    editor.replace(split, node("q4", "Reshape", List.of("rectified", "heads")));
    OnnxModel earlier =
        new ShapeDeclaration(List.<ShapeProfile>of())
            .apply(network.withGraph(editor.build()), new RewriteLog());
    GraphEditor later = earlier.graph().edit();
    later.replace(
        later.producer("rectified").orElseThrow(),
        node("rectified", "Gelu", List.of("q")).toBuilder().domain("com.microsoft").build());
    OnnxModel written = earlier.withGraph(later.build()).withOpset("com.microsoft", 1);
    PassFixture.of(new AttentionFusion()).model(written).checkUnchanged();
    PassFixture.of(new AttentionFusion(earlier, List.of())).model(written).checkSound(1e-5);
    OnnxModel after = new AttentionFusion(earlier, List.of()).apply(written, new RewriteLog());
    assertEquals(List.of("Gelu", "MultiHeadAttention"), operators(after.graph()));
  }

  /** The standard's operator between what splits and joins heads. */
  private static OnnxModel standard(DataType maskType, String maskShape, Attribute... attributes) {
    GraphBuilder graph =
        Graph.builder("standard")
            .initializer(longs("heads", 0, 0, 2, 3))
            .initializer(longs("all", 0, 0, ALL));
    for (String of : List.of("q", "k", "v")) {
      graph
          .input(TensorSpec.of(of, DataType.FLOAT32, "batch, length, 6"))
          .node(node(of + "4", "Reshape", List.of(of, "heads")))
          .node(
              node(of + "t", "Transpose", List.of(of + "4"), Attribute.ofInts("perm", 0, 2, 1, 3)));
    }
    graph
        .input(TensorSpec.of("mask", maskType, maskShape))
        .node(node("core", "Attention", List.of("qt", "kt", "vt", "mask"), attributes))
        .node(node("back", "Transpose", List.of("core"), Attribute.ofInts("perm", 0, 2, 1, 3)))
        .node(node("y", "Reshape", List.of("back", "all")));
    return OnnxModel.of(
        graph.output(TensorSpec.of("y", DataType.FLOAT32, "batch, length, 6")).build(), 23);
  }

  private static Map<String, Tensor> inputs(Tensor mask) {
    Form form = new Form(Turn.AT_ONCE, Scale.NOWHERE, Mask.NONE, false, Beside.NOTHING);
    Map<String, Tensor> inputs =
        new HashMap<>(AttentionNetworks.inputs(form, BATCH, LENGTH, LENGTH, 3));
    inputs.put("mask", mask);
    return inputs;
  }

  @Test
  void theStandardsAttentionGivesWayWhereNothingIsMasked() {
    PassFixture fixture = fixture(standard(DataType.BOOL, "batch, 1, length, length"));
    Graph graph = fixture.after().graph();
    assertEquals(List.of("Not", "Cast", "ReduceSum", "Equal", "If"), operators(graph));
    Tensor all = Tensor.allocate(DataType.BOOL, BATCH, 1, LENGTH, LENGTH);
    for (int i = 0; i < all.elementCount(); i++) {
      all.bytes().put(i, (byte) 1);
    }
    fixture.checkEquivalent(1e-5, inputs(all));
    Tensor some = Tensor.allocate(DataType.BOOL, BATCH, 1, LENGTH, LENGTH);
    for (int i = 0; i < some.elementCount(); i++) {
      some.bytes().put(i, (byte) (i % 3 == 0 || i % LENGTH == 0 ? 1 : 0));
    }
    fixture.checkEquivalent(1e-5, inputs(some));
  }

  @Test
  void aMaskOfNumbersIsHeldToZero() {
    PassFixture fixture =
        fixture(
            standard(DataType.FLOAT32, "batch, 1, length, length", Attribute.of("scale", 0.25f)));
    assertEquals(List.of("Abs", "ReduceSum", "Equal", "If"), operators(fixture.after().graph()));
    float[] mask = new float[BATCH * LENGTH * LENGTH];
    fixture.checkEquivalent(1e-5, inputs(Tensor.of(mask, BATCH, 1, LENGTH, LENGTH)));
    mask[3] = -10_000;
    fixture.checkEquivalent(1e-5, inputs(Tensor.of(mask, BATCH, 1, LENGTH, LENGTH)));
  }

  @Test
  void whatElseTheStandardsAttentionDoesStays() {
    for (OnnxModel model :
        List.of(
            standard(DataType.BOOL, "length, length", Attribute.of("is_causal", 1)),
            standard(DataType.BOOL, "length, length", Attribute.of("softcap", 5f)),
            // Columns that a mask lacks may be masked.
            standard(DataType.BOOL, "length, 3"))) {
      OnnxModel declared =
          new ShapeDeclaration(List.<ShapeProfile>of()).apply(model, new RewriteLog());
      PassFixture.of(new AttentionFusion())
          .model(declared)
          .checkUnchanged()
          .checkNote("core", RewriteNote.Kind.LEFT_ALONE, "not proved");
    }
  }
}
