package io.inferc.examples;

import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The PP-OCR models of this example. */
enum OcrModel {
  RECOGNITION("PP-OCRv4 text recognition", "/models/ch_PP-OCRv4_rec_infer.onnx"),
  CLASSIFICATION("PP-OCR angle classification", "/models/ch_ppocr_mobile_v2.0_cls_infer.onnx");

  private final String title;
  private final String resource;

  OcrModel(String title, String resource) {
    this.title = title;
    this.resource = resource;
  }

  /** The names that the command line takes, the default first. */
  static List<String> names() {
    return Arrays.stream(values()).map(OcrModel::toString).toList();
  }

  static OcrModel named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  String title() {
    return title;
  }

  OcrTask task(OnnxModel model) {
    return switch (this) {
      case RECOGNITION -> new TextRecognition(model);
      case CLASSIFICATION -> new AngleClassification(model);
    };
  }

  /** Copies the model out of its jar. */
  void unpack(Path to) throws IOException {
    ModelResource.unpack(resource, to);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
