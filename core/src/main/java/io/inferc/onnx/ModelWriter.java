package io.inferc.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes models; weights go from their mapping to the file without passing over the heap. */
final class ModelWriter {
  // Leaves room for the graph itself under protobuf's 2 GB.
  private static final long MOST_WEIGHTS_INSIDE = 1_900_000_000L;
  // The specification advises page alignment, so that a reader can map each tensor.
  private static final long ALIGNMENT = 4096;
  private static final int BUFFER = 1 << 20;

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
    return inside(model).toByteArray();
  }

  static void save(OnnxModel model, Path path, SaveOptions options) {
    Path target = path.toAbsolutePath().normalize();
    Path folder = target.getParent();
    Path fileName = target.getFileName();
    if (folder == null || fileName == null) {
      throw failure(path, "it is no file name", null);
    }
    boolean external = options.external() || weightBytes(model) > MOST_WEIGHTS_INSIDE;
    Path modelDraft = null;
    Path dataDraft = null;
    try {
      Files.createDirectories(folder);
      modelDraft = draft(folder, fileName.toString());
      ModelProto proto;
      String dataName = fileName + ".data";
      if (external) {
        dataDraft = draft(folder, dataName);
        proto = outside(model, dataDraft, dataName, options.thresholdBytes());
      } else {
        proto = inside(model);
      }
      write(proto, modelDraft);
      if (dataDraft != null) {
        move(dataDraft, folder.resolve(dataName));
        dataDraft = null;
      }
      move(modelDraft, target);
      modelDraft = null;
    } catch (IOException e) {
      throw failure(path, e.toString(), e);
    } finally {
      deleteQuietly(modelDraft);
      deleteQuietly(dataDraft);
    }
  }

  private static InfercException failure(Path path, String why, @Nullable IOException cause) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to save a model to " + path + ", but " + why + ".",
        "Check the path, the permissions and the free space; nothing was left half written.",
        cause);
  }

  /** A new file with the permissions of any other, which a temporary file would not have. */
  private static Path draft(Path folder, String name) throws IOException {
    return Files.createFile(folder.resolve("." + name + "-" + UUID.randomUUID() + ".draft"));
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void deleteQuietly(@Nullable Path draft) {
    if (draft != null) {
      try {
        Files.deleteIfExists(draft);
      } catch (IOException e) {
        // The failure that led here is the one to report.
      }
    }
  }

  private static long weightBytes(OnnxModel model) {
    AtomicLong sum = new AtomicLong();
    TensorProtos.map(
        model.toProto(),
        t -> {
          sum.addAndGet(TensorBytes.byteSize(t));
          return t;
        });
    return sum.get();
  }

  private static ModelProto inside(OnnxModel model) {
    return TensorProtos.map(
        model.toProto(),
        t ->
            TensorBytes.isExternal(t)
                ? t.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(concatenated(TensorBytes.chunks(t, model.files())))
                    .build()
                : t);
  }

  private static ByteString concatenated(List<ByteBuffer> chunks) {
    ByteString all = ByteString.EMPTY;
    for (ByteBuffer chunk : chunks) {
      all = all.concat(UnsafeByteOperations.unsafeWrap(chunk));
    }
    return all;
  }

  private static ModelProto outside(OnnxModel model, Path data, String dataName, long threshold)
      throws IOException {
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      ModelProto proto =
          TensorProtos.map(
              model.toProto(),
              t -> {
                try {
                  return moveOutside(t, model, channel, dataName, threshold);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      channel.force(true);
      return proto;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static TensorProto moveOutside(
      TensorProto t, OnnxModel model, FileChannel channel, String dataName, long threshold)
      throws IOException {
    boolean small =
        t.getDataType() == DataType.STRING.onnxCode() || TensorBytes.byteSize(t) < threshold;
    if (small && !TensorBytes.isExternal(t)) {
      return t;
    }
    long offset = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    channel.position(offset);
    for (ByteBuffer chunk : TensorBytes.chunks(t, model.files())) {
      ByteBuffer left = chunk.duplicate();
      while (left.hasRemaining()) {
        channel.write(left);
      }
    }
    return t.toBuilder()
        .clearRawData()
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data()
        .clearExternalData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(Entries.entry("location", dataName))
        .addExternalData(Entries.entry("offset", Long.toString(offset)))
        .addExternalData(Entries.entry("length", Long.toString(TensorBytes.byteSize(t))))
        .build();
  }

  private static void write(ModelProto proto, Path draft) throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      OutputStream stream = Channels.newOutputStream(channel);
      CodedOutputStream out = CodedOutputStream.newInstance(stream, BUFFER);
      proto.writeTo(out);
      out.flush();
      channel.force(true);
    }
  }
}
