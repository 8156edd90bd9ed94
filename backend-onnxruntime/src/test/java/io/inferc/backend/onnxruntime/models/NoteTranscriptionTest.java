package io.inferc.backend.onnxruntime.models;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.Cosine;
import io.inferc.testing.PyPiModels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** basic-pitch: which of 88 notes sound, and begin, in each frame of a recording. */
@Tag("once")
class NoteTranscriptionTest {
  private static final int RATE = 22_050;
  private static final int LENGTH = 43_844;
  private static final String INPUT = "serving_default_input_2:0";
  private static final double THRESHOLD = 0.3;

  private static Tensor chords(double... roots) {
    float[] sound = new float[0];
    for (double root : roots) {
      float[] chord = Sound.chord(LENGTH / roots.length + 1, RATE, root, root * 1.26, root * 1.5);
      sound = Sound.joined(sound, chord);
    }
    // No recording is without noise, and the model takes the logarithm of what it hears.
    float[] recorded = new Sound(3).noise(LENGTH, 0.002);
    for (int i = 0; i < LENGTH; i++) {
      recorded[i] += sound[i];
    }
    return Tensor.of(recorded, 1, LENGTH, 1);
  }

  private static Dataset samples() {
    return Dataset.generated(
        6,
        i -> {
          double root = 110 * Math.pow(2, (i * 5 % 12) / 12.0);
          return Map.of(INPUT, chords(root, 1.12 * root, 2 * root));
        });
  }

  private static Map<String, float[]> run(CompiledModel model, Tensor input) {
    Map<String, float[]> values = new LinkedHashMap<>();
    Map<String, Tensor> outputs = model.run(Map.of(INPUT, input));
    outputs.forEach((name, tensor) -> values.put(name, tensor.toFloatArray()));
    outputs.values().forEach(Tensor::close);
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void theSameNotesSound(RealPrecision precision) {
    ShapeProfile one = ShapeProfile.named("one").fixed("unk__749", 1);
    try (CompiledModel original =
            RealPrecision.FP32.compile(PyPiModels.BASIC_PITCH, samples(), one);
        CompiledModel compiled = precision.compile(PyPiModels.BASIC_PITCH, samples(), one);
        Tensor input = chords(220, 261.6, 329.6)) {
      Map<String, float[]> expected = run(original, input);
      Map<String, float[]> actual = run(compiled, input);
      expected.forEach(
          (name, values) -> {
            int both = 0;
            int either = 0;
            for (int i = 0; i < values.length; i++) {
              boolean was = values[i] >= THRESHOLD;
              boolean is = actual.get(name)[i] >= THRESHOLD;
              both += was && is ? 1 : 0;
              either += was || is ? 1 : 0;
            }
            assertTrue(either > 10, name + " hears " + either);
            double agreement = (double) both / either;
            double least = least(precision);
            assertTrue(agreement >= least, name + " agrees in " + agreement);
          });
    }
  }

  /** Calibrated on six chords the middle of a loud note is kept, and its edges move. */
  private static double least(RealPrecision precision) {
    return switch (precision) {
      case INT8 -> 0.75;
      case INT8_DYNAMIC -> 0.8;
      default -> 0.95;
    };
  }

  @Test
  void integersStayOutOfTheTransformToLoudness() {
    ShapeProfile one = ShapeProfile.named("one").fixed("unk__749", 1);
    try (CompiledModel original =
            RealPrecision.FP32.compile(PyPiModels.BASIC_PITCH, samples(), one);
        CompiledModel compiled =
            RealPrecision.INT8.compile(PyPiModels.BASIC_PITCH, samples(), one);
        Tensor input = chords(220, 261.6, 329.6)) {
      assertTrue(
          compiled.warnings().stream().anyMatch(w -> w.contains("noise") && w.contains("cq_t")),
          compiled.warnings().toString());
      Map<String, float[]> actual = run(compiled, input);
      run(original, input)
          .forEach(
              (name, values) -> {
                double cosine = Cosine.of(doubles(values), doubles(actual.get(name)));
                assertTrue(cosine > 0.95, name + " has a cosine of " + cosine);
              });
    }
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
