package io.inferc.execution.internal;

import io.inferc.common.InfercException;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A compiled model on disk. Its folder holds {@code compiled-model.json}, which says what the model
 * is, which folder beside it is the back end's own, and what checksum every file in there has.
 *
 * <p>A saved model is replaced by one renaming of that file, so whoever loads sees the old model or
 * the new one, whatever happens to those who save, and any number may save and load at once. What a
 * killed process leaves is deleted by the next to save. The checksums tell damage, not malice.
 *
 * @param name what messages and reports call the model
 * @param facts what is known of how it was made
 * @param limits what the model was held to when it was compiled
 * @param fingerprint what the payload depends on
 * @param device the device it was compiled for, empty for the default
 * @param profiles the shape profiles in order of preference
 */
public record SavedModel(
    String name,
    ModelFacts facts,
    ModelLimits limits,
    Fingerprint fingerprint,
    Optional<String> device,
    List<ShapeProfile> profiles) {
  /**
   * Reads what a folder holds, without touching the payload.
   *
   * @param folder a folder written by {@link io.inferc.runtime.CompiledModel#save}
   * @return what it says of itself
   * @throws InfercException if it is not such a folder, is damaged, or is of another version of
   *     inferc
   */
  public static SavedModel read(Path folder) {
    return new SavedFolder(folder).manifest().model();
  }

  /**
   * Returns the folder with the back end's own files, unchecked. The next to save may delete it.
   *
   * @param folder a folder written by {@link io.inferc.runtime.CompiledModel#save}
   * @return the payload
   * @throws InfercException as {@link #read} does
   */
  public static Path payload(Path folder) {
    return folder.resolve(new SavedFolder(folder).manifest().payload());
  }

  /**
   * Makes something of a saved model.
   *
   * @param <T> what it makes
   */
  @FunctionalInterface
  public interface Loader<T> {
    /**
     * Makes it.
     *
     * @param saved what the folder says of itself
     * @param payload returns the folder with the back end's own files, every one checked, which
     *     stays until this returns
     * @return what was made
     */
    T load(SavedModel saved, Supplier<Path> payload);
  }

  /**
   * Loads a saved model while nobody replaces it.
   *
   * @param folder a folder written by {@link io.inferc.runtime.CompiledModel#save}
   * @param loader makes something of it
   * @param <T> what is made
   * @return what the loader returned
   * @throws InfercException as {@link #read} does, if a file of the payload is missing or is not
   *     what was saved, and what the loader throws
   */
  public static <T> T load(Path folder, Loader<T> loader) {
    return new SavedFolder(folder).load(loader);
  }

  /** Writes the folder, or replaces the model in it. */
  void write(Path folder, Consumer<Path> payloadWriter) {
    new SavedFolder(folder).write(this, payloadWriter);
  }
}
