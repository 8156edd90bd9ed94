package io.inferc.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.platform.CpuTimes;
import io.inferc.benchmark.statistics.RatioEstimate;
import java.util.List;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  @Test
  void aMachineOfWhichLittleIsKnownIsOneLine() {
    Environment environment = new Environment("cpu", 2, "os", "jvm");
    assertEquals(List.of("cpu, 2 processors, os, jvm"), environment.lines());
  }

  @Test
  void theNoiseOfTheSameAgainstItselfIsSaid() {
    Environment environment =
        new Environment("cpu", 2, "os", "jvm").withNoise(new RatioEstimate(1.01, 0.98, 1.04, 0.95));
    assertTrue(
        environment.lines().contains("the same subject against itself: 1.010 [0.980, 1.040]"),
        environment.lines().toString());
  }

  @Test
  void whatIsAddedKeepsTheRest() {
    Environment environment = Environment.current();
    Environment more =
        environment
            .withNoise(new RatioEstimate(1, 1, 1, 0.95))
            .stolenSince(new CpuTimes(0, 0, 0))
            .withBackEnds();
    assertEquals(environment.machine(), more.machine());
    assertEquals(environment.describe(), more.describe());
    assertTrue(more.noise().isPresent());
  }
}
