package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SavedModelTest {
  @TempDir Path folder;

  private static SavedModel sample() {
    return new SavedModel(
        "näme",
        new ModelFacts("INT8", OptionalLong.of(12), List.of("Few samples.", "Nothing happened.")),
        new ModelLimits(1, 2, 3, 4, 5),
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
        Files.readString(folder.resolve("one").resolve(Manifest.FILE)),
        Files.readString(folder.resolve("two").resolve(Manifest.FILE)));
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
    assertEquals(3, entries(target).size(), "manifest, payload and lock");
  }

  private static List<String> entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** Writes bytes as the only file of a payload. */
  private static void save(Path target, String content) {
    sample().write(target, payload -> write(payload.resolve("part"), content));
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String load(Path target) {
    return SavedModel.load(
        target,
        (saved, payload) -> {
          try {
            assertEquals(sample(), saved);
            return Files.readString(payload.get().resolve("part"));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static InfercException refused(Executable action, String... words) {
    InfercException e = assertThrows(InfercException.class, action);
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
    return e;
  }

  @Test
  void aModelIsReplacedAndNothingOfTheOldOneStays() throws IOException {
    Path target = folder.resolve("model");
    save(target, "old");
    Path old = SavedModel.payload(target);
    save(target, "new");
    assertEquals("new", load(target));
    assertFalse(Files.exists(old));
    assertEquals(
        List.of(
            ".lock", "compiled-model.json", SavedModel.payload(target).getFileName().toString()),
        entries(target));
  }

  @Test
  void whatAKilledWriterLeftIsDeletedByTheNext() throws IOException {
    Path target = folder.resolve("model");
    save(target, "old");
    Files.createDirectory(target.resolve("payload.draft"));
    write(target.resolve("payload.draft/part"), "half");
    write(target.resolve("compiled-model.json.draft"), "{");
    Path orphan = target.resolve("payload-" + "0123456789abcdef".repeat(2));
    Files.createDirectory(orphan);
    write(orphan.resolve("part"), "never named");
    assertEquals("old", load(target));
    save(target, "new");
    assertEquals("new", load(target));
    assertEquals(3, entries(target).size(), entries(target).toString());
  }

  @Test
  void aFolderWithOtherFilesIsRefusedBeforeAnythingIsMade() throws IOException {
    Path target = folder.resolve("model");
    Files.createDirectory(target);
    write(target.resolve("notes.txt"), "mine");
    refused(() -> save(target, "new"), "notes.txt", "nothing was changed");
    assertEquals(List.of("notes.txt"), entries(target));
    Files.delete(target.resolve("notes.txt"));
    Files.createDirectory(target.resolve("payload"));
    refused(() -> save(target, "new"), "'payload'");
    Files.delete(target.resolve("payload"));
    save(target, "old");
    write(target.resolve("notes.txt"), "mine");
    refused(() -> save(target, "new"), "notes.txt");
    Files.move(target.resolve("notes.txt"), SavedModel.payload(target).resolve("notes.txt"));
    refused(() -> save(target, "new"), "notes.txt");
    assertEquals("old", load(target));
    assertEquals("mine", Files.readString(SavedModel.payload(target).resolve("notes.txt")));
    Path file = folder.resolve("file");
    write(file, "mine");
    refused(() -> save(file, "new"), "there is a file of that name");
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void everyPartIsCheckedBeforeItIsHandedOver() throws IOException {
    Path target = folder.resolve("model");
    save(target, "whole");
    Path part = SavedModel.payload(target).resolve("part");
    write(part, "Whole");
    refused(() -> load(target), "not those that were saved", "save the model again");
    write(part, "whole and more");
    refused(() -> load(target), "14 bytes instead of the 5 saved");
    Files.delete(part);
    refused(() -> load(target), "is missing");
    write(part, "whole");
    assertEquals("whole", load(target));
  }

  @Test
  void anyOtherTextOfTheManifestIsRefused() throws IOException {
    Path target = folder.resolve("model");
    save(target, "whole");
    Path manifest = target.resolve(Manifest.FILE);
    String text = Files.readString(manifest);
    for (String other :
        List.of(text + " ", text + "{}", text + "\n", " " + text, text.replace("avx2", "avx3"))) {
      write(manifest, other);
      refused(() -> load(target), "it is damaged");
    }
    write(manifest, text.replace("\"format\" : 2", "\"format\" : 3"));
    refused(() -> load(target), "a newer version of inferc saved it", "its format is 3");
    write(manifest, text.replace("\"format\" : 2", "\"format\" : 1"));
    refused(() -> load(target), "an older version of inferc saved it", "Compile the source model");
    write(manifest, text);
    assertEquals("whole", load(target));
  }

  @Test
  void aModelOfTheFirstFormatIsReplaced() throws IOException {
    Path target = folder.resolve("model");
    Files.createDirectories(target.resolve("payload"));
    write(target.resolve("payload/part"), "old");
    write(target.resolve(Manifest.FILE), "{ \"format\" : 1 }");
    refused(() -> load(target), "older");
    save(target, "new");
    assertEquals("new", load(target));
    assertEquals(3, entries(target).size(), entries(target).toString());
  }

  @Test
  void aModelThatIsLoadingStaysUntilItIsLoaded() throws Exception {
    Path target = folder.resolve("model");
    save(target, "old");
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch saved = new CountDownLatch(1);
    CompletableFuture<Boolean> kept =
        CompletableFuture.supplyAsync(
            () ->
                SavedModel.load(
                    target,
                    (model, payload) -> {
                      Path old = payload.get();
                      loading.countDown();
                      try {
                        assertTrue(saved.await(1, TimeUnit.MINUTES));
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      return Files.exists(old.resolve("part"));
                    }));
    loading.await();
    save(target, "new");
    saved.countDown();
    assertTrue(kept.get(1, TimeUnit.MINUTES));
    assertEquals("new", load(target));
    save(target, "newest");
    assertEquals(3, entries(target).size(), entries(target).toString());
  }

  @Test
  void writersAndLoadersOfOneFolderSeeWholeModels() throws Exception {
    Path target = folder.resolve("model");
    save(target, "first");
    AtomicBoolean done = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> loaders = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        loaders.add(
            threads.submit(
                () -> {
                  while (!done.get()) {
                    assertTrue(load(target).matches("first|[ab]\\d+"));
                  }
                }));
      }
      List<Future<?>> writers = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        writers.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    save(target, name + i);
                  }
                }));
      }
      for (Future<?> writer : writers) {
        writer.get(1, TimeUnit.MINUTES);
      }
      done.set(true);
      for (Future<?> loader : loaders) {
        loader.get(1, TimeUnit.MINUTES);
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    save(target, "last");
    assertEquals("last", load(target));
    assertEquals(3, entries(target).size(), entries(target).toString());
  }

  @Test
  void aFolderWithoutItsLockIsLoaded() throws IOException {
    Path target = folder.resolve("model");
    save(target, "whole");
    Files.delete(target.resolve(".lock"));
    assertEquals("whole", load(target));
  }

  @Test
  void anInterruptEndsTheWaitForAnotherWriter() throws Exception {
    Path target = folder.resolve("model");
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    CompletableFuture<Void> first =
        CompletableFuture.runAsync(
            () ->
                sample()
                    .write(
                        target,
                        payload -> {
                          begun.countDown();
                          try {
                            assertTrue(end.await(1, TimeUnit.MINUTES));
                          } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                          }
                          write(payload.resolve("part"), "first");
                        }));
    begun.await();
    Thread.currentThread().interrupt();
    assertThrows(CancelledException.class, () -> save(target, "second"));
    assertTrue(Thread.interrupted(), "the flag is kept");
    end.countDown();
    first.get(1, TimeUnit.MINUTES);
    assertEquals("first", load(target));
  }

  @Test
  void aFailedSaveSaysWhatIsThere() {
    Path target = folder.resolve("model");
    Executable failing =
        () -> sample().write(target, payload -> write(payload.resolve("a/b"), "no such folder"));
    assertThrows(UncheckedIOException.class, failing);
    refused(() -> SavedModel.read(target), "there is no");
    Executable nested =
        () ->
            sample()
                .write(
                    target,
                    payload -> {
                      write(payload.resolve("part"), "whole");
                      payload.resolve("folder").toFile().mkdir();
                    });
    refused(nested, "there is no model in the folder now");
    save(target, "old");
    refused(nested, "the model that was there before still is");
    assertEquals("old", load(target));
  }

  @Test
  void aManifestOfAnotherFormatOrCutShortIsRefused() throws IOException {
    Path target = folder.resolve("model");
    sample().write(target, payload -> {});
    Path manifest = target.resolve(Manifest.FILE);
    String text = Files.readString(manifest);
    for (String broken :
        List.of(
            "",
            "{}",
            "[1]",
            text.replace("\"format\" : 2", "\"format\" : 99"),
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
