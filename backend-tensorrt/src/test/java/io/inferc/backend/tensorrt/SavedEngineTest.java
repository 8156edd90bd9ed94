package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedEngineTest {
  @TempDir Path folder;

  private SavedEngine save() throws IOException {
    Path engine = folder.resolve(SavedEngine.ENGINE);
    Files.write(engine, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    SavedEngine saved =
        new SavedEngine(
            SavedEngine.digestOf(engine),
            List.of(
                TensorSpec.of("ids", DataType.INT64, "batch, 128"),
                new TensorSpec(
                    "odd",
                    DataType.BFLOAT16,
                    TensorShape.of(
                        List.of(
                            Dimension.symbolic("a, b \"c\""),
                            Dimension.unknown(),
                            Dimension.fixed(0))))),
            List.of(
                new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank()),
                TensorSpec.of("s", DataType.BOOL)));
    saved.write(folder);
    return saved;
  }

  private InfercException refused() {
    InfercException e = assertThrows(InfercException.class, () -> SavedEngine.read("m", folder));
    assertEquals(Stage.ARTIFACT, e.stage());
    assertFalse(e.remedy().isBlank());
    return e;
  }

  @Test
  void theSignatureIsReadAsItWasWritten() throws IOException {
    assertEquals(save(), SavedEngine.read("m", folder));
  }

  @Test
  void everyTruncationOfEitherFileIsRefused() throws IOException {
    save();
    for (String name : List.of(SavedEngine.ENGINE, SavedEngine.SIGNATURE)) {
      Path file = folder.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      // The last byte of the signature may be white space, without which it is still whole.
      for (int length = 0; length < whole.length - 1; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertTrue(refused().getMessage().contains("damaged"));
      }
      Files.write(file, whole);
    }
    SavedEngine.read("m", folder);
  }

  @Test
  void oneChangedByteOfTheEngineIsRefused() throws IOException {
    save();
    Files.write(folder.resolve(SavedEngine.ENGINE), new byte[] {1, 2, 3, 4, 5, 6, 7, 9});
    assertTrue(refused().getMessage().contains("not those that were saved"));
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    save();
    Files.delete(folder.resolve(SavedEngine.ENGINE));
    assertTrue(refused().getMessage().contains(SavedEngine.ENGINE));
  }

  @Test
  void aLaterFormatOrAnUnknownTypeIsRefused() throws IOException {
    save();
    Path file = folder.resolve(SavedEngine.SIGNATURE);
    String text = Files.readString(file);
    Files.writeString(file, text.replace("\"format\" : 1", "\"format\" : 2"));
    assertTrue(refused().getMessage().contains("format"));
    Files.writeString(file, text.replace("BFLOAT16", "FLOAT4"));
    assertTrue(refused().getMessage().contains("FLOAT4"));
  }
}
