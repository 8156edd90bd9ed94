package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Fingerprint;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArtifactRulesTest {
  private static final GpuInfo H200 = FakeLibraries.H200;
  private static final GpuInfo H100 = new GpuInfo(0, "NVIDIA H100", 9, 0, 80L << 30);
  private static final GpuInfo L4 = new GpuInfo(0, "NVIDIA L4", 8, 9, 24L << 30);
  private static final GpuInfo T4 = new GpuInfo(0, "Tesla T4", 7, 5, 16L << 30);
  private static final TensorRtVersion V106 = new TensorRtVersion(10, 6, 0);
  private static final TensorRtVersion V1015 = new TensorRtVersion(10, 15, 1);

  private static Fingerprint built(GpuInfo gpu, TensorRtVersion version, TensorRtOptions options) {
    return ArtifactRules.fingerprint(gpu, version, 12060, options);
  }

  private static Fingerprint plain(GpuInfo gpu) {
    return built(gpu, V106, TensorRtOptions.defaults());
  }

  private static Fingerprint compatible(GpuInfo gpu, HardwareCompatibility level) {
    return built(gpu, V106, TensorRtOptions.builder().hardwareCompatibility(level).build());
  }

  private static void assertFits(Fingerprint saved, Fingerprint here) {
    assertInstanceOf(ArtifactCheck.Fits.class, ArtifactRules.check(saved, here));
  }

  private static void assertRefused(Fingerprint saved, Fingerprint here, String... words) {
    ArtifactCheck.Refused refused =
        assertInstanceOf(ArtifactCheck.Refused.class, ArtifactRules.check(saved, here));
    for (String word : words) {
      assertTrue(refused.reason().contains(word), refused.reason());
    }
    assertTrue(refused.remedy().contains("Compile the source model"), refused.remedy());
  }

  @Test
  void theFingerprintSaysGpuAndVersions() {
    Fingerprint f = plain(H200);
    assertEquals("tensorrt", f.backend());
    assertEquals("10.6.0", f.backendVersion());
    assertEquals("NVIDIA H200", f.device());
    assertEquals(
        Map.of(
            "gpu", "NVIDIA H200",
            "compute_capability", "9.0",
            "cuda", "12.6",
            "hardware_compatibility", "NONE",
            "version_compatible", "false"),
        f.properties());
  }

  @Test
  void anEngineFitsWhereItWasBuilt() {
    assertFits(plain(H200), plain(H200));
  }

  @Test
  void optionsOfTheRunDoNotMatter() {
    assertFits(plain(H200), built(H200, V106, TensorRtOptions.builder().cudaGraphs(4).build()));
  }

  @Test
  void anotherGpuIsRefusedEvenOfTheSameComputeCapability() {
    assertRefused(plain(H200), plain(H100), "NVIDIA H200", "NVIDIA H100");
    assertRefused(plain(H200), plain(L4), "9.0", "8.9");
  }

  @Test
  void anotherTensorRtOrCudaIsRefused() {
    assertRefused(plain(H200), built(H200, V1015, TensorRtOptions.defaults()), "10.6.0", "10.15.1");
    assertRefused(
        plain(H200),
        ArtifactRules.fingerprint(H200, V106, 12080, TensorRtOptions.defaults()),
        "12.6",
        "12.8");
  }

  @Test
  void anotherBackEndIsRefused() {
    assertRefused(
        Fingerprint.of("onnxruntime", "1.29.0", "cpu", Map.of()), plain(H200), "onnxruntime");
  }

  @Test
  void aFingerprintThatSaysNothingIsRefused() {
    assertRefused(Fingerprint.of("tensorrt", "10.6.0", "", Map.of()), plain(H200), "unknown");
  }

  @Test
  void anEngineForAmpereAndLaterFitsThoseAndNoEarlierOnes() {
    Fingerprint saved = compatible(L4, HardwareCompatibility.AMPERE_PLUS);
    assertFits(saved, plain(H200));
    assertFits(saved, plain(L4));
    assertRefused(saved, plain(T4), "Tesla T4");
  }

  @Test
  void anEngineForOneComputeCapabilityFitsItsOtherGpus() {
    Fingerprint saved = compatible(H200, HardwareCompatibility.SAME_COMPUTE_CAPABILITY);
    assertFits(saved, plain(H100));
    assertRefused(saved, plain(L4), "9.0", "8.9");
  }

  @Test
  void aVersionCompatibleEngineFitsLaterVersionsOfItsMajorOnly() {
    TensorRtOptions options = TensorRtOptions.builder().versionCompatible(true).build();
    Fingerprint saved = built(H200, V106, options);
    assertFits(saved, plain(H200));
    assertFits(saved, built(H200, V1015, TensorRtOptions.defaults()));
    assertFits(saved, ArtifactRules.fingerprint(H200, V1015, 12090, options));
    assertRefused(saved, built(H200, new TensorRtVersion(10, 5, 9), options), "10.5.9");
    assertRefused(saved, built(H200, new TensorRtVersion(11, 2, 1), options), "11.2.1");
  }
}
