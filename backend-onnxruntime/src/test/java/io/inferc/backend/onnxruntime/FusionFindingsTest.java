package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.FusionBlocker;
import io.inferc.report.FusionBlocker.Pattern;
import io.inferc.report.FusionReport;
import io.inferc.report.UnfusedQuantization;
import io.inferc.report.UnfusedQuantization.Reason;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AffineFolding;
import io.inferc.rewrite.cleanup.HardSwishFusion;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.QuantizationDialect;
import io.inferc.testing.RealModels;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the fusion report says of ONNX Runtime's own decisions. */
class FusionFindingsTest {
  private static FusionReport report(OnnxModel model) {
    assertEquals(List.of(), model.check());
    BackendRegistry.Opened opened = BackendRegistry.discover().open(Target.onnxRuntime());
    QuantizationDialect dialect =
        opened.backend().capabilities(opened.choice()).preferredForm().dialect().orElseThrow();
    try (CompiledModel compiled = Compiler.forTarget(Target.onnxRuntime()).build().compile(model)) {
      return FusionReport.of(model, compiled.kernels(), dialect);
    }
  }

  private static Map<String, Reason> reasons(OnnxModel model) {
    return report(model).unfused().stream()
        .collect(
            Collectors.toMap(
                UnfusedQuantization::node, UnfusedQuantization::reason, (a, b) -> a, TreeMap::new));
  }

  @Test
  void aChainThatFusesKeepsConversionsAtItsEdgesOnly() {
    OnnxModel model =
        new QuantizedModels()
            .pair("x")
            .conv("c", "x_dq")
            .node("Relu", "r", "c")
            .pair("r", "zero_relu")
            .conv("d", "r_dq")
            .pair("d")
            .returning("d_dq");
    assertEquals(
        Map.of("q_x", Reason.MODEL_BOUNDARY, "dq_d", Reason.MODEL_BOUNDARY), reasons(model));
    assertEquals(2L, report(model).kernelsByType().get("QLinearConv"));
  }

  @Test
  void aReluWithAZeroPointInTheMiddleStandsBetween() {
    OnnxModel model =
        new QuantizedModels()
            .pair("x")
            .conv("c", "x_dq")
            .node("Relu", "r", "c")
            .pair("r", "zero_u8")
            .returning("r_dq");
    FusionReport report = report(model);
    assertEquals(null, report.kernelsByType().get("QLinearConv"));
    Map<String, Reason> reasons = reasons(model);
    assertEquals(Reason.ACTIVATION_BETWEEN, reasons.get("dq_x"));
    assertEquals(Reason.ACTIVATION_BETWEEN, reasons.get("q_r"));
    String explanation =
        report.unfused().stream()
            .filter(u -> u.node().equals("dq_x"))
            .findFirst()
            .orElseThrow()
            .explanation();
    assertTrue(explanation.contains("n_r") && explanation.contains("128"), explanation);
  }

  @Test
  void aConvolutionWithoutAQuantizedOutputSaysSo() {
    Map<String, Reason> reasons =
        reasons(
            new QuantizedModels().pair("x").conv("c", "x_dq").node("Abs", "y", "c").returning("y"));
    assertEquals(Reason.OUTPUT_NOT_QUANTIZED, reasons.get("dq_x"));
  }

  @Test
  void anOutputThatIsAlsoReadInFloatingPointSaysSo() {
    Map<String, Reason> reasons =
        reasons(
            new QuantizedModels()
                .pair("x")
                .conv("c", "x_dq")
                .pair("c")
                .node("Abs", "y", "c")
                .node("Add", "z", "y", "c_dq")
                .returning("z"));
    assertEquals(Reason.SEVERAL_READERS, reasons.get("dq_x"));
    assertEquals(Reason.SEVERAL_READERS, reasons.get("q_c"));
  }

