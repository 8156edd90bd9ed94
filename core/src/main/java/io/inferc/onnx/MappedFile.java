package io.inferc.onnx;

import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A whole file mapped read-only, of any size.
 *
 * <p>A mapping ends at 2 GB, so there is one window for every GiB, and each reaches up to 1 GiB
 * into the next: any run of up to 1 GiB lies in one window, wherever it starts. Mapping the file at
 * once costs address space only, and keeps the very bytes the model was checked against even if
 * another file is moved to the same path later. Whoever writes into the file changes the mapping,
 * so {@link #requireUnchanged} comes before reading.
 */
final class MappedFile {
  /** The longest run that {@link #slice} hands out; a multiple of every element size. */
  static final int MAX_SLICE = 1 << 30;

  private static final long STRIDE = 1L << 30;
  private static final long WINDOW = 2 * STRIDE - 4096;

  private final Path path;
  private final BasicFileAttributes attributes;
  private final long size;
  private final List<ByteBuffer> windows;

  private MappedFile(
      Path path, BasicFileAttributes attributes, long size, List<ByteBuffer> windows) {
    this.path = path;
    this.attributes = attributes;
    this.size = size;
    this.windows = List.copyOf(windows);
  }

  static MappedFile open(Path path) throws IOException {
    RegularFiles.require(path);
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
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      List<ByteBuffer> windows = new ArrayList<>();
      for (long start = 0; start < size; start += STRIDE) {
        long length = Math.min(WINDOW, size - start);
        windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
      }
      return new MappedFile(path, attributes, size, windows);
    }
  }

  long size() {
    return size;
  }

  /**
   * Makes sure that the mapping still holds the bytes that were there when it was made. A file that
   * was deleted or replaced by another does; one that was written to does not, and reading where it
   * was cut off ends in an error of the JVM's.
   *
   * @throws ModelFormatException if the file was written to
   */
  void requireUnchanged() {
    BasicFileAttributes now;
    try {
      now = Files.readAttributes(path, BasicFileAttributes.class);
    } catch (IOException e) {
      return;
    }
    boolean same = Objects.equals(now.fileKey(), attributes.fileKey());
    if (same
        && (now.size() != size || !now.lastModifiedTime().equals(attributes.lastModifiedTime()))) {
      throw new ModelFormatException(
          "Tried to read from "
              + path
              + ", but the file was changed since it was opened: it had "
              + size
              + " bytes of "
              + attributes.lastModifiedTime()
              + ", and has "
              + now.size()
              + " of "
              + now.lastModifiedTime()
              + ".",
          "Load the model again. To replace a model that is in use, move a new file over the old"
              + " one rather than writing into it.");
    }
  }

  /**
   * Reads mapped bytes, and makes sure afterwards that they were those of the file.
   *
   * @param check tells whether what was read is unchanged, by {@link #requireUnchanged}
   * @throws ModelFormatException if the file was written to or cut off meanwhile
   */
  static <T> T read(Supplier<T> reading, Runnable check) {
    try {
      T value = reading.get();
      // It asks the system, at which compiled code hears at the latest of a page that is gone.
      check.run();
      return value;
    } catch (InternalError e) {
      check.run();
      throw e;
    }
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
