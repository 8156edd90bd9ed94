package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.runtime.Target;
import io.inferc.spi.ProcessorShare;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TuningsTest {
  private static final Devices.Resolved CPU =
      new Devices.Resolved("CPU", List.of("CPU"), Set.of("FP32", "INT8"));
  private static final Devices.Resolved WITH_BFLOAT =
      new Devices.Resolved("CPU", List.of("CPU"), Set.of("FP32", "INT8", "BF16"));
  private static final ProcessorShare SIXTEEN =
      new ProcessorShare(16, OptionalInt.of(16), OptionalInt.of(8));
  private static final ProcessorShare TWO =
      new ProcessorShare(2, OptionalInt.of(2), OptionalInt.of(2));

  private static List<String> of(
      OpenVinoOptions options, Devices.Resolved device, int callers, ProcessorShare share) {
    Target.Choice choice = Target.openVino().options(options).choices().get(0);
    return Tunings.of(choice, device, callers, share).stream()
        .map(c -> c.options().orElseThrow().toString())
        .toList();
  }

  @Test
  void threadsStreamsAndHintsAreVaried() {
    OpenVinoOptions none = OpenVinoOptions.defaults();
    assertEquals(List.of(), of(none, CPU, 1, TWO));
    assertEquals(List.of("{INFERENCE_PRECISION_HINT=bf16}"), of(none, WITH_BFLOAT, 1, TWO));
    assertEquals(
        List.of("{ENABLE_HYPER_THREADING=YES}", "{INFERENCE_NUM_THREADS=8}"),
        of(none, CPU, 1, SIXTEEN));
    assertEquals(
        List.of("{PERFORMANCE_HINT=THROUGHPUT}", "{NUM_STREAMS=2}"), of(none, CPU, 4, TWO));
  }

  @Test
  void whatIsSetStaysAndOtherDevicesAreLeftAlone() {
    OpenVinoOptions set =
        OpenVinoOptions.builder()
            .performanceHint(PerformanceHint.LATENCY)
            .threads(3)
            .inferencePrecision(OpenVinoOptions.InferencePrecision.FP32)
            .build();
    assertEquals(List.of(), of(set, WITH_BFLOAT, 4, SIXTEEN));
    assertEquals(set, set.toBuilder().build());
    Devices.Resolved gpu =
        new Devices.Resolved("GPU", List.of("GPU"), Set.of("FP32", "FP16", "BF16"));
    assertEquals(List.of(), of(OpenVinoOptions.defaults(), gpu, 4, SIXTEEN));
  }
}
