package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.ResourceClosedException;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceTest {
  @TempDir Path folder;

  @Test
  void aModelInMemoryIsWrittenOnceAndDeletedOnClose() {
    OnnxModel model = SmallModels.addConstant(4);
    Path path;
    try (ModelSource source = ModelSource.of(model)) {
      path = source.path();
      assertEquals(model, OnnxModel.load(path));
      assertEquals(path, source.path());
      assertEquals(model, source.model());
    }

    assertFalse(Files.exists(path));
    assertFalse(Files.exists(path.getParent()));
  }

  @Test
  void aModelThatIsOnlyReadWritesNothing() {
    try (ModelSource source = ModelSource.of(SmallModels.addConstant(4))) {
      assertEquals(1, source.model().graph().nodes().size());
    }
  }

  @Test
  void aModelInMemoryIsGivenAsBytesUpToALimitAndWritesNothing() {
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 1);
    long weights = model.summary().weightBytes();
    try (ModelSource source = ModelSource.of(model)) {
      assertArrayEquals(model.toBytes(), source.bytesInMemory(weights).orElseThrow());
      assertTrue(source.bytesInMemory(weights - 1).isEmpty());
      source.path();
      assertTrue(source.bytesInMemory(weights).isEmpty(), "a file is there now");
    }
    Path path = folder.resolve("m.onnx");
    model.save(path);
    try (ModelSource source = ModelSource.of(path)) {
      assertEquals(model, source.model());
      assertTrue(source.bytesInMemory(weights).isEmpty(), "a file was there before");
    }
  }

  @Test
  void aFileStaysTheCallers() {
    Path path = folder.resolve("m.onnx");
    SmallModels.addConstant(4).save(path);

    try (ModelSource source = ModelSource.of(path)) {
      assertEquals(path, source.path());
      assertEquals(SmallModels.addConstant(4), source.model());
    }

    assertTrue(Files.exists(path));
  }

  @Test
  void weightsBesideAModelAreCopiedToWhereNobodyWrites() {
    Path path = folder.resolve("m.onnx");
    OnnxModel model = SmallModels.perceptron(32, 64, 8, 1);
    model.save(path, SaveOptions.externalData());
    Path copy;
    try (ModelSource source = ModelSource.of(path)) {
      copy = source.path();
      assertFalse(copy.startsWith(folder), copy.toString());
      assertEquals(model.digest(), OnnxModel.load(copy).digest());
      assertEquals(copy, source.path());
    }
    assertFalse(Files.exists(copy));
    assertTrue(Files.exists(path));
  }

  @Test
  void aModelInAnArchiveIsHeldToTheLimitsGiven() throws IOException {
    Path archive = folder.resolve("models.zip");
    ModelLimits low = ModelLimits.defaults().withGraphDepth(1);
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
      Path inside = zip.getPath("/m.onnx");
      Files.write(inside, SmallModels.branches().toBytes());
      for (boolean asFile : new boolean[] {false, true}) {
        try (ModelSource source = ModelSource.of(inside, low)) {
          ModelFormatException e =
              assertThrows(ModelFormatException.class, asFile ? source::path : source::model);
          assertTrue(e.getMessage().contains("limit is 1"), e.getMessage());
        }
      }
      try (ModelSource source = ModelSource.of(inside, low.withGraphDepth(2))) {
        assertEquals(SmallModels.branches(), OnnxModel.loadUnchecked(source.path()));
      }
    }
  }

  @Test
  void closingTwiceIsHarmlessAndUseAfterwardsIsRefused() {
    ModelSource source = ModelSource.of(SmallModels.addConstant(4));
    source.path();
    source.close();
    source.close();

    assertThrows(ResourceClosedException.class, source::path);
    assertThrows(ResourceClosedException.class, source::model);
    assertThrows(ResourceClosedException.class, () -> source.bytesInMemory(1));
  }
}
