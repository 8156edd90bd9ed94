package io.inferc.tensor;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads arrays that NumPy saved: {@code .npy} files of one array and {@code .npz} archives of
 * several. The format is that of NumPy's {@code numpy.lib.format}, versions 1 to 3; numbers and
 * booleans in row-major order are read, of either byte order.
 *
 * <pre>{@code
 * try (Tensor pixels = NumpyFiles.read(Path.of("pixels.npy"))) {
 *   session.bindInput("pixel_values", pixels);
 *   session.run();
 * }
 * }</pre>
 */
public final class NumpyFiles {
  private static final String SUFFIX = ".npy";

  private NumpyFiles() {}

  /**
   * Reads a {@code .npy} file.
   *
   * @param file the file
   * @return a new tensor, which the caller closes
   * @throws InfercException if the file is missing, damaged, or holds what a tensor cannot
   */
  public static Tensor read(Path file) {
    Objects.requireNonNull(file, "file");
    try (InputStream in = new BufferedInputStream(RegularFiles.newInputStream(file))) {
      return NumpyFormat.read(in, Files.size(file));
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      throw refused(file.toString(), e);
    }
  }

  /**
   * Reads a {@code .npz} archive, compressed or not.
   *
   * @param file the file
   * @return a new tensor for each array, by its name in the archive's order; the caller closes them
   * @throws InfercException if the file is missing, damaged, or holds what a tensor cannot
   */
  public static Map<String, Tensor> readArchive(Path file) {
    Objects.requireNonNull(file, "file");
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    boolean complete = false;
    String reading = file.toString();
    try (ZipFile zip = new ZipFile(RegularFiles.require(file).toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        reading = file + ", entry '" + entry.getName() + "'";
        if (!entry.getName().endsWith(SUFFIX)) {
          throw new IOException("it is no array: its name does not end in " + SUFFIX);
        }
        String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
        arrays.put(name, read(zip, entry));
      }
      complete = true;
      return arrays;
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      throw refused(reading, e);
    } finally {
      if (!complete) {
        arrays.values().forEach(Tensor::close);
      }
    }
  }

  private static Tensor read(ZipFile zip, ZipEntry entry) throws IOException {
    CRC32 sum = new CRC32();
    try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), sum)) {
      Tensor tensor = NumpyFormat.read(in, entry.getSize());
      if (sum.getValue() != entry.getCrc()) {
        tensor.close();
        throw new IOException("its checksum is wrong");
      }
      return tensor;
    }
  }

  private static InfercException refused(String what, IOException e) {
    String reason = e.getMessage() == null ? e.toString() : e.getMessage();
    return new InfercException(
        Stage.IMPORT,
        "Tried to read a NumPy array from " + what + ", but that failed: " + reason + ".",
        "Check that the file is there and whole; numpy.save(file, numpy.ascontiguousarray(array))"
            + " writes what can be read.",
        e);
  }
}
