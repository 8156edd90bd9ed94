package io.inferc.examples;

import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
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
