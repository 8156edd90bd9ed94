package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import io.inferc.testing.TestGraphs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecurrentQuantizationTest {
  private static final int INPUT = 24;
  private static final int BATCH = 3;

  private static final QuantizationDialect DIALECT = dialect(true);

  private static QuantizationDialect dialect(boolean perChannel) {
    return QuantizationDialect.builder("cpu")
        .perChannelWeights(perChannel)
        .reducedWeightRange(QuantizationCases.THIS_CPU.reducedWeightRange())
        .kernels(IntegerKernels.builder().dynamic(true).dynamicLstm(true).build())
        .build();
  }

  private static Initializer small(String name, long... dims) {
    float[] values = weights(name, dims).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= (float) Math.sqrt(dims[dims.length - 1]);
    }
    return Initializer.floats(name, values, dims);
  }

  /** Adds the constants of a recurrent layer to a graph, and returns the layer. */
  private static Node layer(
      GraphBuilder graph, String type, int hidden, boolean both, List<String> behind) {
    int gates = type.equals("LSTM") ? 4 : type.equals("GRU") ? 3 : 1;
    int directions = both ? 2 : 1;
    graph
        .initializer(small("w", directions, gates * hidden, INPUT))
        .initializer(small("r", directions, gates * hidden, hidden))
        .initializer(small("b", directions, 2 * gates * hidden))
        .initializer(small("h0", directions, BATCH, hidden))
        .initializer(small("c0", directions, BATCH, hidden))
        .initializer(small("peep", directions, 3 * hidden))
        .initializer(Initializer.longs("lengths", DataType.INT32, new long[] {5, 3, 4}, BATCH));
    List<String> inputs = new ArrayList<>(List.of("x", "w", "r"));
    inputs.addAll(behind);
    return Node.builder(type)
        .name("cells")
        .inputs(inputs.toArray(String[]::new))
        .outputs("y", "last")
        .attribute(Attribute.of("hidden_size", hidden))
        .attribute(Attribute.of("direction", both ? "bidirectional" : "forward"))
        .build();
  }

  private static OnnxModel model(String type, int hidden, boolean both, List<String> behind) {
    GraphBuilder graph =
        Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, 5, BATCH, INPUT));
    return OnnxModel.of(
        graph
            .node(layer(graph, type, hidden, both, behind))
            .output(TestGraphs.floats("y"))
            .output(TestGraphs.floats("last"))
            .build(),
        17);
  }

  private static LayerPlan plan() {
    return new LayerPlan(
        Map.of("cells", new LayerDecision(NumericPrecision.INT8_DYNAMIC, "a test")));
  }

  @ParameterizedTest
  @CsvSource({
    "false, ''",
    "true, ''",
    "true, b",
    "false, b|lengths",
    "true, b|lengths|h0|c0",
    "true, b||h0|c0|peep",
    "false, |||c0"
  })
  void anLstmIsComputedInIntegersWithWhateverInputsItHas(boolean both, String behind) {
    for (boolean perChannel : new boolean[] {true, false}) {
      OnnxModel model = model("LSTM", 64, both, List.of(behind.split("\\|", -1)));
      PassFixture fixture =
          PassFixture.of(new DynamicQuantization(dialect(perChannel), plan()))
              .model(model)
              .checkNote("cells", RewriteNote.Kind.CHANGED, "INT8")
              .checkIdempotent()
              .checkValid();
      Node cells = fixture.after().graph().nodes().get(0);
      assertEquals("com.microsoft.DynamicQuantizeLSTM", cells.domain() + "." + cells.opType());
      assertEquals(1, fixture.after().opsets().get("com.microsoft"));
      assertTrue(fixture.after().toBytes().length < model.toBytes().length / 2);
      double sqnr =
          QuantizationCases.sqnr(model, fixture.after(), RandomNetworks.inputs(model.graph(), 1));
      assertTrue(sqnr > 20, () -> behind + ": " + sqnr + " dB");
    }
  }

  @Test
  void anLstmInABranchIsReachedAndItsWeightsAreThereOnce() {
    Graph branch = branch("yes");
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 5, BATCH, INPUT))
                .initializer(Initializer.longs("on", DataType.BOOL, new long[] {1}))
                .node(
                    Node.builder("If")
                        .name("choice")
                        .inputs("on")
                        .outputs("out")
                        .attribute(Attribute.of("then_branch", branch))
                        .attribute(Attribute.of("else_branch", branch("no")))
                        .build())
                .output(TestGraphs.floats("out"))
                .build(),
            17);
    OnnxModel named = new UniqueNames().apply(model, new RewriteLog());
    LayerPlan plan = QuantizationCases.all(named, DIALECT, NumericPrecision.INT8_DYNAMIC);
    assertEquals(Set.of("cells", "cells_1"), plan.decisions().keySet());

    PassFixture fixture =
        PassFixture.of(new DynamicQuantization(DIALECT, plan)).model(named).checkValid();

    long bytes =
        fixture.after().graph().initializers().stream()
            .filter(i -> i.type() == DataType.INT8)
            .mapToLong(Initializer::byteSize)
            .sum();
    assertEquals(256 * (INPUT + 64) + 2 * 256, bytes, "weights and zero points of one LSTM");
    double sqnr =
        QuantizationCases.sqnr(model, fixture.after(), RandomNetworks.inputs(model.graph(), 1));
    assertTrue(sqnr > 20, () -> sqnr + " dB");
  }

  private static Graph branch(String name) {
    GraphBuilder graph = Graph.builder(name);
    return graph
        .node(layer(graph, "LSTM", 64, false, List.of("b")))
        .output(TestGraphs.floats("y"))
        .build();
  }

  @Test
  void whatHasNoKernelIsLeftAloneWithTheReason() {
    checkLeftAlone(model("GRU", 64, false, List.of()), DIALECT, "only for LSTM");
    checkLeftAlone(model("RNN", 64, false, List.of()), DIALECT, "only for LSTM");
    checkLeftAlone(model("LSTM", 32, false, List.of()), DIALECT, "32 hidden values are too few");
    checkLeftAlone(
        model("LSTM", 64, false, List.of()),
        QuantizationCases.THIS_CPU,
        "no integer kernel for LSTM");
    OnnxModel batchFirst = model("LSTM", 64, false, List.of());
    Node node = batchFirst.graph().nodes().get(0);
    checkLeftAlone(
        batchFirst.withGraph(
            batchFirst
                .graph()
                .edit()
                .replace(node, node.toBuilder().attribute(Attribute.of("layout", 1)).build())
                .build()),
        DIALECT,
        "batch in front");
  }

  /** As a branch does with weights of the graph around it, where nothing is folded that grows. */
  @Test
  void weightsWhoseGatesAreReorderedAreReached() {
    OnnxModel model = model("LSTM", 64, false, List.of("b"));
    Node cells = model.graph().nodes().get(0);
    OnnxModel reordered =
        model.withGraph(
            model
                .graph()
                .edit()
                .putInitializer(TestGraphs.longs("axis", 1))
                .putInitializer(TestGraphs.longs("zero", 0))
                .putInitializer(TestGraphs.longs("half", 128))
                .putInitializer(TestGraphs.longs("end", 256))
                .replace(
                    cells,
                    node("w1", "Slice", List.of("w", "zero", "half", "axis")),
                    node("w2", "Slice", List.of("w", "half", "end", "axis")),
                    node("w3", "Concat", List.of("w2", "w1"), Attribute.of("axis", 1)),
                    cells.toBuilder().inputs("x", "w3", "r", "b").build())
                .build());

    PassFixture fixture =
        PassFixture.of(new DynamicQuantization(DIALECT, plan()))
            .model(reordered)
            .checkNote("cells", RewriteNote.Kind.CHANGED, "INT8")
            .checkValid();

    assertEquals(1, fixture.after().graph().nodes().size());
    double sqnr =
        QuantizationCases.sqnr(reordered, fixture.after(), RandomNetworks.inputs(model.graph(), 1));
    assertTrue(sqnr > 20, () -> sqnr + " dB");
  }

  @Test
  void weightsThatAreComputedAreLeftAlone() {
    OnnxModel model = model("LSTM", 64, false, List.of());
    Node node = model.graph().nodes().get(0);
    OnnxModel computed =
        model.withGraph(
            model
                .graph()
                .edit()
                .replace(
                    node,
                    node("w2", "Relu", List.of("w")),
                    node.toBuilder().inputs("x", "w2", "r").build())
                .build());
    checkLeftAlone(computed, DIALECT, "not constant");
  }

  private static void checkLeftAlone(OnnxModel model, QuantizationDialect dialect, String why) {
    assertEquals(Set.of(), QuantizableLayers.layers(model, dialect, NumericPrecision.INT8_DYNAMIC));
    PassFixture.of(new DynamicQuantization(dialect, plan()))
        .model(model)
        .checkUnchanged()
        .checkNote("cells", RewriteNote.Kind.LEFT_ALONE, why);
  }
}
