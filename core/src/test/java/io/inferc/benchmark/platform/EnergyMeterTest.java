package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
  private static final String RAPL = "sys/class/powercap/intel-rapl:";
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path root;
  private FakeSystem system;

  @BeforeEach
  void start() {
    system = new FakeSystem(root);
  }

  @Test
  void packagesAndMemoryCountAndWhatTheyContainDoesNot() throws IOException {
    zone("0", "package-0", 1_000_000);
    zone("0:0", "core", 500_000);
    zone("0:1", "dram", 200_000);
    zone("1", "psys", 3_000_000);
    try (EnergyMeter meter = EnergyMeter.start(system.files(), false)) {
      zone("0", "package-0", 11_000_000);
      zone("0:0", "core", 7_500_000);
      zone("0:1", "dram", 2_200_000);
      zone("1", "psys", 30_000_000);
      EnergyReading reading = meter.stop();
      assertEquals(12, reading.joules().orElseThrow(), 1e-9);
      assertEquals(0.5, reading.joulesPer(24).orElseThrow(), 1e-9);
      assertEquals(
          List.of("package-0 (all cores and caches of a processor)", "memory at package-0"),
          reading.parts().stream().map(EnergyReading.Part::covers).toList());
      assertEquals(1, reading.unavailable().size());
      assertTrue(reading.unavailable().get(0).contains("GPU"), reading.unavailable().toString());
    }
  }

  @Test
  void aCounterThatComesRoundIsFollowed() throws IOException {
    zone("0", "package-0", 262_000_000_000L);
    try (EnergyMeter meter = EnergyMeter.start(system.files(), false)) {
      zone("0", "package-0", 1_000_000);
      // The range of the fixture is 262,143,328,850 microjoules.
      assertEquals(144.32885, meter.stop().joules().orElseThrow(), 1e-6);
    }
    assertEquals(0, RaplZone.difference(100, 50, 0));
  }

  @Test
  void aCounterForRootAloneIsEmptyWithTheReason() throws IOException {
    // A name without a counter looks the same as one that may not be read.
    system.with(RAPL + "0/name", "package-0");
    try (EnergyMeter meter = EnergyMeter.start(system.files(), false)) {
      EnergyReading reading = meter.stop();
      assertEquals(OptionalDouble.empty(), reading.joules());
      assertEquals(OptionalDouble.empty(), reading.joulesPer(10));
      assertTrue(reading.toString().contains("root"), reading.toString());
    }
  }

  @Test
  void aSystemWithoutCountersSaysSo() {
    try (EnergyMeter meter = EnergyMeter.start(system.files(), false)) {
      String said = meter.stop().toString();
      assertTrue(said.startsWith("energy not measured: The system shows no"), said);
    }
  }

  @Test
  void thePowerOfAGpuIsIntegratedFromStartToEnd() {
    GpuPower power = new GpuPower("power.draw.instant", 0);
    // 100 W for 1 s, rising to 300 W within 1 s, 300 W for 1 s, and level for 0.5 s.
    for (String[] sample : new String[][] {{"1", "100"}, {"2", "300"}, {"3", "300"}}) {
      power.add(List.of("0", "NVIDIA H200", sample[1]), Long.parseLong(sample[0]) * SECOND);
    }
    List<String> problems = new ArrayList<>();
    List<EnergyReading.Part> parts = power.parts(7 * SECOND / 2, problems);
    assertEquals(1, parts.size());
    assertEquals(100 + 200 + 300 + 150, parts.get(0).joules(), 1e-9);
    assertTrue(parts.get(0).method().contains("3 samples"), parts.get(0).method());
    assertTrue(parts.get(0).covers().contains("whole board"), parts.get(0).covers());
    assertEquals(List.of(), problems);
  }

  @Test
  void everyGpuIsAPartOfItsOwn() {
    GpuPower power = new GpuPower("power.draw", 0);
    for (int second = 1; second <= 3; second++) {
      power.add(List.of("0", "T4", "10"), second * SECOND);
      power.add(List.of("1", "T4", "70"), second * SECOND);
    }
    List<EnergyReading.Part> parts = power.parts(3 * SECOND, new ArrayList<>());
    assertEquals(30, parts.get(0).joules(), 1e-9);
    assertEquals(210, parts.get(1).joules(), 1e-9);
    assertTrue(parts.get(1).method().contains("mean"), parts.get(1).method());
  }

  @Test
  void aGpuThatTellsNoPowerIsNoZero() {
    GpuPower power = new GpuPower("power.draw", 0);
    power.add(List.of("0", "K80", "[N/A]"), SECOND);
    List<String> problems = new ArrayList<>();
    assertEquals(List.of(), power.parts(2 * SECOND, problems));
    assertEquals(1, problems.size());
  }

  @Test
  void powerThatIsNoLongerToldIsNotCarriedOn() {
    GpuPower power = new GpuPower("power.draw.instant", 0);
    for (int second = 1; second <= 3; second++) {
      power.add(List.of("0", "T4", "10"), second * SECOND);
    }
    List<String> problems = new ArrayList<>();
    assertEquals(List.of(), power.parts(60 * SECOND, problems));
    assertTrue(problems.get(0).contains("57.0 s before the end"), problems.get(0));
  }

  @Test
  void twoSamplesAreTooFew() {
    GpuPower power = new GpuPower("power.draw", 0);
    power.add(List.of("0", "T4", "10"), 1);
    power.add(List.of("0", "T4", "10"), 2);
    List<String> problems = new ArrayList<>();
    assertEquals(List.of(), power.parts(3, problems));
    assertTrue(problems.get(0).contains("too few"), problems.get(0));
  }

  @Test
  void thisMachineIsMeasuredOrSaysWhyNot() {
    try (EnergyMeter meter = EnergyMeter.start()) {
      EnergyReading reading = meter.stop();
      assertFalse(reading.lines().isEmpty());
      assertThrows(IllegalArgumentException.class, () -> reading.joulesPer(0));
    }
  }

  private void zone(String number, String name, long microjoules) throws IOException {
    system
        .with(RAPL + number + "/name", name)
        .with(RAPL + number + "/max_energy_range_uj", "262143328850")
        .with(RAPL + number + "/energy_uj", Long.toString(microjoules));
  }
}
