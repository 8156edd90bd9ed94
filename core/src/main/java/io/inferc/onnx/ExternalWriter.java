package io.inferc.onnx;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Moves the weights of a model into one data file beside it. */
final class ExternalWriter {
  // The specification advises page alignment, so that a reader can map each tensor.
  private static final long ALIGNMENT = 4096;

  private final FileChannel channel;
  private final WireWriter wire;
  private final String dataName;
  private final long threshold;

  private ExternalWriter(FileChannel channel, WireWriter wire, String dataName, long threshold) {
    this.channel = channel;
    this.wire = wire;
    this.dataName = dataName;
    this.threshold = threshold;
  }

  /** Writes the data to a draft and returns the model that refers to it by its final name. */
  static ModelProto write(OnnxModel model, WireWriter wire, Path draft, Path data, long threshold)
      throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      Path name = data.getFileName();
      ExternalWriter writer = new ExternalWriter(channel, wire, String.valueOf(name), threshold);
      ModelProto proto = TensorProtos.map(model, writer::move);
      channel.force(true);
      return proto;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private TensorProto move(TensorProto t, ExternalFiles files) {
    boolean text = t.getDataType() == DataType.STRING.onnxCode();
    boolean external = TensorBytes.isExternal(t);
    if (text || (!external && TensorBytes.byteSize(t) < threshold)) {
      return t.hasMappedRun() ? wire.inside(t, TensorBytes.chunks(t, files)) : t;
    }
    try {
      long offset = (channel.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      channel.position(offset);
      for (ByteBuffer chunk : TensorBytes.chunks(t, files)) {
        ByteBuffer left = chunk.duplicate();
        while (left.hasRemaining()) {
          channel.write(left);
        }
      }
      return withoutValues(t).toBuilder()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(Entries.entry("location", dataName))
          .addExternalData(Entries.entry("offset", Long.toString(offset)))
          .addExternalData(Entries.entry("length", Long.toString(TensorBytes.byteSize(t))))
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TensorProto withoutValues(TensorProto t) {
    return t.toBuilder()
        .clearRawData()
        .clearMappedRun()
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data()
        .clearExternalData()
        .clearDataLocation()
        .build();
  }
}
