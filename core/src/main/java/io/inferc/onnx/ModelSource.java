package io.inferc.onnx;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
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
  private boolean pathIsSafe;
  private boolean closed;

  private ModelLimits limits = ModelLimits.defaults();

  private ModelSource(
      @Nullable Path path, @Nullable OnnxModel model, @Nullable ForeignModel foreign) {
    this.path = path;
    this.model = model;
    this.foreign = foreign;
  }

  /**
   * Returns a source over a file, which stays the caller's.
   *
   * @param path an .onnx file; one inside an archive is copied when a file is asked for
   * @return the source
   */
  public static ModelSource of(Path path) {
    return of(path, ModelLimits.defaults());
  }

  /**
   * Returns a source over a file, whose model is held to other limits.
   *
   * @param path an .onnx file; one inside an archive is copied when a file is asked for
   * @param limits what the model may ask for
   * @return the source
   */
  public static ModelSource of(Path path, ModelLimits limits) {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(limits, "limits");
    ModelSource source = new ModelSource(path, null, null);
    source.limits = limits;
    return source;
  }

  /**
   * Returns a source over a stream, which is read to its end into a temporary file.
   *
   * @param in the bytes of an .onnx file, or of a model of another format that is one file
   * @param name what messages call the model
   * @return the source
   * @throws ModelFormatException if it is no valid ONNX model, or of a format of several files
   * @throws InfercException if the stream fails, or there is no room for a temporary file
   */
  public static ModelSource of(InputStream in, String name) {
    return of(in, name, ModelLimits.defaults());
  }

  /**
   * Returns a source over a stream, whose model is held to other limits.
   *
   * @param in the bytes of an .onnx file, or of a model of another format that is one file
   * @param name what messages call the model
   * @param limits what the model may ask for
   * @return the source
   * @throws ModelFormatException if it is no valid ONNX model, is beyond the limits, or of a format
   *     of several files
   * @throws InfercException if the stream fails, or there is no room for a temporary file
   */
  public static ModelSource of(InputStream in, String name, ModelLimits limits) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limits, "limits");
    byte[] head;
    try {
      head = in.readNBytes(FormatSniffer.HEAD_BYTES);
    } catch (IOException e) {
      throw TemporaryFiles.unreadable(name, 0, e);
    }
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
    Optional<ForeignModel.Format> format =
        FormatSniffer.guess(ByteBuffer.wrap(head)).flatMap(FormatSniffer.Guess::format);
    if (format.isEmpty()) {
      return of(OnnxModel.load(whole, name, limits));
    }
    if (!format.get().isOneFile()) {
      throw new ModelFormatException(
          "Tried to read the model "
              + name
              + " from a stream, but it is "
              + format.get().description()
              + ", which has its weights in files beside it.",
          "Pass the path of its file.");
    }
    Path folder = TemporaryFiles.folder(name);
    ModelSource source = of(new ForeignModel(format.get(), folder.resolve("model")));
    source.ownFolder = folder;
    boolean complete = false;
    try {
      TemporaryFiles.write(whole, name, folder.resolve("model"));
      complete = true;
      return source;
    } finally {
      if (!complete) {
        source.close();
      }
    }
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
      loaded = OnnxModel.load(path, limits);
      model = loaded;
    }
    return loaded;
  }

  /**
   * Returns the model's file, writing it if there is none yet. Runtimes map weights that lie beside
   * a model, and a process dies when somebody cuts off a file that it has mapped; such a model is
   * copied first, to where nobody writes.
   *
   * @return an .onnx file, or what {@link #foreign()} is, valid until close
   * @throws InfercException if it cannot be written
   * @throws ResourceClosedException after {@link #close()}
   */
  public synchronized Path path() {
    requireOpen("use a model's file");
    Path file = path;
    if (file == null || !TemporaryFiles.isOrdinary(file) || hasDataOfTheCallers()) {
      if (foreign != null) {
        file = foreign.copyTo(folder(foreign.path().toString()));
      } else {
        file = folder(model().graph().name()).resolve("model.onnx");
        TemporaryFiles.save(model(), file);
      }
      path = file;
    }
    pathIsSafe = true;
    return file;
  }

  /**
   * Returns a model that lies in memory as the bytes of an .onnx file, which spares a runtime that
   * takes such bytes the temporary file of {@link #path()}.
   *
   * @param mostWeightBytes how many bytes of weights it may have, since they lie in memory twice
   * @return the bytes; empty if there is a file already, or the weights are larger
   * @throws ResourceClosedException after {@link #close()}
   */
  public synchronized Optional<byte[]> bytesInMemory(long mostWeightBytes) {
    requireOpen("read a model");
    OnnxModel loaded = model;
    if (path != null || loaded == null || ModelWriter.weightBytes(loaded) > mostWeightBytes) {
      return Optional.empty();
    }
    return Optional.of(loaded.toBytes());
  }

  private boolean hasDataOfTheCallers() {
    return foreign == null && !pathIsSafe && model().hasExternalData();
  }

  private Path folder(String name) {
    Path folder = ownFolder;
    if (folder == null) {
      folder = TemporaryFiles.folder(name);
      ownFolder = folder;
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
    try {
      TemporaryFiles.deleteAll(folder);
    } catch (IOException e) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to delete the temporary folder " + folder + ", but that failed: " + e + ".",
          "Delete it by hand.",
          e);
    }
  }
}
