package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.Stage;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BadInputTest {
  @TempDir Path folder;

  static Stream<Arguments> foreignFiles() throws IOException {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      out.putNextEntry(new ZipEntry("archive/data.pkl"));
      out.write(new byte[100]);
    }
    return Stream.of(
        Arguments.of(zip.toByteArray(), "ZIP"),
        Arguments.of(bytes("89 48 44 46 0d 0a 1a 0a 00 00 00 00"), "HDF5"),
        Arguments.of(bytes("89 50 4e 47 0d 0a 1a 0a 00 00 00 0d 49 48 44 52"), "PNG"),
        Arguments.of(bytes("ff d8 ff e0 00 10 4a 46 49 46"), "JPEG"),
        Arguments.of(text("%PDF-1.7\n"), "PDF"),
        Arguments.of(bytes("1f 8b 08 00 00 00 00 00"), "gzip"),
        Arguments.of(text("{\"model_type\": \"bert\"}"), "JSON"),
        Arguments.of(text("\n  [{\"name\": \"x\"}]"), "JSON"),
        Arguments.of(
            text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90387606\n"),
            "Git LFS pointer"),
        Arguments.of(text("<!DOCTYPE html><html><body>404</body></html>"), "HTML"),
        Arguments.of(text("<html><body>404</body></html>"), "HTML"),
        Arguments.of(text("<?xml version=\"1.0\"?><net name=\"m\" version=\"11\">"), "OpenVINO"),
        Arguments.of(text("<net name=\"m\" version=\"11\">"), "OpenVINO"),
        Arguments.of(bytes("1c 00 00 00 54 46 4c 33 14 00 20 00"), "TensorFlow Lite"),
        Arguments.of(bytes("1c 00 00 00 4f 52 54 4d 14 00 20 00"), "ORT"),
        // SavedModel: schema version 1, then one meta graph whose first field is a message.
        Arguments.of(bytes("08 01 12 0c 0a 02 12 00 12 06 0a 04 0a 02 78 78"), "TensorFlow"),
        // GraphDef: a node with a name and an operator.
        Arguments.of(bytes("0a 10 0a 01 78 12 0b 50 6c 61 63 65 68 6f 6c 64 65 72"), "TensorFlow"),
        // ProgramDesc: a block with index 0 and a parent.
        Arguments.of(bytes("0a 0f 08 00 10 ff ff ff ff ff ff ff ff ff 01 1a 02 0a 00"), "Paddle"),
        Arguments.of(bytes("40 00 00 00 00 00 00 00 7b 22 77 22 3a 7b"), "safetensors"),
        Arguments.of(bytes("93 4e 55 4d 50 59 01 00 76 00"), "NumPy"),
        Arguments.of(bytes("80 04 95 10 00 00 00"), "pickle"),
        Arguments.of(text("GGUF\u0003"), "GGUF"),
        Arguments.of(text("ftrt\u0001\u0002"), "TensorRT"));
  }

  @ParameterizedTest
  @MethodSource("foreignFiles")
  void aFileOfAnotherFormatIsRefusedByItsName(byte[] content, String name) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), content);

    ModelFormatException fromFile =
        assertThrows(ModelFormatException.class, () -> OnnxModel.load(file));
    ModelFormatException fromBytes =
        assertThrows(ModelFormatException.class, () -> OnnxModel.read(content));

    assertTrue(fromFile.problem().contains(name), fromFile.problem());
    assertTrue(fromFile.problem().contains(file.toString()), fromFile.problem());
    assertTrue(fromBytes.problem().contains(name), fromBytes.problem());
    assertFalse(fromFile.remedy().isBlank());
    assertEquals(Stage.IMPORT, fromFile.stage());
  }

  @Test
  void anEmptyFileIsCalledEmpty() throws IOException {
    Path file = Files.createFile(folder.resolve("model.onnx"));

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(file));

    assertTrue(e.problem().contains("empty"), e.problem());
  }

  @Test
  void aMissingFileAndAFolderAreRefusedByPath() {
    Path missing = folder.resolve("missing.onnx");

    ModelFormatException none =
        assertThrows(ModelFormatException.class, () -> OnnxModel.load(missing));
    ModelFormatException notFile =
        assertThrows(ModelFormatException.class, () -> OnnxModel.load(folder));

    assertTrue(none.problem().contains("no such file"), none.problem());
    assertTrue(notFile.problem().contains("folder"), notFile.problem());
  }

  @Test
  void aFileOfSeveralGigabytesIsRefusedBecauseOfProtobufsLimit() throws IOException {
    Path file = folder.resolve("large.onnx");
    byte[] start = SmallModels.addConstant(4).toBytes();
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(start);
      sparse.setLength(3_000_000_000L);
    }

    ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(file));

    assertTrue(e.problem().contains("2 GB"), e.problem());
    assertTrue(e.remedy().contains("external data"), e.remedy());
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void aRealModelCutAtEveryPercentIsRefused(RealModels model) throws IOException {
    Path file = model.copyTo(folder.resolve("cut.onnx"));
    long size = Files.size(file);
    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
      for (int percent = 99; percent >= 0; percent--) {
        cut.setLength(size * percent / 100);

        ModelFormatException e =
            assertThrows(
                ModelFormatException.class, () -> OnnxModel.load(file), "cut at " + percent + " %");

        assertFalse(e.problem().isBlank() || e.remedy().isBlank());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RealModels.class)
  void aRealModelCutWithinItsLastBytesIsRefused(RealModels model) throws IOException {
    Path file = model.copyTo(folder.resolve("cut.onnx"));
    long size = Files.size(file);
    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
      for (int missing = 1; missing <= 16; missing++) {
        cut.setLength(size - missing);

        assertThrows(
            ModelFormatException.class, () -> OnnxModel.load(file), missing + " bytes short");
      }
    }
  }

  @Test
  void aSmallModelCutAnywhereIsRefused() {
    byte[] whole = SmallModels.perceptron(3, 4, 2, 7).toBytes();

    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);

      assertThrows(ModelFormatException.class, () -> OnnxModel.read(part), "cut at byte " + length);
    }
  }

  @Test
  void aTruncatedFileIsSaidToBePerhapsTruncated() throws IOException {
    byte[] whole = Files.readAllBytes(RealModels.OCR_CLASSIFICATION.path());

    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> OnnxModel.read(Arrays.copyOf(whole, whole.length / 2)));

    assertTrue(e.problem().contains("truncated"), e.problem());
  }

  @Test
  void graphsNestedWithoutEndAreRefusedInsteadOfOverflowingTheStack() {
    byte[] inner = new byte[0];
    for (int i = 0; i < 10_000; i++) {
      // node (1) > attribute (5) > g (6), each a length-delimited field around the last.
      inner = field(1, field(5, field(6, inner)));
      if (inner.length > 200_000) {
        break;
      }
    }
    byte[] model = field(7, inner);

    assertThrows(ModelFormatException.class, () -> OnnxModel.read(model));
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    int length = content.length;
    while (length > 0x7f) {
      out.write(length & 0x7f | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] text(String content) {
    return content.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String hex) {
    String[] parts = hex.split(" ");
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i], 16);
    }
    return bytes;
  }
}
