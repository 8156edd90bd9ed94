package io.inferc.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedModelTest {
  @TempDir Path folder;

  private static SavedModel sample() {
    return new SavedModel(
        "näme",
        new ModelFacts("INT8", OptionalLong.of(12), List.of("Few samples.", "Nothing happened.")),
        Fingerprint.of("fake", "1.2", "gpu:1", Map.of("cpu", "avx2", "optimization", "ALL")),
        Optional.of("gpu:1"),
        List.of(
            ShapeProfile.named("a").range("batch", 1, 2, 3).fixed("n", 7),
            ShapeProfile.named("b").input("x", new Range(0, 1, 2), Range.exactly(5)),
            ShapeProfile.named("c").range("n", new Range(32, 64, 96).multipleOf(32))));
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Path target = folder.resolve("deep/model");
    sample().write(target, payload -> assertTrue(Files.isDirectory(payload)));
    assertEquals(sample(), SavedModel.read(target));
    assertTrue(Files.isDirectory(SavedModel.payload(target)));
  }

  @Test
  void theManifestIsTheSameEveryTime() throws IOException {
    sample().write(folder.resolve("one"), payload -> {});
    sample().write(folder.resolve("two"), payload -> {});
    assertEquals(
        Files.readString(folder.resolve("one").resolve(SavedModel.MANIFEST)),
        Files.readString(folder.resolve("two").resolve(SavedModel.MANIFEST)));
  }

  @Test
  void aFailureWhileWritingLeavesTheFormerModelAndNoDraft() throws IOException {
    Path target = folder.resolve("model");
    sample().write(target, payload -> {});
    assertThrows(
        IllegalStateException.class,
        () ->
            sample()
                .write(
                    target,
                    payload -> {
                      throw new IllegalStateException("disk on fire");
                    }));
    assertEquals(sample(), SavedModel.read(target));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(target), files.toList());
    }
  }

  @Test
  void aManifestOfAnotherFormatOrCutShortIsRefused() throws IOException {
    Path target = folder.resolve("model");
    sample().write(target, payload -> {});
    Path manifest = target.resolve(SavedModel.MANIFEST);
    String text = Files.readString(manifest);
    for (String broken :
        List.of(
            "",
            "{}",
            "[1]",
            text.replace("\"format\" : 1", "\"format\" : 99"),
            text.replace("[ 1, 2, 3 ]", "[ 3, 2, 1 ]"),
            text.replace("[ 1, 2, 3 ]", "[ 1 ]"),
            text.substring(0, text.length() / 2))) {
      Files.writeString(manifest, broken);
      InfercException e =
          assertThrows(InfercException.class, () -> SavedModel.read(target), broken);
      assertFalse(e.remedy().isBlank());
    }
  }
}
