package io.inferc.rewrite.half;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.OrtRunner;
import io.inferc.onnx.OrtRunner.Output;
import io.inferc.onnx.OrtRunner.Value;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.Constants;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import io.inferc.testing.RealModelInputs;
import io.inferc.testing.RealModels;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** FP16 forms of real models, run by ONNX Runtime beside the originals. */
@Tag("once")
class HalfRealModelsTest {
  private static final HalfPrecision FP16 = HalfPrecision.fp16().build();

  @Test
  void aTransformerGivesTheSameSentencesInHalfPrecision() throws OrtException {
    OnnxModel before = named(RealModels.MINILM);
    OnnxModel after = FP16.apply(before, new RewriteLog());
    check(FP16, before, after);
    long[] ids = new long[2 * 24];
    long[] mask = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 1000 + i * 397L % 20000;
      // The second text is shorter, the rest of its row is masked out.
      mask[i] = i < 24 + 9 ? 1 : 0;
    }
    Map<String, Value> inputs =
        Map.of(
            "input_ids", longs(ids),
            "attention_mask", longs(mask),
            "token_type_ids", longs(new long[ids.length]));
    assertAlike(OrtRunner.run(before, inputs), OrtRunner.run(after, inputs));
    assertTrue(halfBytes(after) > 100 * singleBytes(after), "few weights were converted");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"OCR_.*"},
      mode = EnumSource.Mode.MATCH_ALL)
  void convolutionalNetworksGiveTheSameInHalfPrecision(RealModels model) throws OrtException {
    OnnxModel before = named(model);
    boolean detection = model.name().contains("DETECTION");
    Value image =
        OrtRunner.of(
            detection ? RealModelInputs.text(96, 320, 7) : RealModelInputs.text(48, 192, 7));
    Map<String, Value> inputs = Map.of(before.graph().requiredInputs().get(0).name(), image);
    Map<String, Output> expected = OrtRunner.run(before, inputs);
    HalfPrecision measured = HalfPrecision.fp16().table(measured(before, inputs)).build();
    for (HalfPrecision pass : List.of(FP16, measured)) {
      OnnxModel after = pass.apply(before, new RewriteLog());
      check(pass, before, after);
      assertAlike(expected, OrtRunner.run(after, inputs));
      assertTrue(
          halfBytes(after) > singleBytes(after),
          halfBytes(after) + " bytes in half, " + singleBytes(after) + " in single precision");
    }
  }

  /** What each tensor of a model reaches on one input, as a calibration would find it. */
  private static CalibrationTable measured(OnnxModel model, Map<String, Value> inputs)
      throws OrtException {
    GraphEditor everything = model.graph().edit();
    for (Node node : model.graph().nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !everything.isOutput(output)) {
          everything.addOutput(ValueInfo.untyped(output));
        }
      }
    }
    CalibrationTable.Builder table = CalibrationTable.builder(model.digest(), "min-max", 1);
    OrtRunner.run(model.withGraph(everything.build()), inputs)
        .forEach(
            (name, output) -> {
              DoubleSummaryStatistics s = Arrays.stream(output.values()).summaryStatistics();
              if (s.getCount() > 0) {
                table.range(name, TensorRange.observed((float) s.getMin(), (float) s.getMax()));
              }
            });
    return table.build();
  }

  private static Value longs(long[] values) {
    Tensor tensor = Tensor.allocate(DataType.INT64, 2, values.length / 2);
    tensor.longs().put(0, values);
    return OrtRunner.of(tensor);
  }

  private static OnnxModel named(RealModels model) {
    return new UniqueNames().apply(OnnxModel.load(model.path()), new RewriteLog());
  }

  private static void check(HalfPrecision pass, OnnxModel before, OnnxModel after) {
    assertEquals(List.of(), after.check());
    assertEquals(before.graph().requiredInputs(), after.graph().requiredInputs());
    assertEquals(before.graph().outputs(), after.graph().outputs());
    assertSame(after, pass.apply(after, new RewriteLog()));
  }

  private static long halfBytes(OnnxModel model) {
    return bytes(model, DataType.FLOAT16);
  }

  private static long singleBytes(OnnxModel model) {
    return bytes(model, DataType.FLOAT32);
  }

  private static long bytes(OnnxModel model, DataType type) {
    return Stream.concat(
            model.graph().initializers().stream(),
            model.graph().nodes().stream().flatMap(n -> Constants.value(n).stream()))
        .filter(i -> i.type() == type)
        .mapToLong(Initializer::byteSize)
        .sum();
  }

  private static void assertAlike(Map<String, Output> expected, Map<String, Output> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, e) -> {
          double[] a = actual.get(name).values();
          assertTrue(Arrays.equals(e.shape(), actual.get(name).shape()), name);
          double cosine = Cosine.of(e.values(), a);
          assertTrue(cosine >= 0.999, name + " has a cosine of " + cosine);
        });
  }
}
