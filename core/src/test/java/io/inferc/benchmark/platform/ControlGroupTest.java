package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
  private static final String MOUNT = "sys/fs/cgroup/";

  @TempDir Path root;
  private FakeSystem system;

  @BeforeEach
  void start() {
    system = new FakeSystem(root);
  }

  @Test
  void versionTwoLimitsProcessorsAndMemory() throws IOException {
    system
        .with("proc/self/cgroup", "0::/")
        .with(MOUNT + "cpu.max", "150000 100000")
        .with(MOUNT + "memory.max", "536870912");
    assertLimits(OptionalDouble.of(1.5), OptionalLong.of(536870912));
  }

  @Test
  void theNarrowestOfNestedGroupsCounts() throws IOException {
    system
        .with("proc/self/cgroup", "0::/system.slice/app.service")
        .with(MOUNT + "system.slice/cpu.max", "200000 100000")
        .with(MOUNT + "system.slice/memory.max", "max")
        .with(MOUNT + "system.slice/app.service/cpu.max", "max 100000")
        .with(MOUNT + "system.slice/app.service/memory.max", "1000000");
    assertLimits(OptionalDouble.of(2), OptionalLong.of(1000000));
  }

  @Test
  void versionOneHasAFolderForEachController() throws IOException {
    system
        .with("proc/self/cgroup", "4:memory:/a/b\n1:cpu,cpuacct:/a\n0::/")
        .with(MOUNT + "cpu,cpuacct/a/cpu.cfs_quota_us", "50000")
        .with(MOUNT + "cpu,cpuacct/a/cpu.cfs_period_us", "100000")
        .with(MOUNT + "memory/a/b/memory.limit_in_bytes", "9223372036854771712")
        .with(MOUNT + "memory/a/memory.limit_in_bytes", "2000000");
    assertLimits(OptionalDouble.of(0.5), OptionalLong.of(2000000));
  }

  @Test
  void whatIsNotLimitedIsEmpty() throws IOException {
    system
        .with("proc/self/cgroup", "4:memory:/\n1:cpu:/\n0::/")
        .with(MOUNT + "cpu/cpu.cfs_quota_us", "-1")
        .with(MOUNT + "cpu/cpu.cfs_period_us", "100000")
        .with(MOUNT + "memory/memory.limit_in_bytes", "9223372036854771712")
        .with(MOUNT + "unified/cpu.max", "max 100000");
    assertLimits(OptionalDouble.empty(), OptionalLong.empty());
  }

  @Test
  void inAContainerItsOwnGroupIsTheMount() throws IOException {
    // The path names a folder of the host, which the container does not see.
    system.with("proc/self/cgroup", "0::/docker/0123abcd").with(MOUNT + "cpu.max", "100000 100000");
    assertLimits(OptionalDouble.of(1), OptionalLong.empty());
  }

  private void assertLimits(OptionalDouble cpus, OptionalLong memory) {
    assertEquals(new ControlGroup(cpus, memory), ControlGroup.of(system.files()));
  }
}
