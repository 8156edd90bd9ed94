package io.inferc.testing;

import static io.inferc.testing.ContractSetup.assertSays;
import static io.inferc.testing.ContractSetup.rows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What is saved, and what is loaded from it. */
interface SavedModelsContract extends ContractPart {
  @Test
  default void aSavedModelGivesTheSameAnswersAfterLoading() throws IOException {
    Path saved = setup().folder().resolve("saved");
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 2, 4))) {
      if (!setup().capabilities().savable()) {
        assertSays(assertThrows(InfercException.class, () -> model.save(saved)), "save");
        assertFalse(Files.exists(saved));
        return;
      }
      model.save(saved);
      model.save(saved);
    }
    float[] x = {1, -2, 0.5f, 0, 3, 1};
    try (CompiledModel loaded = Inferc.load(saved);
        Tensor in = Tensor.of(x, 2, 3);
        Tensor y = loaded.run(Map.of("x", in)).get("y")) {
      assertArrayEquals(ContractModels.denseReference(x), y.toFloatArray(), 1e-5f);
      assertEquals(List.of(rows(1, 2, 4)), loaded.profiles());
      assertEquals("dense", loaded.name());
    }
    try (Stream<Path> left = Files.list(setup().folder())) {
      assertEquals(List.of(saved), left.toList(), "no draft is left behind");
    }
  }

  @Test
  default void aDamagedSavedModelIsRefused() throws IOException {
    Assumptions.assumeTrue(
        setup().capabilities().savable(), "the back end declares that it cannot save");
    Path saved = setup().folder().resolve("saved");
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 2, 4))) {
      model.save(saved);
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(saved)) {
      // The lock's file is empty, so that nothing can be cut from it.
      files = all.filter(f -> Files.isRegularFile(f) && f.toFile().length() > 0).toList();
    }
    assertTrue(files.size() > 1, "a manifest and a payload");
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      InfercException e =
          assertThrows(InfercException.class, () -> Inferc.load(saved).close(), file.toString());
      assertFalse(e.remedy().isBlank());
      Files.write(file, whole);
    }
    Inferc.load(saved).close();
    Path occupied = Files.createDirectory(setup().folder().resolve("occupied"));
    Files.writeString(occupied.resolve("precious.txt"), "keep me");
    try (CompiledModel model = setup().compile(ContractModels.dense(), rows(1, 2, 4))) {
      assertSays(assertThrows(InfercException.class, () -> model.save(occupied)), "no saved model");
    }
    assertTrue(Files.exists(occupied.resolve("precious.txt")));
    assertSays(
        assertThrows(InfercException.class, () -> Inferc.load(setup().folder().resolve("nowhere"))),
        "nowhere");
  }
}
