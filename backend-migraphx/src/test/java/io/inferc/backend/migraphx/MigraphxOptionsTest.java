package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
            .programs(3)
            .loopRounds(20)
            .build();
    assertEquals(
        Map.of(
            "fast_math", "true",
            "exhaustive_tuning", "true",
            "open_dimensions", "true",
            "programs", "3",
            "loop_rounds", "20"),
        options.describe());
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
  }
}
