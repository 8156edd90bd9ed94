package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.FusionReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the fusion report says of a transformer at each precision, in OpenVINO's own words. */
class FusionReportTest {
  /** Six layers of four projections and two products of the feed-forward part, and the pooler. */
  private static final long WEIGHTED = 36;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static FusionReport report(Precision precision) {
    Compiler compiler =
        Compiler.forTarget(Target.openVino())
            .precision(precision)
            .profile(ShapeProfile.named("p").fixed("batch_size", 1).fixed("sequence_length", 64))
            .build();
    try (CompiledModel model = compiler.compile(RealModels.MINILM.path())) {
      return FusionReport.of(OnnxModel.load(RealModels.MINILM.path()), model.kernels());
    }
  }

  private static void requirePrecision(NumericPrecision precision) {
    var backend = new OpenVinoBackend(OpenVinoRuntime.get());
    var capabilities = backend.capabilities(Target.openVino().choices().get(0));
    Assumptions.assumeTrue(
        capabilities.precisions().containsKey(precision),
        () -> "the CPU here has no " + precision + ", but " + capabilities.precisions());
  }

  private static long products(FusionReport report, String precision) {
    return report.kernels().stream()
        .filter(k -> k.type().startsWith("FullyConnected"))
        .filter(k -> k.precision().filter(precision::equals).isPresent())
        .count();
  }

  private static void assertProducts(FusionReport report, String precision) {
    List<String> types = report.kernels().stream().map(KernelInfo::type).distinct().toList();
    assertTrue(
        products(report, precision) >= WEIGHTED,
        () -> products(report, precision) + " products in " + precision + ": " + types);
    assertTrue(
        report.kernelsByPrecision().getOrDefault(precision, 0L) >= WEIGHTED, report::toString);
  }

  @Test
  void singlePrecisionStaysSingle() {
    FusionReport report = report(Precision.fp32());
    assertProducts(report, "FLOAT32");
    assertEquals(0L, report.kernelsByPrecision().getOrDefault("INT8", 0L));
    assertEquals(0L, report.kernelsByPrecision().getOrDefault("BFLOAT16", 0L));
  }

  @Test
  void calibratedIntegersReachTheProducts() {
    requirePrecision(NumericPrecision.INT8);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      samples.add(TestModels.tokens(1, 64, i));
    }
    FusionReport report = report(Precision.int8(Dataset.of(samples)));
    assertProducts(report, "INT8");
    // What attention cost when both of its products were integers with zero points.
    List<String> around =
        report.kernels().stream()
            .map(KernelInfo::type)
            .filter(t -> t.matches("(?i)(Subtract .*|Convert .*_i8|PowerStatic .*_i8)"))
            .toList();
    assertEquals(List.of(), around);
    samples.forEach(s -> s.values().forEach(Tensor::close));
  }

  @Test
  void dynamicIntegersAreRefusedWithWhatThereIs() {
    InfercException e = assertThrows(InfercException.class, () -> report(Precision.int8Dynamic()));
    assertTrue(e.getMessage().contains("INT8_DYNAMIC"), e.getMessage());
    assertTrue(e.getMessage().contains("FP32"), e.getMessage());
    assertTrue(e.remedy().contains("one of these"), e.remedy());
  }

  /** Why they are refused: written out for another runtime, none of them reaches the products. */
  @Test
  void dynamicIntegersWouldBeComputedInSinglePrecision() {
    OnnxModel layers = TestModels.layers(2, 512);
    ModelRewriter rewriter =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.int8Dynamic())
            .build()
            .rewriter(layers);
    OnnxModel dynamic = rewriter.rewrite(rewriter.plan());
    assertTrue(
        dynamic.graph().nodes().stream().anyMatch(n -> n.opType().equals("DynamicQuantizeLinear")),
        dynamic::toString);
    try (CompiledModel model = TestModels.compile(dynamic, TestModels.rows("p", 4, 4, 4))) {
      List<KernelInfo> integer =
          model.kernels().stream()
              .filter(k -> k.type().startsWith("FullyConnected") || k.type().startsWith("MatMul"))
              .filter(k -> k.precision().filter("INT8"::equals).isPresent())
              .toList();
      assertEquals(List.of(), integer);
    }
  }

  @Test
  void halfPrecisionReachesTheProducts() {
    requirePrecision(NumericPrecision.FP16);
    assertProducts(report(Precision.fp16()), "FLOAT16");
  }

  @Test
  void bfloat16ReachesTheProducts() {
    requirePrecision(NumericPrecision.BF16);
    assertProducts(report(Precision.bf16()), "BFLOAT16");
  }
}
