package io.inferc.backend.onnxruntime;

import static io.inferc.backend.onnxruntime.PrecisionTest.WIDTH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.accuracy.Accuracy;
import io.inferc.accuracy.AccuracyReport;
import io.inferc.accuracy.LayerDiffReport;
import io.inferc.accuracy.Metric;
import io.inferc.accuracy.Tolerance;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.RangeObserver;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.OnnxModel;
import io.inferc.report.OptimizationReport;
import io.inferc.runtime.CompiledModel;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a tolerance that is missed to the layer that is at fault, through the facade: compile,
 * compare, look layer by layer, report.
 */
class DriftReportTest {
  private static final Tolerance TOLERANCE = Tolerance.custom().limit(Metric.SQNR_DB, 20).build();

  @TempDir Path folder;

  /** What is known of one compilation at a precision. */
  private record Compilation(AccuracyReport accuracy, LayerDiffReport diff) {}

  private static Compilation compile(Precision precision) {
    OnnxModel model = PrecisionTest.network();
    Compiler compiler = PrecisionTest.compiler(precision);
    Dataset unseen = PrecisionTest.samples(8, 9000);
    AccuracyReport accuracy;
    try (CompiledModel original = PrecisionTest.compiler(Precision.fp32()).compile(model);
        CompiledModel compiled = compiler.compile(model)) {
      accuracy = Accuracy.compare(original, compiled, unseen, TOLERANCE);
    }
    ModelRewriter rewriter = compiler.rewriter(model);
    OnnxModel given = rewriter.rewrite(rewriter.plan());
    return new Compilation(accuracy, compiler.layerDiff(rewriter.cleaned(), given).run(unseen));
  }

  private static CalibrationTable calibrated() {
    return PrecisionTest.compiler(Precision.int8(PrecisionTest.samples(60, 0)))
        .rewriter(PrecisionTest.network())
        .calibrationTable()
        .orElseThrow();
  }

  /** The same table, in which one tensor reaches a tenth of what it does. */
  private static CalibrationTable harmed(CalibrationTable table, String tensor) {
    TensorRange right = table.range(tensor).orElseThrow();
    CalibrationTable.Builder wrong =
        CalibrationTable.builder(table.modelDigest(), table.method(), table.samples());
    table.ranges().forEach(wrong::range);
    wrong.range(tensor, TensorRange.observed(right.observedMin() / 10, right.observedMax() / 10));
    return wrong.build();
  }

  private void assertReported(Compilation compilation, String layer) throws IOException {
    assertFalse(compilation.accuracy().passed(), compilation.accuracy()::toString);
    LayerDiffReport diff = compilation.diff();
    assertEquals(layer, diff.firstDrift().orElseThrow().node(), diff::toString);
    assertEquals(layer, diff.greatestLosses(1).get(0).node(), diff::toString);
    OptimizationReport report =
        OptimizationReport.builder("network")
            .accuracy(compilation.accuracy())
            .layerDiff(diff)
            .build();
    Path html = folder.resolve(layer + ".html");
    Path json = folder.resolve(layer + ".json");
    report.writeHtml(html);
    report.writeJson(json);
    assertTrue(diff.toString().contains("first below the limits: " + layer), diff::toString);
    assertTrue(
        Files.readString(html).contains("first layer that drifts is <strong>" + layer), layer);
    String document = Files.readString(json).replace(" ", "");
    assertTrue(document.contains("\"firstDrift\":\"" + layer + "\""), document);
  }

  @Test
  void aWrongRangeIsTracedToTheLayerThatReadsTheTensor() throws IOException {
    CalibrationTable table = calibrated();
    assertReported(compile(Precision.int8(harmed(table, "x"))), "layer0");
    for (int layer = 1; layer < PrecisionTest.LAYERS; layer++) {
      assertReported(compile(Precision.int8(harmed(table, "r" + (layer - 1)))), "layer" + layer);
    }
  }

  @Test
  void anOutlierAmongTheSamplesIsTracedToTheFirstLayer() throws IOException {
    Dataset spoilt =
        Dataset.generated(
            60,
            i -> {
              float[] x = PrecisionTest.random(i, 2 * WIDTH, 1);
              x[3] = i == 30 ? 2000 : x[3];
              return Map.of("x", Tensor.of(x, 2, WIDTH));
            });
    // With the samples at hand, what is spoilt would be left in floating point.
    CalibrationTable table =
        PrecisionTest.compiler(Precision.int8(spoilt).observer(RangeObserver.minMax()))
            .rewriter(PrecisionTest.network())
            .calibrationTable()
            .orElseThrow();
    assertReported(compile(Precision.int8(table)), "layer0");
  }

  @Test
  void withTheRightTableTheToleranceIsKeptAndNoLayerDrifts() {
    Compilation sound = compile(Precision.int8(calibrated()));
    assertTrue(sound.accuracy().passed(), sound.accuracy()::toString);
    assertTrue(sound.diff().firstDrift().isEmpty(), sound.diff()::toString);
  }
}
