package io.inferc.benchmark.endpoint;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Messages of gRPC as the bytes that they are: protobuf's generated classes would have to be those
 * of the application's version.
 */
enum GrpcBytes implements MethodDescriptor.Marshaller<byte[]> {
  /** The only one. */
  INSTANCE;

  @Override
  public InputStream stream(byte[] message) {
    return new ByteArrayInputStream(message);
  }

  @Override
  public byte[] parse(InputStream message) {
    try {
      if (!(message instanceof KnownLength)) {
        return message.readAllBytes();
      }
      byte[] bytes = new byte[message.available()];
      message.readNBytes(bytes, 0, bytes.length);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
