package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class NumpyFilesTest {
  @TempDir private Path folder;

  /** An array as NumPy writes it: the header padded with blanks to a multiple of 64. */
  private static byte[] npy(int version, String dictionary, byte[] elements) {
    int prefix = version == 1 ? 10 : 12;
    int length = (prefix + dictionary.length() + 1 + 63) / 64 * 64 - prefix;
    ByteBuffer file =
        ByteBuffer.allocate(prefix + length + elements.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    file.put((byte) version).put((byte) 0);
    if (version == 1) {
      file.putShort((short) length);
    } else {
      file.putInt(length);
    }
    byte[] header = new byte[length];
    Arrays.fill(header, (byte) ' ');
    header[length - 1] = '\n';
    byte[] text = dictionary.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, header, 0, text.length);
    return file.put(header).put(elements).array();
  }

  private static String header(String type, boolean columns, String shape) {
    String order = columns ? "True" : "False";
    return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  }

  private static byte[] floats(ByteOrder order, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
    for (float v : values) {
      bytes.putFloat(v);
    }
    return bytes.array();
  }

  private Tensor read(byte[] file) throws IOException {
    return NumpyFiles.read(Files.write(folder.resolve("a.npy"), file));
  }

  @Test
  void arraysOfEveryVersionAndByteOrderAreRead() throws IOException {
    for (int version = 1; version <= 3; version++) {
      for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
        String type = order == ByteOrder.LITTLE_ENDIAN ? "<f4" : ">f4";
        byte[] elements = floats(order, 1, -2.5f, 3, 4, 5, 6e20f);
        try (Tensor t = read(npy(version, header(type, false, "(2, 3)"), elements))) {
          assertEquals(DataType.FLOAT32, t.type());
          assertTrue(t.hasShape(2, 3));
          assertArrayEquals(new float[] {1, -2.5f, 3, 4, 5, 6e20f}, t.toFloatArray());
        }
      }
    }
  }

  @Test
  void everyNumberTypeKeepsItsWidthAndSign() throws IOException {
    Map<String, DataType> types =
        Map.of(
            "|b1", DataType.BOOL,
            "|i1", DataType.INT8,
            "|u1", DataType.UINT8,
            "<i2", DataType.INT16,
            "<u2", DataType.UINT16,
            "<i4", DataType.INT32,
            "<u4", DataType.UINT32,
            "<i8", DataType.INT64,
            "<f2", DataType.FLOAT16,
            "<f8", DataType.FLOAT64);
    for (Map.Entry<String, DataType> e : types.entrySet()) {
      byte[] elements = new byte[2 * e.getValue().bitWidth() / 8];
      elements[0] = 1;
      try (Tensor t = read(npy(1, header(e.getKey(), false, "(2,)"), elements))) {
        assertEquals(e.getValue(), t.type());
        byte[] found = new byte[elements.length];
        t.bytes().get(found);
        assertArrayEquals(elements, found, e.getKey());
      }
    }
  }

  @Test
  void scalarsEmptyArraysAndSingleColumnsAreRead() throws IOException {
    try (Tensor t = read(npy(1, header("<f4", false, "()"), floats(ByteOrder.LITTLE_ENDIAN, 7)))) {
      assertEquals(0, t.rank());
      assertEquals(7, t.floats().get(0));
    }
    try (Tensor t = read(npy(1, header("<f4", false, "(0, 3)"), new byte[0]))) {
      assertTrue(t.hasShape(0, 3));
    }
    try (Tensor t =
        read(npy(1, header("<f4", true, "(2,)"), floats(ByteOrder.LITTLE_ENDIAN, 7, 8)))) {
      assertTrue(t.hasShape(2));
    }
  }

  @Test
  void damagedAndForeignFilesAreRefusedWithWhatIsWrong() throws IOException {
    byte[] two = floats(ByteOrder.LITTLE_ENDIAN, 1, 2);
    byte[] good = npy(1, header("<f4", false, "(2,)"), two);
    assertRefused(
        "does not begin like", "PNG, not NumPy".getBytes(StandardCharsets.US_ASCII), false);
    assertRefused("truncated", new byte[0], false);
    assertRefused("truncated", Arrays.copyOf(good, 40), false);
    assertRefused("asks for 8 bytes", Arrays.copyOf(good, good.length - 1), false);
    assertRefused("asks for 8 bytes", Arrays.copyOf(good, good.length + 1), false);
    assertRefused("column-major", npy(1, header("<f4", true, "(1, 2)"), two), false);
    assertRefused("'<c8'", npy(1, header("<c8", false, "(1,)"), two), false);
    assertRefused("'|O'", npy(1, header("|O", false, "(1,)"), two), false);
    assertRefused("no plain 'descr'", npy(1, "{'descr': [('a', '<f4')]}", two), false);
    assertRefused(
        "too large", npy(1, header("<f4", false, "(4294967296, 4294967296)"), two), false);
    assertRefused("shape", npy(1, header("<f4", false, "(99999999999999999999,)"), two), false);
    byte[] newer = good.clone();
    newer[6] = 9;
    assertRefused("version is 9", newer, false);
    byte[] longHeader = npy(2, header("<f4", false, "(2,)"), two);
    Arrays.fill(longHeader, 8, 12, (byte) 0xff);
    assertRefused("header claims", longHeader, false);
  }

  @Test
  void archivesHoldArraysByName() throws IOException {
    for (int method : new int[] {ZipEntry.DEFLATED, ZipEntry.STORED}) {
      Path file = folder.resolve("sample.npz");
      byte[] x = npy(1, header("<f4", false, "(2,)"), floats(ByteOrder.LITTLE_ENDIAN, 1, 2));
      byte[] mask = npy(1, header("|b1", false, "(1, 1)"), new byte[] {1});
      archive(file, method, "x.npy", x, "deep/mask.npy", mask);
      Map<String, Tensor> arrays = NumpyFiles.readArchive(file);
      assertEquals(List.of("x", "deep/mask"), List.copyOf(arrays.keySet()));
      assertArrayEquals(new float[] {1, 2}, arrays.get("x").toFloatArray());
      assertEquals(DataType.BOOL, arrays.get("deep/mask").type());
      arrays.values().forEach(Tensor::close);
    }
  }

  @Test
  void damagedArchivesAreRefused() throws IOException {
    byte[] x = npy(1, header("<f4", false, "(2,)"), floats(ByteOrder.LITTLE_ENDIAN, 1, 2));
    Path file = folder.resolve("a.npz");
    archive(file, ZipEntry.STORED, "readme.txt", x, "x.npy", x);
    assertRefused("'readme.txt'", Files.readAllBytes(file), true);
    archive(file, ZipEntry.STORED, "w.npy", x, "x.npy", x);
    byte[] flipped = Files.readAllBytes(file);
    // The second element of the first array, behind the entry's own header.
    flipped[30 + "w.npy".length() + x.length - 1] ^= 1;
    assertRefused("checksum", flipped, true);
    assertRefused("a.npz", Arrays.copyOf(flipped, flipped.length / 2), true);
    assertRefused("a.npz", new byte[0], true);
  }

  @Test
  void missingFilesAreNamed() {
    Path file = folder.resolve("none");
    for (Executable read :
        List.<Executable>of(() -> NumpyFiles.read(file), () -> NumpyFiles.readArchive(file))) {
      InfercException e = assertThrows(InfercException.class, read);
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  private void assertRefused(String said, byte[] bytes, boolean archive) throws IOException {
    Path file = folder.resolve(archive ? "a.npz" : "a.npy");
    Files.write(file, bytes);
    InfercException e =
        assertThrows(
            InfercException.class,
            () -> {
              if (archive) {
                NumpyFiles.readArchive(file);
              } else {
                NumpyFiles.read(file);
              }
            });
    assertTrue(e.getMessage().contains(said), e.getMessage());
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  private static void archive(
      Path file, int method, String first, byte[] a, String second, byte[] b) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      add(zip, method, first, a);
      add(zip, method, second, b);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      bytes.writeTo(out);
    }
  }

  private static void add(ZipOutputStream zip, int method, String name, byte[] content)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(method);
    if (method == ZipEntry.STORED) {
      CRC32 sum = new CRC32();
      sum.update(content);
      entry.setSize(content.length);
      entry.setCompressedSize(content.length);
      entry.setCrc(sum.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
