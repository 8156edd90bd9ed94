package io.inferc.onnx;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
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
            model.toProto(),
            t -> {
              if (t.getDataType() == DataType.STRING.onnxCode()) {
                return t;
              }
              for (ByteBuffer chunk : TensorBytes.chunks(t, model.files())) {
                sha.update(chunk.duplicate());
              }
              return withoutValues(t);
            });
    sha.update(stripped.toByteArray());
    return HexFormat.of().formatHex(sha.digest());
  }

  private static TensorProto withoutValues(TensorProto t) {
    return t.toBuilder()
        .clearRawData()
        .clearFloatData()
        .clearInt32Data()
        .clearInt64Data()
        .clearDoubleData()
        .clearUint64Data()
        .clearExternalData()
        .clearDataLocation()
        .build();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
