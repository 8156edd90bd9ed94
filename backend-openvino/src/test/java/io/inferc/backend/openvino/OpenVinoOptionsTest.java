package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.backend.openvino.OpenVinoOptions.InferencePrecision;
import io.inferc.backend.openvino.OpenVinoOptions.ModelPriority;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionPlan;
import io.inferc.spi.PrecisionSupport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OpenVinoOptionsTest {
  private static final Devices.Resolved CPU =
      new Devices.Resolved("CPU", List.of("CPU"), Set.of("FP32", "BF16", "INT8"));
  private static final Devices.Resolved NPU =
      new Devices.Resolved("NPU", List.of("NPU"), Set.of("FP16", "INT8"));

  @Test
  void everyOptionIsAPropertyOfOpenVinosOwn() {
    OpenVinoOptions options =
        OpenVinoOptions.builder()
            .performanceHint(PerformanceHint.THROUGHPUT)
            .streams(2)
            .threads(4)
            .pinning(false)
            .inferencePrecision(InferencePrecision.BF16)
            .cacheDirectory(Path.of("cache"))
            .modelPriority(ModelPriority.HIGH)
            .profiling(true)
            .property("ENABLE_HYPER_THREADING", "NO")
            .build();
    assertEquals(
        new TreeMap<>(
            Map.of(
                "PERFORMANCE_HINT", "THROUGHPUT",
                "NUM_STREAMS", "2",
                "INFERENCE_NUM_THREADS", "4",
                "ENABLE_CPU_PINNING", "NO",
                "INFERENCE_PRECISION_HINT", "bf16",
                "CACHE_DIR", "cache",
                "MODEL_PRIORITY", "HIGH",
                "PERF_COUNT", "YES",
                "ENABLE_HYPER_THREADING", "NO")),
        options.describe());
    assertEquals(Target.OPENVINO, options.backend());
  }

  @Test
  void aProcessThatMayNotUseTheWholeMachineSaysHowManyThreads() {
    Map<String, String> none = Map.of();
    assertEquals(
        Map.of("INFERENCE_NUM_THREADS", "4"), Settings.withThreads("CPU", none, OptionalInt.of(4)));
    // One thread is not safe.
    assertEquals(
        Map.of("INFERENCE_NUM_THREADS", "2"), Settings.withThreads("CPU", none, OptionalInt.of(1)));
    assertEquals(none, Settings.withThreads("CPU", none, OptionalInt.empty()));
    assertEquals(none, Settings.withThreads("GPU", none, OptionalInt.of(4)));
    for (String key : List.of("INFERENCE_NUM_THREADS", "NUM_STREAMS")) {
      Map<String, String> chosen = Map.of(key, "3");
      assertEquals(chosen, Settings.withThreads("CPU", chosen, OptionalInt.of(4)));
    }
  }

  @Test
  void theDefaultsSayNothing() {
    assertTrue(OpenVinoOptions.defaults().describe().isEmpty());
    assertEquals(
        OpenVinoOptions.defaults(),
        OpenVinoOptions.builder().profiling(true).profiling(false).build());
    assertNotEquals(OpenVinoOptions.defaults(), OpenVinoOptions.builder().streams(1).build());
  }

  @Test
  void wrongValuesAreRefusedWhereTheyAreSet() {
    OpenVinoOptions.Builder builder = OpenVinoOptions.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.streams(0));
    assertThrows(IllegalArgumentException.class, () -> builder.threads(-1));
    assertThrows(IllegalArgumentException.class, () -> builder.property(" ", "1"));
    assertSays(
        assertThrows(IllegalArgumentException.class, () -> builder.property("NUM_STREAMS", "2")),
        "streams(");
    builder.property("A", "1").property("A", "1");
    assertSays(
        assertThrows(IllegalArgumentException.class, () -> builder.property("A", "2")),
        "'1'",
        "'2'");
  }

  @Test
  void singlePrecisionIsAskedForUnlessSomethingElseIs() {
    assertEquals("f32", precision(CPU, OpenVinoOptions.defaults(), PrecisionPlan.fp32()));
    assertEquals(
        "f32",
        precision(
            CPU,
            OpenVinoOptions.defaults(),
            new PrecisionPlan(NumericPrecision.INT8, PrecisionSupport.IN_MODEL)));
    assertEquals(
        "bf16",
        precision(
            CPU,
            OpenVinoOptions.defaults(),
            new PrecisionPlan(NumericPrecision.BF16, PrecisionSupport.HINT)));
    assertEquals(
        "f16",
        precision(
            NPU,
            OpenVinoOptions.defaults(),
            new PrecisionPlan(NumericPrecision.FP16, PrecisionSupport.HINT)));
    assertEquals(
        "bf16",
        precision(
            CPU,
            OpenVinoOptions.builder().inferencePrecision(InferencePrecision.BF16).build(),
            PrecisionPlan.fp32()),
        "the option wins");
    assertEquals(
        null,
        precision(NPU, OpenVinoOptions.defaults(), PrecisionPlan.fp32()),
        "it has no single precision to ask for");
  }

  private static String precision(
      Devices.Resolved device, OpenVinoOptions options, PrecisionPlan plan) {
    Target.Choice choice = Target.openVino().options(options).choices().get(0);
    return Settings.properties(choice, device, plan).get("INFERENCE_PRECISION_HINT");
  }

  private static void assertSays(Throwable e, String... words) {
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
  }
}
