package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import io.inferc.common.internal.WriterLock;
import io.inferc.onnx.internal.proto.ModelProto;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes models; weights go from their mapping to the file without passing over the heap. */
final class ModelWriter {
  // Leaves room for the graph itself under protobuf's 2 GB.
  private static final long MOST_WEIGHTS_INSIDE = 1_900_000_000L;

  private ModelWriter() {}

  static byte[] toBytes(OnnxModel model) {
    long weights = weightBytes(model);
    if (weights > MOST_WEIGHTS_INSIDE) {
      throw new ModelFormatException(
          "Tried to serialize a model with "
              + weights
              + " bytes of weights into one message, but a protobuf message ends at 2 GB.",
          "Save it to a file: the weights go to external data there.");
    }
    WireWriter wire = new WireWriter();
    try {
      byte[] bytes = wire.toBytes(inside(model, wire));
      model.requireUnchangedFiles();
      return bytes;
    } catch (InternalError e) {
      model.requireUnchangedFiles();
      throw e;
    } catch (IOException e) {
      throw new ModelFormatException(
          "Tried to serialize a model into one message, but " + e.getMessage() + ".",
          "Save it to a file with external data.",
          List.of(),
          e);
    }
  }

  // The turn is held, not looked at.
  @SuppressWarnings("try")
  static void save(OnnxModel model, Path path, SaveOptions options) {
    Path target = path.toAbsolutePath().normalize();
    Path folder = target.getParent();
    Path fileName = target.getFileName();
    if (folder == null || fileName == null) {
      throw failure(path, "it is no file name", null);
    }
    boolean external = options.external() || weightBytes(model) > MOST_WEIGHTS_INSIDE;
    saying(
        model,
        path,
        () -> {
          Files.createDirectories(folder);
          RegularFiles.requireIfThere(target);
          if (external) {
            // Others who save here must neither take the name of these weights nor delete them.
            try (WriterLock turn = WriterLock.of(target, Stage.IMPORT)) {
              saveExternal(model, target, options.thresholdBytes());
            }
          } else {
            saveInside(model, target);
          }
        });
  }

  /** What writes to a disk. */
  private interface Writing {
    void run() throws IOException;
  }

  /** Writes, and says of a failure what is to blame for it. */
  private static void saying(OnnxModel model, Path path, Writing writing) {
    try {
      writing.run();
    } catch (InternalError e) {
      model.requireUnchangedFiles();
      throw e;
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      // Writing from where a mapped file was cut off fails as if the disk were to blame.
      model.requireUnchangedFiles();
      throw failure(path, e.toString(), e);
    }
  }

  /**
   * Writes a file that nobody else knows and that need not outlive this process: in place, and
   * without waiting until the disk has it.
   */
  static void saveTemporary(OnnxModel model, Path file) {
    if (weightBytes(model) > MOST_WEIGHTS_INSIDE) {
      save(model, file, SaveOptions.externalData());
      return;
    }
    saying(
        model,
        file,
        () -> {
          try (FileChannel channel =
              FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            WireWriter wire = new WireWriter();
            wire.write(inside(model, wire), channel);
            model.requireUnchangedFiles();
          }
        });
  }

  private static void saveExternal(OnnxModel model, Path target, long threshold)
      throws IOException {
    DataFiles files = DataFiles.of(target);
    try (FileDrafts drafts = new FileDrafts()) {
      WireWriter wire = new WireWriter();
      Path data = target.resolveSibling(files.next());
      ModelProto proto = ExternalWriter.write(model, wire, drafts.create(data), data, threshold);
      write(proto, wire, drafts.create(target));
      model.requireUnchangedFiles();
      drafts.publish();
    }
    files.deleteFormer();
  }

  private static void saveInside(OnnxModel model, Path target) throws IOException {
    try (FileDrafts drafts = new FileDrafts()) {
      WireWriter wire = new WireWriter();
      write(inside(model, wire), wire, drafts.create(target));
      model.requireUnchangedFiles();
      drafts.publish();
    }
  }

  private static InfercException failure(Path path, String why, @Nullable IOException cause) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to save a model to " + path + ", but " + why + ".",
        "Check the path, the permissions and the free space; what was there before still is.",
        cause);
  }

  static long weightBytes(OnnxModel model) {
    AtomicLong sum = new AtomicLong();
    TensorProtos.each(model, (t, files) -> sum.addAndGet(TensorBytes.byteSize(t)));
    return sum.get();
  }

  private static ModelProto inside(OnnxModel model, WireWriter wire) {
    return TensorProtos.map(
        model,
        (t, files) -> TensorBytes.isBound(t) ? wire.inside(t, TensorBytes.chunks(t, files)) : t);
  }

  private static void write(ModelProto proto, WireWriter wire, Path draft) throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      wire.write(proto, channel);
      channel.force(true);
    }
  }
}
