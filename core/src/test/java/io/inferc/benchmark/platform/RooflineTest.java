package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RooflineTest {
  private static final double ABSURD = 1e15;
  private static final Roofline ROOFLINE =
      new Roofline(
          20e9,
          10e9,
          new ComputeRoof("FP32", 50e9, "test"),
          List.of(new ComputeRoof("FP32", 100e9, "test")),
          2,
          1 << 20,
          true);

  @TempDir Path root;

  @Test
  void theProbeFindsRoofsOfARealMachine() {
    Roofline found = Roofline.probe();
    assertTrue(found.bytesPerSecond() > 0 && found.bytesPerSecond() < ABSURD, "" + found);
    double rate = found.compute().get(0).multiplyAddsPerSecond();
    assertTrue(rate > 0 && rate < ABSURD, "" + found);
    assertEquals("FP32", found.compute().get(0).precision());
    assertTrue(found.bytesPerSecond() >= found.singleThreadBytesPerSecond(), "" + found);
    assertTrue(rate >= found.singleThread().multiplyAddsPerSecond(), "" + found);
    assertTrue(found.lines().size() >= 3);
  }

  @Test
  void theLargerShareBinds() {
    // 1 G multiply-adds in 20 ms are half of 100 G/s; 100 MB in 20 ms a quarter of 20 GB/s.
    RooflineShare share = ROOFLINE.share("FP32", 1e9, 100e6, 0.02);
    assertEquals(0.5, share.ofCompute(), 1e-12);
    assertEquals(0.25, share.ofBandwidth(), 1e-12);
    assertEquals(RooflineShare.Binding.COMPUTE, share.binding());
    assertEquals(0.5, share.achieved(), 1e-12);
    assertEquals(
        "50.0 % of the measured FP32 roof, 25.0 % of the bandwidth; arithmetic binds",
        share.toString());
    assertEquals(
        RooflineShare.Binding.BANDWIDTH, ROOFLINE.share("FP32", 1e9, 300e6, 0.02).binding());
  }

  @Test
  void theHighestRoofOfAPrecisionCounts() {
    Roofline more =
        ROOFLINE
            .with(new ComputeRoof("FP32", 200e9, "product"))
            .with(new ComputeRoof("INT8", 800e9, "product"));
    assertEquals(0.25, more.share("FP32", 1e9, 1, 0.02).ofCompute(), 1e-12);
    assertEquals(0.0625, more.share("INT8", 1e9, 1, 0.02).ofCompute(), 1e-12);
  }

  @Test
  void aRunFasterThanTheProbeSaysThatTheRoofIsALowerBound() {
    assertTrue(ROOFLINE.share("FP32", 3e9, 1, 0.02).toString().contains("lower bound"));
  }

  @Test
  void aPrecisionWithoutARoofIsRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ROOFLINE.share("INT8", 1e9, 1e6, 0.02));
    assertTrue(String.valueOf(refused.getMessage()).contains("MatrixProduct"));
    assertThrows(IllegalArgumentException.class, () -> ROOFLINE.share("FP32", 0, 1e6, 0.02));
    assertThrows(IllegalArgumentException.class, () -> ROOFLINE.share("FP32", 1, 1e6, 0));
    assertThrows(IllegalArgumentException.class, () -> Roofline.probe(0));
  }

  @Test
  void arraysAreLargerThanTheCachesUnlessTheHeapIsSmall() {
    long mib = 1 << 20;
    assertEquals(128 * mib, RooflineProbe.arrayBytes(32 * mib, 4096 * mib, 4000 * mib));
    assertEquals(64 * mib, RooflineProbe.arrayBytes(32 * mib, 256 * mib, 200 * mib));
    assertEquals(10 * mib, RooflineProbe.arrayBytes(32 * mib, 4096 * mib, 20 * mib));
    assertEquals(512 * mib, RooflineProbe.arrayBytes(1024 * mib, 64_000 * mib, 64_000 * mib));
  }

  @Test
  void cachesOfAllGroupsOfProcessorsCount() throws IOException {
    FakeSystem system = new FakeSystem(root);
    for (int cpu = 0; cpu < 4; cpu++) {
      String cache = "sys/devices/system/cpu/cpu" + cpu + "/cache/";
      system
          .with(cache + "index0/level", "1")
          .with(cache + "index0/size", "32K")
          .with(cache + "index0/shared_cpu_list", "" + cpu)
          .with(cache + "index3/level", "3")
          .with(cache + "index3/size", "16M")
          .with(cache + "index3/shared_cpu_list", cpu < 2 ? "0-1" : "2-3");
    }
    assertEquals(OptionalLong.of(32L << 20), Caches.lastLevelBytes(system.files()));
  }

  @Test
  void theProductIsAModelOfOneNode() {
    OnnxModel model = MatrixProduct.model(64);
    assertEquals(1, model.graph().nodes().size());
    assertEquals("MatMul", model.graph().nodes().get(0).opType());
    assertThrows(IllegalArgumentException.class, () -> MatrixProduct.model(1));
  }
}
