package io.inferc.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.internal.proto.ModelProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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
    try {
      Files.createDirectories(folder);
      if (Files.isDirectory(target)) {
        throw new IOException("there is a folder of that name");
      }
      try (FileDrafts drafts = new FileDrafts()) {
        ModelProto proto;
        if (external) {
          Path data = folder.resolve(fileName + ".data");
          proto = ExternalWriter.write(model, drafts.create(data), data, options.thresholdBytes());
        } else {
          proto = inside(model);
        }
        write(proto, drafts.create(target));
        drafts.publish();
      }
    } catch (IOException e) {
      throw failure(path, e.toString(), e);
    }
  }

  private static InfercException failure(Path path, String why, @Nullable IOException cause) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to save a model to " + path + ", but " + why + ".",
        "Check the path, the permissions and the free space; nothing was left half written.",
        cause);
  }

  private static long weightBytes(OnnxModel model) {
    AtomicLong sum = new AtomicLong();
    TensorProtos.each(model, (t, files) -> sum.addAndGet(TensorBytes.byteSize(t)));
    return sum.get();
  }

  private static ModelProto inside(OnnxModel model) {
    return TensorProtos.map(
        model,
        (t, files) ->
            TensorBytes.isExternal(t)
                ? t.toBuilder()
                    .clearExternalData()
                    .clearDataLocation()
                    .setRawData(concatenated(TensorBytes.chunks(t, files)))
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
