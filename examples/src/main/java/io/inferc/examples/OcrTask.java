package io.inferc.examples;

import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What one of the PP-OCR models is for: its data, and how its outputs are read. Thread-safe. */
interface OcrTask {
  /** Draws the line of a number as this task sees it. */
  TextLine line(LineRenderer renderer, long number);

  /** What the model should read there. */
  String truth(TextLine line);

  /** Makes the model's inputs of a batch of lines. */
  Map<String, Tensor> encode(List<TextLine> lines);

  /** Reads the model's outputs: a text for each line of the batch. */
  List<String> read(Map<String, Tensor> outputs);

  /** Says how many lines were read right, and how wrong the others are where that has degrees. */
  default String tell(ReadingErrors errors) {
    return errors.toString();
  }

  /** The shapes that requests have. */
  ShapeProfile profile();

  /** Lines of one by one, as a data set. */
  default Dataset dataset(LineRenderer renderer, long from, long count) {
    return Dataset.generated(count, i -> encode(List.of(line(renderer, from + i))));
  }
}
