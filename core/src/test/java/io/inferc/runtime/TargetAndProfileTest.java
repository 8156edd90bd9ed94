package io.inferc.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TargetAndProfileTest {
  private record Options(String backend, Map<String, String> settings) implements BackendOptions {
    @Override
    public SortedMap<String, String> describe() {
      return new TreeMap<>(settings);
    }
  }

  @Test
  void choicesAreTriedInTheOrderTheyAreGiven() {
    Target t = Target.tensorRt().device("cuda:1").orElse(Target.onnxRuntime());
    assertEquals("tensorrt on cuda:1, else onnxruntime", t.toString());
    assertEquals(
        List.of("tensorrt", "onnxruntime"), t.choices().stream().map(c -> c.backend()).toList());
    assertFalse(t.isAutomatic());
    assertTrue(Target.auto().isAutomatic());
    assertEquals(
        List.of("tensorrt", "migraphx", "openvino", "onnxruntime"),
        Target.auto().choices().stream().map(c -> c.backend()).toList());
  }

  @Test
  void deviceAndOptionsBelongToOneChoice() {
    assertThrows(IllegalStateException.class, () -> Target.auto().device("cpu"));
    assertThrows(
        IllegalStateException.class,
        () -> Target.auto().options(new Options("onnxruntime", Map.of())));
    assertThrows(IllegalArgumentException.class, () -> Target.onnxRuntime().device(" "));
    assertThrows(IllegalArgumentException.class, () -> Target.backend(""));
  }

  @Test
  void theFastestHasNoOrder() {
    Target fastest =
        Target.fastestOf(Target.openVino(), Target.onnxRuntime(), Target.openVino().device("CPU"));
    assertEquals("the fastest of openvino, onnxruntime, openvino on CPU", fastest.toString());
    assertTrue(fastest.isFastest());
    assertFalse(fastest.isAutomatic());
    assertTrue(Target.fastest().isAutomatic());
    assertEquals(Target.auto().choices(), Target.fastest().choices());
    assertFalse(Target.auto().isFastest());
    assertEquals(fastest, Target.fastestOf(fastest));
    assertFalse(Target.fastestOf(Target.onnxRuntime()).equals(Target.onnxRuntime()));
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> fastest.orElse(Target.tensorRt()));
    assertTrue(e.getMessage().contains("fastestOf()"), e.getMessage());
    assertThrows(IllegalStateException.class, () -> Target.tensorRt().orElse(fastest));
    assertThrows(
        IllegalStateException.class, () -> Target.fastestOf(Target.openVino()).device("CPU"));
  }

  @Test
  void optionsOfAnotherBackEndAreRefusedByName() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Target.openVino().options(new Options("onnxruntime", Map.of())));
    assertTrue(e.getMessage().contains("'openvino'"), e.getMessage());
    assertTrue(e.getMessage().contains("'onnxruntime'"), e.getMessage());
    Target set = Target.onnxRuntime().options(new Options("onnxruntime", Map.of("threads", "2")));
    assertEquals("onnxruntime {threads=2}", set.toString());
    assertEquals(
        set, Target.onnxRuntime().options(new Options("onnxruntime", Map.of("threads", "2"))));
  }

  @Test
  void aRangeKeepsItsOrder() {
    assertThrows(IllegalArgumentException.class, () -> new Range(2, 1, 3));
    assertThrows(IllegalArgumentException.class, () -> new Range(1, 4, 3));
    assertThrows(IllegalArgumentException.class, () -> new Range(-1, 0, 3));
    assertTrue(new Range(1, 2, 3).contains(3));
    assertFalse(new Range(1, 2, 3).contains(4));
    assertEquals("7", Range.exactly(7).toString());
  }

  @Test
  void aRangeOfMultiplesHoldsNothingElse() {
    Range range = new Range(32, 64, 160).multipleOf(32);
    assertTrue(range.contains(96));
    assertFalse(range.contains(100));
    assertFalse(range.contains(192));
    assertEquals("32..160 by 32 (opt 64)", range.toString());
    assertThrows(IllegalArgumentException.class, () -> new Range(32, 65, 160).multipleOf(32));
    assertThrows(IllegalArgumentException.class, () -> new Range(32, 64, 170).multipleOf(32));
    assertThrows(IllegalArgumentException.class, () -> new Range(30, 64, 160).multipleOf(32));
    assertThrows(IllegalArgumentException.class, () -> new Range(0, 0, 0).multipleOf(0));
  }

  @Property
  void whatTwoRangesHaveInCommonIsInBoth(
      @ForAll @LongRange(max = 40) long min,
      @ForAll @LongRange(max = 40) long length,
      @ForAll @LongRange(min = 1, max = 6) long step,
      @ForAll @LongRange(max = 40) long otherMin,
      @ForAll @LongRange(max = 40) long otherLength,
      @ForAll @LongRange(min = 1, max = 6) long otherStep) {
    Range one = new Range(min * step, min * step, (min + length) * step, step);
    Range other =
        new Range(
            otherMin * otherStep,
            otherMin * otherStep,
            (otherMin + otherLength) * otherStep,
            otherStep);
    Optional<Range> both = one.and(other);
    for (long size = 0; size <= one.max(); size++) {
      boolean inBoth = one.contains(size) && other.contains(size);
      assertEquals(inBoth, both.isPresent() && both.get().contains(size), size + " in " + both);
    }
  }

  @Test
  void aProfileIsImmutableAndRefusesToBindTwice() {
    ShapeProfile empty = ShapeProfile.named("p");
    ShapeProfile one = empty.range("n", 1, 2, 3);
    assertTrue(empty.symbols().isEmpty());
    assertEquals(new Range(1, 2, 3), one.range("n").orElseThrow());
    IllegalArgumentException twice =
        assertThrows(IllegalArgumentException.class, () -> one.fixed("n", 1));
    assertTrue(twice.getMessage().contains("1..3 (opt 2)"), twice.getMessage());
    ShapeProfile input = one.input("x", Range.exactly(1));
    assertThrows(IllegalArgumentException.class, () -> input.input("x", Range.exactly(2)));
    assertThrows(UnsupportedOperationException.class, () -> one.symbols().clear());
    assertThrows(IllegalArgumentException.class, () -> ShapeProfile.named(""));
    assertEquals("p {n 1..3 (opt 2), x[1]}", input.toString());
    assertEquals(one, ShapeProfile.named("p").range("n", 1, 2, 3));
  }
}
