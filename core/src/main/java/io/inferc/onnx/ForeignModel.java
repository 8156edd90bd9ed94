package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model in a format that only some runtimes can read. inferc hands it over as it is: it cannot be
 * cleaned up, calibrated or rewritten.
 *
 * <pre>{@code
 * Optional<ForeignModel> model = ForeignModel.recognize(Path.of("detector.tflite"));
 * model.map(ForeignModel::format);  // TENSORFLOW_LITE
 * }</pre>
 *
 * @param format what it is
 * @param path the file or folder to hand over
 */
public record ForeignModel(Format format, Path path) {
  private static final String SAVED_MODEL = "saved_model.pb";

  /** The formats that are recognized. */
  public enum Format {
    /** OpenVINO's intermediate representation: an .xml file, with weights in a .bin beside it. */
    OPENVINO_IR("OpenVINO IR", ".xml", ".bin"),
    /** A TensorFlow graph whose variables were made constants: one .pb file. */
    TENSORFLOW_FROZEN("a frozen TensorFlow graph", "", ""),
    /** TensorFlow's SavedModel: a folder with {@code saved_model.pb}. */
    TENSORFLOW_SAVED_MODEL("a TensorFlow SavedModel", "", ""),
    /** TensorFlow Lite: one .tflite file. */
    TENSORFLOW_LITE("a TensorFlow Lite model", "", ""),
    /** PaddlePaddle: a .pdmodel file, with weights in a .pdiparams beside it. */
    PADDLE("a PaddlePaddle program", ".pdmodel", ".pdiparams");

    private final String description;
    // Of two files that belong together; empty where it is one file of any name, or a folder.
    private final String extension;
    private final String weightsExtension;

    Format(String description, String extension, String weightsExtension) {
      this.description = description;
      this.extension = extension;
      this.weightsExtension = weightsExtension;
    }

    /** Whether it is one file, whatever its name. */
    boolean isOneFile() {
      return extension.isEmpty() && this != TENSORFLOW_SAVED_MODEL;
    }

    /**
     * Returns what messages call it.
     *
     * @return for example {@code "a TensorFlow Lite model"}
     */
    public String description() {
      return description;
    }
  }

  public ForeignModel {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(path, "path");
  }

  /**
   * Looks at what a file or folder holds; its name does not count.
   *
   * @param path the file or folder
   * @return the model, or empty if it is ONNX, unknown, missing or unreadable
   */
  public static Optional<ForeignModel> recognize(Path path) {
    Objects.requireNonNull(path, "path");
    try {
      if (Files.isDirectory(path)) {
        return Files.isRegularFile(path.resolve(SAVED_MODEL))
            ? Optional.of(new ForeignModel(Format.TENSORFLOW_SAVED_MODEL, path))
            : Optional.empty();
      }
      if (!Files.isRegularFile(path)) {
        return Optional.empty();
      }
      try (InputStream in = Files.newInputStream(path)) {
        ByteBuffer head = ByteBuffer.wrap(in.readNBytes(FormatSniffer.HEAD_BYTES));
        return FormatSniffer.guess(head)
            .flatMap(FormatSniffer.Guess::format)
            .map(format -> new ForeignModel(format, place(format, path)));
      }
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      return Optional.empty();
    }
  }

  /** Copies all that belongs to the model out of an archive, say; returns what to hand over. */
  Path copyTo(Path folder) {
    if (format == Format.TENSORFLOW_SAVED_MODEL) {
      Path copy = folder.resolve("model");
      try (Stream<Path> files = Files.walk(path)) {
        files.forEach(f -> TemporaryFiles.copy(f, copy.resolve(path.relativize(f).toString())));
      } catch (IOException e) {
        throw TemporaryFiles.unreadable(path.toString(), 0, e);
      }
      return copy;
    }
    String name = String.valueOf(path.getFileName());
    Path copy = folder.resolve(name);
    TemporaryFiles.copy(path, copy);
    if (!format.isOneFile() && name.endsWith(format.extension)) {
      String stem = name.substring(0, name.length() - format.extension.length());
      String weights = stem + format.weightsExtension;
      if (Files.exists(path.resolveSibling(weights))) {
        TemporaryFiles.copy(path.resolveSibling(weights), folder.resolve(weights));
      }
    }
    return copy;
  }

  /** A SavedModel is its folder, whichever of the two is named. */
  private static Path place(Format format, Path file) {
    return format == Format.TENSORFLOW_SAVED_MODEL
        ? file.toAbsolutePath().normalize().resolveSibling("")
        : file;
  }
}
