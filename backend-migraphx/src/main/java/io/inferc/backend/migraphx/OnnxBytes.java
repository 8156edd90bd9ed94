package io.inferc.backend.migraphx;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A serialized model in native memory of its own: not a mapped file, which another process could
 * cut short under the parser's hands. Closing it frees it.
 */
final class OnnxBytes implements AutoCloseable {
  private final Memory memory;
  private final long size;

  private OnnxBytes(long size) {
    memory = new Memory(Math.max(1, size));
    this.size = size;
  }

  static OnnxBytes of(byte[] bytes) {
    OnnxBytes made = new OnnxBytes(bytes.length);
    made.memory.write(0, bytes, 0, bytes.length);
    return made;
  }

  /** Reads a file, which protobuf keeps under 2 GB. */
  static OnnxBytes read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      OnnxBytes made = new OnnxBytes(channel.size());
      boolean complete = false;
      try {
        ByteBuffer target = made.memory.getByteBuffer(0, made.size);
        while (target.hasRemaining()) {
          if (channel.read(target) < 0) {
            throw new EOFException(file + " became shorter while it was read");
          }
        }
        complete = true;
        return made;
      } finally {
        if (!complete) {
          made.close();
        }
      }
    }
  }

  /** Parses the model into a program of MIGraphX's own, not compiled yet. */
  ProgramHandle parse(OnnxOptions options) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      return new ProgramHandle(
          Calls.handle(
              MigraphxApi.migraphx_parse_onnx_buffer(
                  out.address(), Pointer.nativeValue(memory), size, options.handle()),
              out,
              "migraphx_parse_onnx_buffer"));
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}
