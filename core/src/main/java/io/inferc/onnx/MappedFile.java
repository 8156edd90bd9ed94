package io.inferc.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole file mapped read-only, of any size.
 *
 * <p>A mapping ends at 2 GB, so there is one window for every GiB, and each reaches up to 1 GiB
 * into the next: any run of up to 1 GiB lies in one window, wherever it starts. Mapping the file at
 * once costs address space only, and keeps the very bytes the model was checked against even if
 * another file is moved to the same path later.
 */
final class MappedFile {
  /** The longest run that {@link #slice} hands out; a multiple of every element size. */
  static final int MAX_SLICE = 1 << 30;

  private static final long STRIDE = 1L << 30;
  private static final long WINDOW = 2 * STRIDE - 4096;

  private final long size;
  private final List<ByteBuffer> windows;

  private MappedFile(long size, List<ByteBuffer> windows) {
    this.size = size;
    this.windows = List.copyOf(windows);
  }

  static MappedFile open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException("it is a folder");
    }
    if (!TemporaryFiles.isOrdinary(path)) {
      try (InputStream in = Files.newInputStream(path)) {
        return copy(in, path.toString());
      }
    }
    return map(path);
  }

  /**
   * Maps a copy of what cannot be mapped where it lies, such as in an archive; the copy has no name
   * and ends with the mapping.
   *
   * @param name what messages call it
   */
  static MappedFile copy(InputStream in, String name) throws IOException {
    Path folder = TemporaryFiles.folder(name);
    Path file = folder.resolve("model.onnx");
    try {
      TemporaryFiles.write(in, name, file);
      return map(file);
    } finally {
      TemporaryFiles.delete(file);
      TemporaryFiles.delete(folder);
    }
  }

  private static MappedFile map(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      List<ByteBuffer> windows = new ArrayList<>();
      for (long start = 0; start < size; start += STRIDE) {
        long length = Math.min(WINDOW, size - start);
        windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
      }
      return new MappedFile(size, windows);
    }
  }

  long size() {
    return size;
  }

  /** Returns up to {@link #MAX_SLICE} bytes as a read-only little-endian buffer of its own. */
  ByteBuffer slice(long offset, int length) {
    if (length == 0) {
      return ByteBuffer.allocate(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    int window = (int) (offset / STRIDE);
    int start = (int) (offset - window * STRIDE);
    return windows
        .get(window)
        .slice(start, length)
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns a range of any length as consecutive slices. */
  List<ByteBuffer> slices(long offset, long length) {
    List<ByteBuffer> slices = new ArrayList<>();
    for (long done = 0; done < length; done += MAX_SLICE) {
      slices.add(slice(offset + done, (int) Math.min(MAX_SLICE, length - done)));
    }
    return List.copyOf(slices);
  }
}
