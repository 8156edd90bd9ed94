package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the contents of requests back from files that were scanned. The last file stays open, since
 * the next request is mostly in it.
 */
final class PayloadReader implements AutoCloseable {
  private final List<TensorSpec> specs;
  private final List<Path> files;
  private int openFile = -1;
  private @Nullable TraceInput open;

  /** Makes memory for an input. */
  interface Memory {
    Tensor allocate(DataType type, long[] shape);
  }

  PayloadReader(List<TensorSpec> specs, List<Path> files) {
    this.specs = specs;
    this.files = files;
  }

  /** Reads all inputs, which the caller closes. */
  Map<String, Tensor> read(EventTable.PayloadPlace place, long[][] shapes, Memory memory) {
    Path file = files.get(place.file());
    Map<String, Tensor> sample = new LinkedHashMap<>();
    boolean complete = false;
    try {
      TraceInput input = input(place.file());
      read(input, place.position(), shapes, memory, sample);
      complete = true;
      return sample;
    } catch (IOException e) {
      throw TraceInput.unreadable(file, e);
    } finally {
      if (!complete) {
        sample.values().forEach(Tensor::close);
      }
    }
  }

  private TraceInput input(int file) throws IOException {
    TraceInput now = open;
    if (now == null || openFile != file) {
      close();
      now = TraceInput.open(files.get(file));
      openFile = file;
      open = now;
    }
    return now;
  }

  private void read(
      TraceInput input, long position, long[][] shapes, Memory memory, Map<String, Tensor> sample)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer head = input.read(position, TraceFormat.HEAD_BYTES);
    byte kind = head.get();
    TraceInput.Block block = new TraceInput.Block(position, kind, head.getInt());
    if (kind != TraceFormat.PAYLOAD || block.length() < 0 || block.end() > input.size()) {
      throw changed(input.file());
    }
    long at = block.body();
    long end = at + block.length();
    at += take(input, at, end, TraceFormat.EVENT_BYTES, crc).capacity();
    for (int i = 0; i < specs.size(); i++) {
      TensorSpec spec = specs.get(i);
      long[] shape = shapes[i];
      int length = take(input, at, end, Integer.BYTES, crc).getInt();
      at += Integer.BYTES;
      if (spec.type() == DataType.STRING) {
        ByteBuffer texts = take(input, at, end, length, crc);
        sample.put(spec.name(), strings(new BlockBody(texts, input.damage(position)), shape));
      } else {
        long needed = spec.type().byteSize(SizeArithmetic.elements(shape));
        if (needed != length || end - at < length) {
          throw changed(input.file());
        }
        Tensor tensor = memory.allocate(spec.type(), shape);
        sample.put(spec.name(), tensor);
        crc.update(input.read(at, tensor.bytes()));
      }
      at += length;
    }
    input.require(block, (int) crc.getValue());
  }

  private static ByteBuffer take(TraceInput input, long at, long end, int count, CRC32C crc)
      throws IOException {
    if (count < 0 || end - at < count) {
      throw changed(input.file());
    }
    ByteBuffer bytes = input.read(at, count);
    crc.update(bytes.duplicate());
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Tensor strings(BlockBody body, long[] shape) {
    long elements = SizeArithmetic.elements(shape);
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < elements; i++) {
      texts.add(body.text());
    }
    body.requireEnd();
    return Tensor.ofStrings(texts, shape);
  }

  private static InfercException changed(Path file) {
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to read the contents of a request from the trace "
            + file
            + ", but the file was changed since the trace was read.",
        "Read the trace again.");
  }

  @Override
  public void close() {
    TraceInput last = open;
    open = null;
    if (last != null) {
      try {
        last.close();
      } catch (IOException e) {
        throw TraceInput.unreadable(last.file(), e);
      }
    }
  }
}
