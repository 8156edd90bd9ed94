package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationTableTest {
  private static final OnnxModel MODEL = SmallModels.addConstant(4);
  @TempDir private Path folder;

  private static CalibrationTable.Builder table(String method, long samples) {
    return CalibrationTable.builder(MODEL.digest(), method, samples);
  }

  private static CalibrationTable example() {
    return table("entropy", 600)
        .range("x", new TensorRange(-1.5f, 0.1f, -3, 0.2f, false))
        .range("scores", new TensorRange(-1.5f, 0.1f, -3, 0.2f, false, true))
        .range("layer \"2\"\n/é", TensorRange.ofConstant(2.5f))
        .channels(
            "x",
            new ChannelStatistics(
                -2, new float[] {0.1f, -7e-30f}, new float[] {0.3f, 1e-29f}, new float[] {1, 3e9f}))
        .build();
  }

  @Test
  void aSavedTableComesBackEqual() {
    Path file = folder.resolve("t.json");
    example().save(file);
    CalibrationTable loaded = CalibrationTable.load(file);
    assertEquals(example(), loaded);
    assertEquals(List.of("x", "scores", "layer \"2\"\n/é"), List.copyOf(loaded.ranges().keySet()));
    loaded.requireFor(MODEL);
  }

  @Test
  void savingReplacesAnOlderFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("t.json");
    table("mse", 1).build().save(file);
    example().save(file);
    assertEquals(example(), CalibrationTable.load(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void savingToAMissingFolderNamesTheFile() {
    Path file = folder.resolve("missing").resolve("t.json");
    InfercException e = assertThrows(InfercException.class, () -> example().save(file));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }

  @Test
  void aMissingFileIsNamed() {
    Path file = folder.resolve("none.json");
    InfercException e = assertThrows(InfercException.class, () -> CalibrationTable.load(file));
    assertTrue(e.getMessage().contains("none.json"), e.getMessage());
  }

  @Test
  void damagedFilesAreRefusedWithWhatIsWrong() throws IOException {
    Path file = folder.resolve("t.json");
    example().save(file);
    String good = Files.readString(file);
    Map<String, String> damages =
        Map.of(
            good.substring(0, good.length() / 2),
            "damaged",
            good + "}",
            "damaged",
            "",
            "damaged",
            "[1, 2]",
            "does not say",
            good.replace("\"version\" : 1", "\"version\" : 9"),
            "version is 9",
            good.replace("\"samples\" : 600", "\"samples\" : -1"),
            "samples",
            good.replace("\"min\" : -1.5", "\"min\" : \"low\""),
            "where a number belongs",
            good.replace("\"min\" : -1.5", "\"min\" : 1e99"),
            "beyond a float",
            good.replace("\"min\" : -1.5", "\"min\" : 1.5"),
            "ends in order",
            good.replace("\"method\" : \"entropy\",", ""),
            "'method' is missing");
    damages.forEach(
        (text, said) -> {
          assertFalse(text.equals(good), said);
          String message = refusal(file, text);
          assertTrue(message.contains(said), message);
          assertTrue(message.contains("t.json"), message);
        });
  }

  private static String refusal(Path file, String text) {
    try {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return assertThrows(InfercException.class, () -> CalibrationTable.load(file)).getMessage();
  }

  @Test
  void aTableOfAnotherModelIsRefused() {
    OnnxModel other = SmallModels.addConstant(5);
    InfercException e = assertThrows(InfercException.class, () -> example().requireFor(other));
    assertTrue(e.getMessage().contains(MODEL.digest()), e.getMessage());
    assertTrue(e.getMessage().contains(other.digest()), e.getMessage());
  }

  @Test
  void minMaxTablesMergeToTheExtremesOfBoth() {
    CalibrationTable a =
        table("min-max", 10)
            .range("x", TensorRange.observed(-1, 2))
            .range("a", TensorRange.ofConstant(3))
            .build();
    CalibrationTable b =
        table("min-max", 30)
            .range("x", TensorRange.observed(-5, 1))
            .range("b", TensorRange.observed(0, 1))
            .range("a", TensorRange.ofConstant(3))
            .build();
    CalibrationTable expected =
        table("min-max", 40)
            .range("x", TensorRange.observed(-5, 2))
            .range("a", TensorRange.ofConstant(3))
            .range("b", TensorRange.observed(0, 1))
            .build();
    assertEquals(expected, a.merge(b));
    assertEquals(List.of("x", "a", "b"), List.copyOf(a.merge(b).ranges().keySet()));
  }

  @Test
  void rangesOfOtherMethodsAndMeansMergeBySamples() {
    CalibrationTable a =
        table("entropy", 100)
            .range("x", new TensorRange(-1, 2, -4, 4, false))
            .range("c", TensorRange.ofConstant(1))
            .channels(
                "x", new ChannelStatistics(-1, new float[] {4}, new float[] {20}, new float[] {5}))
            .build();
    CalibrationTable b =
        table("entropy", 300)
            .range("x", new TensorRange(-3, 6, -3, 9, false))
            .range("c", TensorRange.ofConstant(5))
            .channels(
                "x", new ChannelStatistics(-1, new float[] {8}, new float[] {72}, new float[] {3}))
            .build();
    CalibrationTable merged = a.merge(b);
    assertEquals(new TensorRange(-2.5f, 5, -4, 9, false), merged.ranges().get("x"));
    assertEquals(new TensorRange(0, 5, 1, 5, false), merged.ranges().get("c"));
    assertEquals(
        new ChannelStatistics(-1, new float[] {7}, new float[] {59}, new float[] {5}),
        merged.channels().get("x"));
    assertEquals(400, merged.samples());
  }

  @Test
  void tablesOfOtherModelsMethodsOrChannelsDoNotMerge() {
    CalibrationTable other =
        CalibrationTable.builder(SmallModels.addConstant(5).digest(), "entropy", 600).build();
    assertTrue(mergeRefusal(other).contains("model digest"));
    assertTrue(mergeRefusal(table("mse", 600).build()).contains("method entropy"));
    CalibrationTable channels =
        table("entropy", 1)
            .channels(
                "x",
                new ChannelStatistics(
                    -1, new float[] {1, 2}, new float[] {1, 4}, new float[] {1, 2}))
            .build();
    assertTrue(mergeRefusal(channels).contains("'x'"));
  }

  private static String mergeRefusal(CalibrationTable other) {
    return assertThrows(InfercException.class, () -> example().merge(other)).getMessage();
  }

  @Test
  void itPrintsALineForEachTensor() {
    String text =
        CalibrationTable.builder("0123456789abcdef", "entropy", 600)
            .range("x", new TensorRange(-1.5f, 0.25f, -3, 0.25f, false))
            .range("longer/name", TensorRange.ofConstant(2.5f))
            .channels("x", new ChannelStatistics(-1, new float[3], new float[3], new float[3]))
            .build()
            .toString();
    assertEquals(
        """
        Calibration of model 0123456789ab: entropy, 600 samples, 2 tensors
        tensor                 min            max       seen min       seen max
        x                 -1.50000       0.250000       -3.00000       0.250000  clipped
        longer/name        0.00000        2.50000        2.50000        2.50000  constant
        channels of x: 3 channels of axis -1
        """,
        text);
  }

  @Test
  void rangesThatAreNoRangesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new TensorRange(0, Float.NaN, 0, 1, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorRange(0, 1, 0, Float.POSITIVE_INFINITY, false));
    assertThrows(IllegalArgumentException.class, () -> new TensorRange(1, 0, 0, 1, false));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ChannelStatistics(-1, new float[] {Float.NaN}, new float[1], new float[1]));
  }
}
