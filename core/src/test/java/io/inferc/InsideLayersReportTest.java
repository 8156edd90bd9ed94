package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Cancellation;
import io.inferc.common.ProgressListener;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.PrecisionReport;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.spi.Capabilities;
import io.inferc.spi.IntegerKernels;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import io.inferc.spi.PreferredForm;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of layers inside of nodes is in the report, whether they are reached or not. */
class InsideLayersReportTest {
  private static final float[] W = {1, -0.5f, 0.25f, 1};

  private static Graph branch(String name) {
    return Graph.builder(name)
        .initializer(Initializer.floats(name + "_w", W, 2, 2))
        .node(node("MatMul", name, name + "_y", "x", name + "_w"))
        .output(TensorSpec.of(name + "_y", DataType.FLOAT32, 2, 2))
        .build();
  }

  private static Node node(String type, String name, String output, String... inputs) {
    return Node.builder(type).name(name).inputs(inputs).outputs(output).build();
  }

  /** An If with a layer in either branch, and if asked for a layer behind it. */
  private static OnnxModel network(boolean layerOutside) {
    GraphBuilder graph =
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, 2, 2))
            .input(TensorSpec.of("on", DataType.BOOL, ""))
            .node(
                Node.builder("If")
                    .name("choice")
                    .inputs("on")
                    .outputs("a")
                    .attribute(Attribute.of("then_branch", branch("yes")))
                    .attribute(Attribute.of("else_branch", branch("no")))
                    .build())
            .output(TensorSpec.of("y", DataType.FLOAT32, 2, 2));
    if (layerOutside) {
      graph
          .initializer(Initializer.floats("w", W, 2, 2))
          .node(node("MatMul", "outside", "y", "a", "w"));
    } else {
      graph.node(node("Relu", "outside", "y", "a"));
    }
    return OnnxModel.of(graph.build(), 17);
  }

  private static ModelRewriter rewritten(OnnxModel model, Precision precision) {
    return rewritten(model, precision, Set.of("MatMul"));
  }

  private static ModelRewriter rewritten(
      OnnxModel model, Precision precision, Set<String> operators) {
    Capabilities capabilities =
        Capabilities.builder()
            .precision(NumericPrecision.INT8_DYNAMIC, PrecisionSupport.IN_MODEL)
            .preferredForm(
                PreferredForm.builder()
                    .dialect(
                        QuantizationDialect.builder("test")
                            .kernels(
                                IntegerKernels.builder().dynamic(true).operators(operators).build())
                            .build())
                    .build())
            .build();
    ModelRewriter rewriter =
        new ModelRewriter(
            model,
            precision,
            capabilities,
            List.of(),
            null,
            ProgressListener.none(),
            new Cancellation(),
            PassListener.none());
    rewriter.rewrite(rewriter.plan());
    return rewriter;
  }

  private static LayerDecision rule() {
    return new LayerDecision(NumericPrecision.INT8_DYNAMIC, "a test");
  }

  private static PrecisionReport.Layer layer(ModelRewriter rewriter, String node) {
    return PrecisionReport.of(rewriter.cleaned(), rewriter.outcome()).layers().stream()
        .filter(l -> l.node().equals(node))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theReportHasThemInSinglePrecisionWithTheReason() {
    for (boolean layerOutside : new boolean[] {true, false}) {
      ModelRewriter rewriter =
          rewritten(network(layerOutside), Precision.int8Dynamic(), Set.of("Conv"));
      for (String inside : List.of("yes", "no")) {
        PrecisionReport.Layer layer = layer(rewriter, inside);
        assertEquals(NumericPrecision.FP32, layer.precision());
        assertEquals("MatMul", layer.opType());
        assertTrue(layer.reason().contains("no integer kernel for MatMul"), layer.reason());
      }
      assertEquals(NumericPrecision.FP32, layer(rewriter, "outside").precision());
      assertTrue(
          rewriter.warnings().get(0).contains("(MatMul): test has no integer kernel for MatMul"),
          () -> rewriter.warnings().toString());
      assertEquals(1, rewriter.warnings().size());
    }
  }

  @Test
  void theReportHasThoseThatAreReachedAsQuantized() {
    ModelRewriter rewriter = rewritten(network(true), Precision.int8Dynamic());
    for (String node : List.of("yes", "no", "outside")) {
      assertEquals(NumericPrecision.INT8_DYNAMIC, layer(rewriter, node).precision());
    }
    assertEquals(List.of(), rewriter.warnings());
  }

  @Test
  void aRuleKeepsALayerInsideInSinglePrecision() {
    ModelRewriter rewriter =
        rewritten(
            network(true), Precision.int8Dynamic().keep(Layers.named("yes"), DataType.FLOAT32));
    assertEquals(NumericPrecision.FP32, layer(rewriter, "yes").precision());
    assertEquals(NumericPrecision.INT8_DYNAMIC, layer(rewriter, "no").precision());
  }

  @Test
  void branchesWhoseNodesHaveTheSameNameAreToldApart() {
    Graph same = branch("yes");
    OnnxModel model = network(true);
    Node choice = model.graph().nodes().get(0);
    OnnxModel twins =
        model.withGraph(
            model
                .graph()
                .edit()
                .replace(
                    choice, choice.toBuilder().attribute(Attribute.of("else_branch", same)).build())
                .build());

    ModelRewriter rewriter =
        rewritten(twins, Precision.int8Dynamic().keep(Layers.named("yes"), DataType.FLOAT32));

    assertEquals(NumericPrecision.FP32, layer(rewriter, "yes").precision());
    assertEquals(NumericPrecision.INT8_DYNAMIC, layer(rewriter, "yes_1").precision());
  }

  @Test
  void theNotesOfTheRewriteHaveThem() {
    ModelRewriter rewriter =
        rewritten(network(true), Precision.int8Dynamic(), Set.of("Conv", "Gemm"));
    rewriter.rewrite(rewriter.plan().with("outside", rule()));
    assertEquals(
        List.of("yes", "no"),
        rewriter.notes().stream()
            .filter(n -> n.pass().equals("quantize-dynamic"))
            .filter(n -> n.kind() == RewriteNote.Kind.LEFT_ALONE && !n.node().equals("outside"))
            .map(RewriteNote::node)
            .toList());
  }

  @Test
  void ofAModelThatIsNotQuantizedNobodyIsWarned() {
    assertEquals(List.of(), rewritten(network(true), Precision.fp32()).warnings());
  }
}
