package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.backend.openvino.OpenVinoOptions.InferencePrecision;
import io.inferc.backend.openvino.OpenVinoOptions.ModelPriority;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.common.InfercException;
import io.inferc.onnx.ModelSource;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {
  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static void assertWorks(Target target) {
    assertWorks(target, TestModels.rows("p", 1, 2, 4));
  }

  private static void assertWorks(Target target, ShapeProfile profile) {
    float[] values = {1, -2, 0.5f, 0, 3, 1};
    try (CompiledModel model = TestModels.compile(target, ContractModels.dense(), profile);
        Tensor x = Tensor.of(values, 2, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CPU", "AUTO", "AUTO:CPU", "MULTI:CPU", "HETERO:CPU"})
  void devicesAndTheirCompositionsCompileAndRun(String device) {
    assertWorks(Target.openVino().device(device));
  }

  /** OpenVINO collects requests of one size only. */
  @Test
  void requestsOfOneSizeAreCollectedToBatches() {
    assertWorks(Target.openVino().device("BATCH:CPU(2)"), TestModels.rows("p", 2, 2, 2));
  }

  @Test
  void theCpuIsTheDefault() {
    assertEquals("CPU", Devices.resolve(OpenVinoRuntime.get(), Optional.empty()).name());
  }

  @Test
  void aCompositionOfADeviceThatIsNotHereIsRefusedWithThoseThatAre() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Compiler.forTarget(Target.openVino().device("AUTO:CPU,TPU")).build());
    assertTrue(e.getMessage().contains("TPU") && e.getMessage().contains("[CPU"), e.getMessage());
  }

  @Test
  void aCompositionCannotBeSavedAndSaysSo() {
    Target composed = Target.openVino().device("AUTO:CPU");
    try (CompiledModel model =
        TestModels.compile(composed, ContractModels.dense(), TestModels.rows("p", 1, 2, 4))) {
      InfercException e =
          assertThrows(InfercException.class, () -> model.save(folder.resolve("saved")));
      assertTrue(e.getMessage().contains("AUTO:CPU"), e.getMessage());
    }
  }

  /** Compiles without anything of ours between but the options, and asks the compiled model. */
  private static Map<String, String> compiled(
      String device, OpenVinoOptions options, String... keys) {
    OpenVinoRuntime runtime = OpenVinoRuntime.get();
    try (ModelSource source = ModelSource.of(ContractModels.dense());
        ReadModel model = ReadModel.of(runtime, source.path())) {
      CompiledShape compiled =
          CompiledShape.compile(runtime, model.handle(), device, options.describe());
      try {
        Map<String, String> said = new TreeMap<>();
        for (String key : keys) {
          said.put(key, compiled.property(key).strip());
        }
        return said;
      } finally {
        compiled.free();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"THROUGHPUT, 2, 2, false", "LATENCY, 1, 1, true"})
  void whatOpenVinoSaysOfTheCompiledModelIsWhatWasAsked(
      PerformanceHint hint, int streams, int threads, boolean pinning) {
    OpenVinoOptions options =
        OpenVinoOptions.builder()
            .performanceHint(hint)
            .streams(streams)
            .threads(threads)
            .pinning(pinning)
            .inferencePrecision(InferencePrecision.FP32)
            .profiling(pinning)
            .property("ENABLE_HYPER_THREADING", "NO")
            .build();
    assertWorks(Target.openVino().options(options));
    Map<String, String> expected = new TreeMap<>(options.describe());
    expected.putIfAbsent("PERF_COUNT", "NO");
    assertEquals(expected, compiled("CPU", options, expected.keySet().toArray(new String[0])));
  }

  @Test
  void bfloat16IsTheCompiledModelsPrecisionWhereItIsAskedFor() {
    var device = Devices.resolve(OpenVinoRuntime.get(), Optional.empty());
    Assumptions.assumeTrue(device.capabilities().contains("BF16"), "no BF16 here");
    OpenVinoOptions options =
        OpenVinoOptions.builder().inferencePrecision(InferencePrecision.BF16).build();
    assertEquals(options.describe(), compiled("CPU", options, "INFERENCE_PRECISION_HINT"));
  }

  @ParameterizedTest
  @EnumSource(ModelPriority.class)
  void theModelPriorityReachesTheDevicesThatHaveOne(ModelPriority priority) {
    OpenVinoOptions options = OpenVinoOptions.builder().modelPriority(priority).build();
    assertWorks(Target.openVino().device("AUTO:CPU").options(options));
    assertEquals(
        Map.of("MODEL_PRIORITY", priority.toString(), "EXECUTION_DEVICES", "CPU"),
        compiled("AUTO:CPU", options, "MODEL_PRIORITY", "EXECUTION_DEVICES"));
  }

  @Test
  void theSecondCompilationIsServedFromTheCache() throws IOException {
    Path cache = folder.resolve("cache");
    OpenVinoOptions options = OpenVinoOptions.builder().cacheDirectory(cache).build();
    assertEquals(Map.of("LOADED_FROM_CACHE", "NO"), compiled("CPU", options, "LOADED_FROM_CACHE"));
    try (Stream<Path> kept = Files.list(cache)) {
      assertTrue(kept.findAny().isPresent(), "the cache is empty");
    }
    assertEquals(Map.of("LOADED_FROM_CACHE", "YES"), compiled("CPU", options, "LOADED_FROM_CACHE"));
    assertWorks(Target.openVino().options(options));
    assertWorks(Target.openVino().options(options));
  }

  @Test
  void aPropertyThatTheDeviceLacksIsRefusedByName() {
    Target odd =
        Target.openVino().options(OpenVinoOptions.builder().property("NO_SUCH_KEY", "1").build());
    InfercException e = assertThrows(InfercException.class, () -> assertWorks(odd));
    assertTrue(e.getMessage().contains("NO_SUCH_KEY"), e.getMessage());
    assertFalse(e.remedy().isBlank());
  }

  @Test
  void anInferencePrecisionThatTheDeviceLacksIsRefusedWithThoseItHas() {
    var device = Devices.resolve(OpenVinoRuntime.get(), Optional.empty());
    Target half =
        Target.openVino()
            .options(OpenVinoOptions.builder().inferencePrecision(InferencePrecision.FP16).build());
    if (device.capabilities().contains("FP16")) {
      assertWorks(half);
      return;
    }
    InfercException e = assertThrows(InfercException.class, () -> Compiler.forTarget(half).build());
    assertTrue(e.getMessage().contains("FP16") && e.getMessage().contains("FP32"), e.getMessage());
  }
}
