package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendProvider;
import io.inferc.spi.BackendRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out what models are.
 *
 * <pre>{@code
 * if (Models.importModel(path) instanceof ImportedModel.Foreign foreign) {
 *   System.out.println(foreign.model().format() + " is read by " + foreign.readers());
 * }
 * }</pre>
 */
public final class Models {
  private Models() {}

  /**
   * Reads a model, or says what it is and who can read it. What it is shows in what it holds, not
   * in its name.
   *
   * @param path a file, or the folder of a TensorFlow SavedModel
   * @return the ONNX model, or the model of another format with its readers
   * @throws io.inferc.onnx.ModelFormatException if it is neither, or a damaged ONNX model
   */
  public static ImportedModel importModel(Path path) {
    Objects.requireNonNull(path, "path");
    Optional<ForeignModel> foreign = ForeignModel.recognize(path);
    return foreign.isPresent()
        ? new ImportedModel.Foreign(foreign.get(), readers(foreign.get().format()))
        : new ImportedModel.Onnx(OnnxModel.load(path));
  }

  private static List<String> readers(ForeignModel.Format format) {
    BackendRegistry registry = BackendRegistry.discover();
    return registry.providers().stream()
        .map(BackendProvider::name)
        .filter(name -> reads(registry, name, format))
        .toList();
  }

  private static boolean reads(BackendRegistry registry, String name, ForeignModel.Format format) {
    try {
      BackendRegistry.Opened opened = registry.open(Target.backend(name));
      return opened.backend().capabilities(opened.choice()).foreignFormats().contains(format);
    } catch (InfercException e) {
      // A back end that cannot work here reads nothing here.
      return false;
    }
  }
}
