package io.inferc.search;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.KernelInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What is to blame, by kernels with made times. */
class KernelBlameTest {
  private static KernelInfo kernel(String type, String precision, double millis, String... nodes) {
    return new KernelInfo(
        type + List.of(nodes), type, Optional.of(precision), List.of(nodes), Optional.of(millis));
  }

  private static KernelBlame blame() {
    return new KernelBlame(
        List.of(
            kernel("QLinearConv", "UINT8", 2, "a"),
            kernel("QuantizeLinear", "UINT8", 0.25),
            kernel("DequantizeLinear", "FLOAT32", 0.5),
            kernel("DynamicQuantizeMatMul", "UINT8", 4, "b")),
        List.of(kernel("Conv", "FLOAT32", 1, "a"), kernel("MatMul", "FLOAT32", 8, "b")),
        Map.of("a", 1_000_000L, "b", 8_000_000L),
        OptionalDouble.of(1e9),
        false);
  }

  @Test
  void conversionsInBothDirectionsAreToBlame() {
    String text = blame().of(List.of("a"), false);
    assertTrue(text.startsWith("2.00 ms (QLinearConv at UINT8) in place of 1.00 ms"), text);
    assertTrue(text.contains("at 50 % of the 1 G multiply-adds/s"), text);
    assertTrue(text.contains("DequantizeLinear at FLOAT32, QuantizeLinear at UINT8"), text);
    assertTrue(text.contains("take 0.75 ms more"), text);
  }

  @Test
  void whatPaysBlamesNothing() {
    String text = blame().of(List.of("b"), true);
    assertTrue(text.startsWith("4.00 ms (DynamicQuantizeMatMul at UINT8)"), text);
    assertFalse(text.contains("Conversions"), text);
  }

  @Test
  void withoutTimesNothingIsMadeUp() {
    KernelBlame none =
        new KernelBlame(List.of(), List.of(), Map.of(), OptionalDouble.empty(), false);
    assertTrue(none.of(List.of("a"), false).contains("what is to blame is not known"));
  }
}
