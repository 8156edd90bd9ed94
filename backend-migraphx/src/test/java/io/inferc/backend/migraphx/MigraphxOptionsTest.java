package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Range;
import io.inferc.runtime.Target;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MigraphxOptionsTest {
  @Test
  void theDefaultsDescribeNothing() {
    assertTrue(MigraphxOptions.defaults().describe().isEmpty());
    assertEquals(Target.MIGRAPHX, MigraphxOptions.defaults().backend());
  }

  @Test
  void everySettingIsDescribed() {
    MigraphxOptions options =
        MigraphxOptions.builder()
            .fastMath(true)
            .exhaustiveTuning(true)
            .openDimensions(true)
            .defaultRange(new Range(1, 2, 4))
            .programs(3)
            .loopRounds(20)
            .build();
    assertEquals(
        Map.of(
            "fast_math", "true",
            "exhaustive_tuning", "true",
            "open_dimensions", "true",
            "default_range", "1..4 (opt 2)",
            "programs", "3",
            "loop_rounds", "20"),
        options.describe());
    assertEquals(
        Map.of("asynchronous", "true"),
        MigraphxOptions.builder().asynchronous(true).build().describe());
  }

  @Test
  void openDimensionsAndAsynchronousRunsExcludeEachOtherAtTheSetter() {
    MigraphxOptions.Builder open = MigraphxOptions.builder().openDimensions(true);
    assertThrows(IllegalArgumentException.class, () -> open.asynchronous(true));
    MigraphxOptions.Builder streams = MigraphxOptions.builder().asynchronous(true);
    assertThrows(IllegalArgumentException.class, () -> streams.openDimensions(true));
  }

  @Test
  void howManyProgramsAreKeptDoesNotDecideWhetherOneFits() {
    assertEquals(
        MigraphxOptions.defaults().decisive(),
        MigraphxOptions.builder().programs(2).build().decisive());
    assertEquals(
        "true", MigraphxOptions.builder().fastMath(true).build().decisive().get("fast_math"));
  }

  @Test
  void numbersOutOfRangeAreRefusedAtTheSetter() {
    MigraphxOptions.Builder builder = MigraphxOptions.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.programs(0));
    assertThrows(IllegalArgumentException.class, () -> builder.loopRounds(0));
    assertThrows(IllegalArgumentException.class, () -> builder.defaultRange(new Range(0, 1, 2)));
  }
}
