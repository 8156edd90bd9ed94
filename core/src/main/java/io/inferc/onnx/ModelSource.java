package io.inferc.onnx;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model as a back end takes it: a file, or a graph in memory that is written to a temporary
 * folder when a file is asked for, since a protobuf message ends at 2 GB. Closing it deletes that
 * folder. Thread-safe.
 *
 * <pre>{@code
 * try (ModelSource source = ModelSource.of(model.upgradeOpset(21))) {
 *   runtime.read(source.path());
 * }
 * }</pre>
 */
public final class ModelSource implements AutoCloseable {
  private @Nullable Path path;
  private @Nullable OnnxModel model;
  private final @Nullable ForeignModel foreign;
  private @Nullable Path ownFolder;
  private boolean closed;

  private ModelSource(
      @Nullable Path path, @Nullable OnnxModel model, @Nullable ForeignModel foreign) {
    this.path = path;
    this.model = model;
    this.foreign = foreign;
  }

  /**
   * Returns a source over a file, which stays the caller's.
   *
   * @param path an .onnx file
   * @return the source
   */
  public static ModelSource of(Path path) {
    Objects.requireNonNull(path, "path");
    return new ModelSource(path, null, null);
  }

  /**
   * Returns a source over a model in memory.
   *
   * @param model the model
   * @return the source
   */
  public static ModelSource of(OnnxModel model) {
    Objects.requireNonNull(model, "model");
    return new ModelSource(null, model, null);
  }

  /**
   * Returns a source over a model of another format, which stays the caller's.
   *
   * @param model the model
   * @return a source that has a path, but no graph
   */
  public static ModelSource of(ForeignModel model) {
    Objects.requireNonNull(model, "model");
    return new ModelSource(model.path(), null, model);
  }

  /**
   * Returns the model of another format, if this is one.
   *
   * @return the model, or empty for ONNX
   */
  public Optional<ForeignModel> foreign() {
    return Optional.ofNullable(foreign);
  }

  /**
   * Returns the model, loading and checking it if it is a file.
   *
   * @return the model
   * @throws ModelFormatException if the file is no valid model, or of another format
   * @throws ResourceClosedException after {@link #close()}
   */
  public synchronized OnnxModel model() {
    requireOpen("read a model");
    if (foreign != null) {
      throw new ModelFormatException(
          "Tried to work with the graph of "
              + foreign.path()
              + ", but it is "
              + foreign.format().description()
              + ", which only a runtime can read.",
          "Export the model to ONNX with the tool that made it.");
    }
    OnnxModel loaded = model;
    if (loaded == null) {
      if (path == null) {
        throw new IllegalStateException("a source has a path or a model");
      }
      loaded = OnnxModel.load(path);
      model = loaded;
    }
    return loaded;
  }

  /**
   * Returns the model's file, writing it if there is none yet.
   *
   * @return an .onnx file, or what {@link #foreign()} is, valid until close
   * @throws InfercException if it cannot be written
   * @throws ResourceClosedException after {@link #close()}
   */
  public synchronized Path path() {
    requireOpen("use a model's file");
    Path file = path;
    if (file == null) {
      file = folder().resolve("model.onnx");
      model().save(file);
      path = file;
    }
    return file;
  }

  private Path folder() {
    Path folder = ownFolder;
    if (folder == null) {
      try {
        folder = Files.createTempDirectory("inferc-model-");
        ownFolder = folder;
      } catch (IOException e) {
        throw new InfercException(
            Stage.IMPORT,
            "Tried to make a temporary folder for a model, but that failed: " + e + ".",
            "Check the folder that the system property java.io.tmpdir names.",
            e);
      }
    }
    return folder;
  }

  private void requireOpen(String asked) {
    if (closed) {
      throw new ResourceClosedException(asked, "its source");
    }
  }

  /** Deletes what was written to a temporary folder. Closing again does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    Path folder = ownFolder;
    ownFolder = null;
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to delete the temporary folder " + folder + ", but that failed: " + e + ".",
          "Delete it by hand.",
          e);
    }
  }
}
