package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several savers of one model with its weights beside it. */
class SavingAtOnceTest {
  private static final int ROUNDS = 25;
  private static final int SAVES = 4;

  @TempDir Path folder;

  @Test
  void whatStaysIsOneModelWithItsOwnWeights() throws IOException {
    List<OnnxModel> models =
        Stream.of(1, 2, 3).map(seed -> SmallModels.perceptron(64, 128, 8, seed)).toList();
    Set<String> digests = models.stream().map(OnnxModel::digest).collect(Collectors.toSet());
    for (int round = 0; round < ROUNDS; round++) {
      Path path = folder.resolve(round + "/m.onnx");
      List<CompletableFuture<Void>> savers =
          models.stream().map(m -> CompletableFuture.runAsync(() -> save(m, path))).toList();
      savers.forEach(CompletableFuture::join);
      assertTrue(digests.contains(OnnxModel.load(path).digest()), "round " + round);
      try (Stream<Path> files = Files.list(path.getParent())) {
        assertEquals(2, files.count(), "round " + round);
      }
    }
  }

  private static void save(OnnxModel model, Path path) {
    for (int i = 0; i < SAVES; i++) {
      model.save(path, SaveOptions.externalData());
    }
  }
}
