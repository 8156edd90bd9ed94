package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TensorRtOptionsTest {
  @Test
  void theDefaultsDescribeNothingAndAreForTensorRt() {
    assertEquals(Map.of(), TensorRtOptions.defaults().describe());
    assertEquals(Target.TENSORRT, TensorRtOptions.defaults().backend());
    assertEquals(TensorRtOptions.builder().build(), TensorRtOptions.defaults());
  }

  @Test
  void everySettingIsDescribedWithStableText() {
    TensorRtOptions options =
        TensorRtOptions.builder()
            .tf32(true)
            .builderLevel(5)
            .workspaceBytes(1L << 32)
            .timingCache(Path.of("cache", "timing"))
            .isolatedBuild(false)
            .cudaGraphs(8)
            .hardwareCompatibility(HardwareCompatibility.AMPERE_PLUS)
            .versionCompatible(true)
            .layerDetails(false)
            .build();
    Map<String, String> expected = new TreeMap<>();
    expected.put("builder_level", "5");
    expected.put("cuda_graphs", "8");
    expected.put("hardware_compatibility", "AMPERE_PLUS");
    expected.put("isolated_build", "false");
    expected.put("layer_details", "false");
    expected.put("tf32", "true");
    expected.put("timing_cache", Path.of("cache", "timing").toString());
    expected.put("version_compatible", "true");
    expected.put("workspace_bytes", "4294967296");
    assertEquals(expected, options.describe());
    assertEquals(expected.toString(), options.toString());
    assertNotEquals(TensorRtOptions.defaults(), options);
  }

  @Test
  void numbersOutOfRangeAreRefusedWhereTheyAreSet() {
    TensorRtOptions.Builder builder = TensorRtOptions.builder();
    for (int level : new int[] {-1, 6}) {
      assertRefused(() -> builder.builderLevel(level), Integer.toString(level), "0 to 5");
    }
    assertRefused(() -> builder.workspaceBytes(0), "0 bytes", "at least 1");
    assertRefused(() -> builder.cudaGraphs(-1), "-1", "0 to 1024");
    assertRefused(() -> builder.cudaGraphs(1025), "1025");
  }

  private static void assertRefused(Runnable setter, String... words) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, setter::run);
    for (String word : words) {
      assertTrue(e.getMessage().contains(word), e.getMessage());
    }
  }
}
