package io.inferc.onnx;

import java.nio.file.Path;

/** A model as a back end receives it: a file. */
public final class ModelSource implements AutoCloseable {
  private final Path path;

  private ModelSource(Path path) {
    this.path = path;
  }

  /**
   * Returns a source over a file.
   *
   * @param path the model file
   * @return the source
   */
  public static ModelSource of(Path path) {
    return new ModelSource(path);
  }

  /**
   * Returns the file.
   *
   * @return the model file
   */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    // The file is the caller's.
  }
}
