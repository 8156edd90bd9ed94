package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.spi.Availability;
import io.inferc.spi.Availability.Available;
import io.inferc.spi.Availability.Unavailable;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTest {
  private final FakeLibraries machine = new FakeLibraries();

  private Unavailable refused() {
    Availability found = new Probe(machine).run();
    Unavailable refused = assertInstanceOf(Unavailable.class, found);
    assertTrue(refused.reason().endsWith("."), refused.reason());
    assertFalse(refused.remedy().isBlank());
    return refused;
  }

  private static void assertSays(String text, String... words) {
    for (String word : words) {
      assertTrue(text.contains(word), () -> "'" + word + "' is not in: " + text);
    }
  }

  private static UnsatisfiedLinkError unresolved(String library) {
    UnsatisfiedLinkError outer = new UnsatisfiedLinkError("no jnisomething in java.library.path");
    outer.initCause(
        new UnsatisfiedLinkError(
            "/cache/libjnisomething.so: "
                + library
                + ": cannot open shared object file: No such file or directory"));
    return outer;
  }

  @Test
  void aMachineWithEverythingIsAvailableWithItsDevices() {
    machine.gpus = List.of(FakeLibraries.H200, new GpuInfo(1, "NVIDIA L4", 8, 9, 24L << 30));
    Available found = assertInstanceOf(Available.class, new Probe(machine).run());
    assertEquals("10.6.0", found.version());
    assertEquals(List.of("cuda:0", "cuda:1"), found.devices().stream().map(d -> d.id()).toList());
    assertSays(found.devices().get(0).description(), "NVIDIA H200", "9.0");
    assertFalse(found.devices().get(0).reference());
  }

  @Test
  void anUnknownPlatformIsRefusedBeforeAnythingIsLoaded() {
    machine.glue = false;
    assertSays(refused().reason(), "linux-x86_64");
    assertEquals(0, machine.cudaLoads);
  }

  @Test
  void aMissingDriverIsNamed() {
    machine.cudaFailure = unresolved("libcuda.so.1");
    Unavailable refused = refused();
    assertSays(refused.reason(), "driver", "libcuda.so.1");
    assertSays(refused.remedy(), "driver", "container");
    assertEquals(0, machine.tensorRtLoads);
  }

  @Test
  void aMissingCudaRuntimeIsNamedWithTheArtifact() {
    machine.cudaFailure = unresolved("libcudart.so.12");
    Unavailable refused = refused();
    assertSays(refused.reason(), "libcudart.so.12");
    assertSays(
        refused.remedy(), "CUDA 12.6", "org.bytedeco:cuda:12.6-9.5-1.5.11", "linux-x86_64-redist");
  }

  @Test
  void theFirstReasonIsRememberedWhenTheClassStaysBroken() {
    machine.cudaFailure = unresolved("libcuda.so.1");
    Probe probe = new Probe(machine);
    assertEquals(probe.run(), probe.run());
    assertEquals(2, machine.cudaLoads);
  }

  @Test
  void withoutADeviceTensorRtIsNeverLoaded() {
    machine.countFailure =
        new CudaException(CudaException.NO_DEVICE, "cudaGetDeviceCount", "no CUDA-capable device");
    Unavailable refused = refused();
    assertSays(refused.reason(), "no CUDA device");
    assertSays(refused.remedy(), "nvidia-smi", "CUDA_VISIBLE_DEVICES");
    assertEquals(0, machine.tensorRtLoads);
  }

  @Test
  void anOldDriverIsToldFromAMissingDevice() {
    machine.countFailure =
        new CudaException(CudaException.INSUFFICIENT_DRIVER, "cudaGetDeviceCount", "too old");
    Unavailable refused = refused();
    assertSays(refused.reason(), "driver is older");
    assertSays(refused.remedy(), "Update the driver");
    assertEquals(0, machine.tensorRtLoads);
  }

  @Test
  void aMissingTensorRtIsNamedWithTheArtifact() {
    machine.tensorRtFailure = unresolved("libnvinfer.so.10");
    Unavailable refused = refused();
    assertSays(refused.reason(), "TensorRT is missing", "libnvinfer.so.10");
    assertSays(
        refused.remedy(),
        "TensorRT 10.6",
        "org.bytedeco:tensorrt:10.6-1.5.11",
        "linux-x86_64-redist");
  }

  @Test
  void aMissingCudaLibraryIsNotTakenForTensorRt() {
    for (String library : List.of("libcudnn_ops.so.9", "libcublas.so.12", "libnvrtc.so.12")) {
      machine.tensorRtFailure = unresolved(library);
      Unavailable refused = refused();
      assertSays(refused.reason(), library);
      assertSays(refused.remedy(), "org.bytedeco:cuda:");
    }
  }

  @Test
  void aLibraryOlderThanThePresetsIsRefusedAndANewerOneOfTheSameMajorIsNot() {
    machine.library = new TensorRtVersion(10, 3, 0);
    Unavailable refused = refused();
    assertSays(refused.reason(), "10.6.0", "10.3.0");
    machine.library = new TensorRtVersion(11, 0, 0);
    assertSays(refused().reason(), "11.0.0");
    machine.library = new TensorRtVersion(10, 15, 1);
    assertInstanceOf(Available.class, new Probe(machine).run());
  }

  @Test
  void missingKernelsForTheGpuAreNamed() {
    machine.resource = false;
    Unavailable refused = refused();
    assertSays(refused.reason(), "NVIDIA H200", "9.0", "libnvinfer_builder_resource");
    assertSays(refused.remedy(), "LD_LIBRARY_PATH");
  }
}
