package io.inferc.onnx;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.tensor.DataType;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over the values of all tensors in order, then over the model without them. */
final class ModelDigest {
  private ModelDigest() {}

  static String of(OnnxModel model) {
    MessageDigest sha = sha256();
    ModelProto stripped =
        TensorProtos.map(
            model,
            (t, files) -> {
              if (t.getDataType() == DataType.STRING.onnxCode()) {
                return t;
              }
              return files.read(
                  t,
                  () -> {
                    for (ByteBuffer chunk : TensorBytes.chunks(t, files)) {
                      sha.update(chunk.duplicate());
                    }
                    return ExternalWriter.withoutValues(t);
                  });
            });
    sha.update(stripped.toByteArray());
    return HexFormat.of().formatHex(sha.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