  @Test
  void aBranchInFloatingPointKeepsAnAdditionFromFusing() {
    Map<String, Reason> reasons =
        reasons(
            new QuantizedModels()
                .pair("x")
                .node("Add", "s", "x_dq", "x")
                .pair("s")
                .returning("s_dq"));
    assertEquals(Reason.INPUT_NOT_QUANTIZED, reasons.get("dq_x"));
    assertEquals(Reason.INPUT_NOT_QUANTIZED, reasons.get("q_s"));
  }

  @Test
  void anOperatorWithoutAnIntegerKernelIsNamed() {
    FusionReport report =
        report(
            new QuantizedModels().pair("x").node("Selu", "e", "x_dq").pair("e").returning("e_dq"));
    List<UnfusedQuantization> around =
        report.unfused().stream().filter(u -> u.reason() == Reason.NO_INTEGER_KERNEL).toList();
    assertEquals(List.of("dq_x", "q_e"), around.stream().map(UnfusedQuantization::node).toList());
    around.forEach(u -> assertEquals("n_e", u.neighbour()));
  }

  private static long count(FusionReport report, Pattern pattern) {
    return report.blockers().stream().filter(b -> b.pattern() == pattern).count();
  }

  @Test
  void theRecognisersPatternsAreFoundAndGoneAfterTheRewritesThatAreAdvised() {
    OnnxModel model = OnnxModel.load(RealModels.OCR_RECOGNITION.path());
    FusionReport before = report(model);
    assertEquals(28, count(before, Pattern.HARD_SWISH));
    assertEquals(28, count(before, Pattern.SCALED_CONVOLUTION));
    RewriteLog log = new RewriteLog();
    FusionReport after =
        report(new AffineFolding().apply(new HardSwishFusion().apply(model, log), log));
    assertEquals(0, count(after, Pattern.HARD_SWISH));
    assertEquals(0, count(after, Pattern.SCALED_CONVOLUTION));
    assertTrue(after.kernels().size() < before.kernels().size() - 100, after.toString());
  }

  private static String whyNormalizationIsApart(FusionReport report) {
    List<FusionBlocker> blocked =
        report.blockers().stream().filter(b -> b.pattern() == Pattern.LAYER_NORMALIZATION).toList();
    assertEquals(5, blocked.size(), report.toString());
    return blocked.get(0).why();
  }

  @Test
  void layerNormalizationFusesOnceAllThatTheReportAdvisesIsDone() {
    OnnxModel model = OnnxModel.load(RealModels.OCR_RECOGNITION_V3.path());
    String first = whyNormalizationIsApart(report(model));
    assertTrue(first.contains("scale"), first);

    GraphEditor scales = model.graph().edit();
    for (Node node : model.graph().nodes()) {
      if (node.opType().equals("Reshape") && node.inputs().get(0).startsWith("layer_norm_")) {
        scales.replaceUses(node.outputs().get(0), node.inputs().get(0));
      }
    }
    OnnxModel scaled = model.withGraph(scales.build());
    String second = whyNormalizationIsApart(report(scaled));
    assertTrue(second.contains("axes"), second);

    GraphEditor axes = scaled.graph().edit();
    for (Node node : scaled.graph().nodes()) {
      if (node.opType().equals("ReduceMean")) {
        axes.replace(node, node.toBuilder().attribute(Attribute.ofInts("axes", -1)).build());
      }
    }
    FusionReport after = report(scaled.withGraph(axes.build()));
    assertEquals(0, count(after, Pattern.LAYER_NORMALIZATION), after.toString());
    assertEquals(5L, after.kernelsByType().get("LayerNormalization"));
  }

  @Test
  void aModelThatFusesWellHasNoFindings() {
    FusionReport report = report(OnnxModel.load(RealModels.MINILM.path()));
    assertEquals(List.of(), report.blockers());
    assertEquals(List.of(), report.unfused());
    assertTrue(report.fused().size() >= 25, report.toString());
  }
}
