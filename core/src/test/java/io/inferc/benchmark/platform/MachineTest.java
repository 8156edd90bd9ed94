package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
  private static final String CPU = "sys/devices/system/cpu/";

  @TempDir Path root;

  @Test
  void aServerTellsItsSettings() throws IOException {
    SystemFiles files =
        new FakeSystem(root)
            .with("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu avx2 sse avx512_vnni fma\n")
            .with("proc/loadavg", "7.13 8.75 8.65 7/238 15308")
            .with(CPU + "cpu0/cpufreq/scaling_governor", "powersave")
            .with(CPU + "intel_pstate/no_turbo", "1")
            .with(CPU + "cpu0/cache/index0/level", "1")
            .with(CPU + "cpu0/cache/index0/size", "32K")
            .with(CPU + "cpu0/cache/index3/level", "3")
            .with(CPU + "cpu0/cache/index3/size", "32768K")
            .files();
    Machine machine = Machine.of(files, List.of(), List.of("-Xmx1g"));
    assertEquals(List.of("fma", "avx2", "avx512_vnni"), machine.processor().features());
    assertEquals(Optional.of("powersave"), machine.processor().governor());
    assertEquals(Optional.of(false), machine.processor().turbo());
    assertEquals(OptionalLong.of(32L << 20), machine.processor().lastLevelCacheBytes());
    assertEquals(OptionalDouble.of(7.13), machine.loadAverage());
    assertEquals(
        List.of(
            "instruction sets: fma, avx2, avx512_vnni",
            "frequency governor: powersave",
            "turbo: off",
            "last-level cache: 32768 KiB",
            "load average at the start: 7.13",
            "JVM options: -Xmx1g"),
        machine.lines());
  }

  @Test
  void turboIsReadOfBothDrivers() {
    assertEquals(Optional.of(true), Processor.turbo("0", ""));
    assertEquals(Optional.of(true), Processor.turbo("", "1"));
    assertEquals(Optional.of(false), Processor.turbo("", "0"));
    assertEquals(Optional.empty(), Processor.turbo("", ""));
  }

  @Test
  void armListsFeaturesUnderItsOwnName() {
    assertEquals(
        List.of("asimd", "asimddp", "i8mm"),
        Processor.features("Features\t: fp asimd evtstrm asimddp i8mm\n"));
  }

  @Test
  void aSystemThatTellsNothingIsNoError() {
    Machine machine = Machine.of(new SystemFiles(root), List.of(), List.of());
    assertEquals(Machine.unknown(), machine);
    assertEquals(List.of(), machine.lines());
  }

  @Test
  void oddFilesAreNoError() throws IOException {
    SystemFiles files =
        new FakeSystem(root)
            .with("proc/cpuinfo", "flags")
            .with("proc/loadavg", "")
            .with("proc/self/cgroup", "0:/\n\nx\n2:cpu\n")
            .with(CPU + "cpu0/cache/index3/level", "three")
            .with(CPU + "cpu0/cache/index3/size", "K")
            .files();
    assertEquals(Machine.unknown(), Machine.of(files, List.of(), List.of()));
  }

  @Test
  void thisMachineIsDescribedWithoutAnError() {
    assertFalse(Machine.current().lines().toString().contains("null"));
  }

  @Test
  void valuesOfPropertiesAndTextsAreNotShown() {
    List<String> shown =
        JvmFlags.shown(
            List.of(
                "-Xmx512m",
                "-XX:+UseZGC",
                "-XX:MaxDirectMemorySize=2g",
                "-Ddb.password=hunter2",
                "-Dflag",
                "-javaagent:/opt/hunter2.jar=token=hunter2",
                "-agentlib:jdwp=transport=hunter2",
                "-XX:OnOutOfMemoryError=curl hunter2",
                "-Xlog:gc*:file=/hunter2",
                "-Xbootclasspath/a:/hunter2",
                "--add-opens=java.base/java.nio=hunter2",
                "hunter2 = 5"));
    assertFalse(shown.toString().contains("hunter2"), shown.toString());
    assertEquals(
        List.of(
            "-Xmx512m", "-XX:+UseZGC", "-XX:MaxDirectMemorySize=2g", "-Ddb.password=…", "-Dflag"),
        shown.subList(0, 5));
    assertTrue(shown.contains("-XX:OnOutOfMemoryError=…"), shown.toString());
  }

  @Test
  void gpusAreReadFromTheToolsRows() {
    List<List<String>> rows =
        NvidiaSmi.rows("NVIDIA H200, 580.159.04, 143771, 0\nNVIDIA T4, 580.159.04, [N/A], 12\n", 4);
    List<Gpu> gpus = Gpu.nvidia(rows, NvidiaSmi.cudaVersion(BANNER));
    assertEquals(
        "NVIDIA H200 (151 GB), driver NVIDIA 580.159.04, CUDA up to 13.0", gpus.get(0).toString());
    assertEquals(OptionalLong.of(0), gpus.get(0).usedBytes());
    assertEquals(OptionalLong.empty(), gpus.get(1).memoryBytes());
    assertEquals(OptionalLong.of(12L << 20), gpus.get(1).usedBytes());
  }

  @Test
  void aMessageOfTheToolIsNoGpu() {
    assertEquals(List.of(), NvidiaSmi.rows("No devices were found\n", 4));
    assertEquals(Optional.empty(), NvidiaSmi.cudaVersion("CUDA Version: N/A"));
    assertEquals(Optional.empty(), NvidiaSmi.cudaVersion("Failed to initialize NVML"));
  }

  @Test
  void amdsGpusAreReadFromTheKernel() throws IOException {
    String card = "sys/class/drm/card1/device/";
    SystemFiles files =
        new FakeSystem(root)
            .with("sys/class/drm/card0/device/device", "0x1111")
            .with(card + "device", "0x74a1")
            .with(card + "mem_info_vram_total", "206141652992")
            .with(card + "mem_info_vram_used", "298934272")
            .with("sys/module/amdgpu/version", "6.10.5")
            .files();
    assertEquals(
        List.of(
            new Gpu(
                "AMD GPU 0x74a1",
                "amdgpu 6.10.5",
                Optional.empty(),
                OptionalLong.of(206141652992L),
                OptionalLong.of(298934272))),
        Gpu.amd(files));
  }

  @Test
  void aToolThatIsNotThereAnswersNothing() {
    assertEquals(Optional.empty(), NvidiaSmi.output(List.of("inferc-no-such-tool")));
  }

  private static final String BANNER =
      "| NVIDIA-SMI 580.159.04   Driver Version: 580.159.04     CUDA Version: 13.0     |";
}
