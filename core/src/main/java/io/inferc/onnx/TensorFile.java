package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A TensorProto message in a file of its own, as the test data of ONNX models is kept. */
final class TensorFile {
  private final Path file;
  private final Initializer constant;

  private TensorFile(Path file, Initializer constant) {
    this.file = file;
    this.constant = constant;
  }

  static TensorFile open(Path file) {
    TensorProto proto;
    try {
      proto = TensorProto.parseFrom(RegularFiles.readAllBytes(file));
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      throw refused(file, e.getMessage() + ".", e);
    }
    if (TensorBytes.isBound(proto)) {
      throw refused(file, "its values lie in another file.", null);
    }
    return new TensorFile(file, new Initializer(proto, ExternalFiles.NONE));
  }

  /** The tensor's name, empty if it has none. */
  String name() {
    return constant.name();
  }

  /** Copies the values; the caller closes the tensor. */
  Tensor tensor() {
    try {
      if (constant.type() == DataType.STRING) {
        return Tensor.ofStrings(constant.strings(), constant.dims());
      }
      List<ByteBuffer> chunks = constant.chunks();
      Tensor tensor = Tensor.allocate(constant.type(), constant.dims());
      ByteBuffer into = tensor.bytes();
      chunks.forEach(into::put);
      return tensor;
    } catch (InfercException e) {
      throw refused(file, e.problem(), e);
    } catch (IllegalArgumentException e) {
      throw refused(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static InfercException refused(Path file, String reason, @Nullable Exception cause) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to read " + file + " as an ONNX tensor, but that failed: " + reason,
        "Check that the file is whole and holds a TensorProto with its values inside.",
        cause);
  }
}
