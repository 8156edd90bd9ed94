package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.shape.internal.ProvedShapes;
import io.inferc.tensor.TensorShape;
import io.inferc.testing.PyPiModels;
import io.inferc.testing.RealModels;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is proved of models that others exported: all of it true, and enough of it. */
class RealModelShapesTest {
  /** Compares with a run for each of the shapes, which all inputs have. */
  private static void check(Path file, int mostOpen, long[]... shapes) {
    OnnxModel model = OnnxModel.loadUnchecked(file);
    ProvedShapes proved = ProvedShapes.of(model, List.of());
    try (EveryTensor every = new EveryTensor(model)) {
      for (long[] shape : shapes) {
        Map<String, long[]> inputs = new HashMap<>();
        for (ValueInfo input : model.graph().requiredInputs()) {
          inputs.put(input.name(), shape);
        }
        every
            .shapes(inputs, new Random(7))
            .forEach((t, s) -> ProvedShapesProperties.compare(proved, t, inputs, s, file));
      }
    }
    long open =
        proved.declarations().values().stream()
            .map(TensorShape::dimensions)
            .flatMap(d -> d.orElseThrow().stream())
            .filter(d -> !d.isFixed() && d.symbol().isEmpty())
            .count();
    assertTrue(open <= mostOpen, open + " sizes of " + file.getFileName() + " are open");
  }

  @Test
  void allSizesOfATransformerAreItsSymbols() {
    check(RealModels.MINILM.path(), 0, new long[] {1, 8}, new long[] {3, 21});
    ProvedShapes shapes = ProvedShapes.of(OnnxModel.load(RealModels.MINILM.path()), List.of());
    assertEquals(
        "[batch_size, sequence_length, 384]",
        String.valueOf(shapes.declarations().get("last_hidden_state")));
  }

  @Test
  void textDetectionAtSizesOfMultiplesOf32AndOthers() {
    long[][] sizes = {{1, 3, 64, 96}, {2, 3, 96, 32}};
    check(RealModels.OCR_DETECTION.path(), 10, sizes);
    check(RealModels.OCR_DETECTION_V3.path(), 10, sizes);
  }

  @Test
  void textRecognitionAndClassification() {
    check(
        RealModels.OCR_RECOGNITION.path(),
        10,
        new long[] {1, 3, 48, 64},
        new long[] {3, 3, 48, 101});
    check(
        RealModels.OCR_CLASSIFICATION.path(),
        10,
        new long[] {1, 3, 48, 192},
        new long[] {2, 3, 32, 64});
  }

  @Test
  void newerTextDetectionAndRecognition() {
    check(
        PyPiModels.OCR_DETECTION_V6.path(),
        10,
        new long[] {1, 3, 64, 96},
        new long[] {2, 3, 32, 64});
    check(
        PyPiModels.OCR_RECOGNITION_V6.path(),
        10,
        new long[] {1, 3, 48, 64},
        new long[] {2, 3, 48, 100});
  }

  @Test
  void modelsOfSound() {
    check(PyPiModels.MELSPECTROGRAM.path(), 0, new long[] {1, 1600}, new long[] {2, 4321});
    check(PyPiModels.BASIC_PITCH.path(), 0, new long[] {1, 43844, 1});
    check(
        PyPiModels.SPEECH_EMBEDDING.path(),
        0,
        new long[] {1, 76, 32, 1},
        new long[] {3, 76, 32, 1});
  }
}
