package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.testing.SmallModels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Models that lie in archives and streams, where nothing can be mapped. */
class ModelPlacesTest {
  private static final String TEMPORARY = "java.io.tmpdir";

  @TempDir Path folder;
  @TempDir Path temporary;
  private final String usual = System.getProperty(TEMPORARY);

  @BeforeEach
  void watchTemporaryFiles() {
    System.setProperty(TEMPORARY, temporary.toString());
  }

  @AfterEach
  void restore() {
    System.setProperty(TEMPORARY, usual);
  }

  @Test
  void aModelInAnArchiveIsReadWithTheDataBesideIt() throws IOException {
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 3);
    model.save(folder.resolve("m.onnx"), SaveOptions.externalData());
    OnnxModel loaded;
    Path written;
    try (FileSystem archive = archive("m.onnx", "m.onnx.data");
        ModelSource source = ModelSource.of(archive.getPath("/models/m.onnx"))) {
      loaded = source.model();
      assertEquals(model.digest(), loaded.digest());
      written = source.path();
      assertTrue(written.startsWith(temporary), written::toString);
      assertEquals(FileSystems.getDefault(), written.getFileSystem());
      assertEquals(model.digest(), OnnxModel.load(written).digest());
    }
    assertFalse(Files.exists(written));
    assertEquals(List.of(), temporaryFiles());
    assertEquals(model.digest(), loaded.digest(), "its weights outlive the archive");
  }

  @Test
  void dataThatIsMissingInAnArchiveIsNamed() throws IOException {
    SmallModels.perceptron(32, 64, 8, 3).save(folder.resolve("m.onnx"), SaveOptions.externalData());
    try (FileSystem archive = archive("m.onnx")) {
      Path path = archive.getPath("/models/m.onnx");
      ModelFormatException e = assertThrows(ModelFormatException.class, () -> OnnxModel.load(path));
      assertTrue(e.getMessage().contains("m.onnx.data"), e.getMessage());
    }
  }

  private FileSystem archive(String... files) throws IOException {
    FileSystem archive =
        FileSystems.newFileSystem(folder.resolve("models.jar"), Map.of("create", "true"));
    Path inside = Files.createDirectory(archive.getPath("/models"));
    for (String file : files) {
      Files.copy(folder.resolve(file), inside.resolve(file));
    }
    return archive;
  }

  @Test
  void aStreamIsAModelToo() {
    OnnxModel model = SmallModels.perceptron(3, 4, 2, 3);
    assertEquals(model, OnnxModel.load(new ByteArrayInputStream(model.toBytes()), "tiny"));
    assertEquals(List.of(), temporaryFiles());
  }

  @Test
  void messagesCallAStreamByItsName() throws IOException {
    byte[] whole = SmallModels.perceptron(3, 4, 2, 3).toBytes();
    assertRefused("Tried to read tiny as an ONNX model", new ByteArrayInputStream(whole, 0, 50));
    assertRefused("but it is empty", InputStream.nullInputStream());
    assertRefused(
        "it looks like an HTML page",
        new ByteArrayInputStream("<html></html>".getBytes(StandardCharsets.UTF_8)));
    SmallModels.perceptron(32, 64, 8, 3).save(folder.resolve("m.onnx"), SaveOptions.externalData());
    try (InputStream in = Files.newInputStream(folder.resolve("m.onnx"))) {
      assertRefused("Load it by its path, which may lie in an archive", in);
    }
  }

  private void assertRefused(String part, InputStream in) {
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> OnnxModel.load(in, "tiny"));
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(List.of(), temporaryFiles());
  }

  @Test
  void aStreamThatFailsIsTheStreamsFault() {
    InputStream in =
        new InputStream() {
          private int left = 700;

          @Override
          public int read() throws IOException {
            if (left-- == 0) {
              throw new IOException("connection reset");
            }
            return 8;
          }

          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            if (length == 0) {
              return 0;
            }
            into[from] = (byte) read();
            return 1;
          }
        };
    InfercException e = assertThrows(InfercException.class, () -> ModelSource.of(in, "remote"));
    assertTrue(
        e.getMessage()
            .startsWith(
                "Tried to read the model remote, but after 700 bytes that failed:"
                    + " java.io.IOException: connection reset."),
        e.getMessage());
    assertEquals(List.of(), temporaryFiles());
  }

  @Test
  void aFormatOfSeveralFilesNeedsAPath() {
    byte[] ir = "<?xml version=\"1.0\"?><net name=\"m\" >".getBytes(StandardCharsets.UTF_8);
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class,
            () -> ModelSource.of(new ByteArrayInputStream(ir), "detector"));
    assertTrue(e.getMessage().contains("detector"), e.getMessage());
    assertTrue(e.getMessage().contains("Pass the path"), e.getMessage());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskIsNamedWithTheSizeAndTheSettingForTemporaryFiles() {
    Path full = Path.of("/dev/full");
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 3);
    InputStream in = new ByteArrayInputStream(model.toBytes());
    InfercException e =
        assertThrows(InfercException.class, () -> TemporaryFiles.write(in, "tiny", full));
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertTrue(e.getMessage().contains("of the model tiny"), e.getMessage());
    assertTrue(e.getMessage().contains("java.io.tmpdir"), e.getMessage());
    assertTrue(e.getMessage().contains("/dev/full"), e.getMessage());
  }

  @Test
  void aModelThatCannotBeWrittenIsNamedWithItsSize() throws IOException {
    OnnxModel model = SmallModels.perceptron(512, 1024, 8, 3);
    Path blocked = Files.createDirectories(folder.resolve("model.onnx"));
    InfercException e =
        assertThrows(InfercException.class, () -> TemporaryFiles.save(model, blocked));
    assertTrue(e.getMessage().contains("2.0 MiB of the model"), e.getMessage());
    assertTrue(e.getMessage().contains("java.io.tmpdir"), e.getMessage());
  }

  private List<Path> temporaryFiles() {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
