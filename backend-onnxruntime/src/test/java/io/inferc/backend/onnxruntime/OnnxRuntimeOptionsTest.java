package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.Compiler;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.Fingerprint;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxRuntimeOptionsTest {
  private static Target target(OnnxRuntimeOptions options) {
    return Target.onnxRuntime().options(options);
  }

  static List<OnnxRuntimeOptions> everySetting() {
    return List.of(
        OnnxRuntimeOptions.builder().optimization(Optimization.NONE).build(),
        OnnxRuntimeOptions.builder().optimization(Optimization.BASIC).build(),
        OnnxRuntimeOptions.builder().optimization(Optimization.EXTENDED).build(),
        OnnxRuntimeOptions.builder().optimization(Optimization.ALL).build(),
        OnnxRuntimeOptions.builder().intraOpThreads(1).spinning(false).build(),
        OnnxRuntimeOptions.builder().parallel(true).interOpThreads(2).build(),
        OnnxRuntimeOptions.builder().memoryPattern(false).build(),
        OnnxRuntimeOptions.builder().cpuArena(false).build(),
        OnnxRuntimeOptions.builder().shrinkArenaAfterRun(true).build(),
        OnnxRuntimeOptions.builder().disabledOptimizers("MatMulAddFusion").build(),
        OnnxRuntimeOptions.builder().sessionConfig("session.set_denormal_as_zero", "1").build());
  }

  @ParameterizedTest
  @MethodSource("everySetting")
  void aModelRunsWithEverySetting(OnnxRuntimeOptions options) {
    try (CompiledModel model =
            Compiler.forTarget(target(options)).build().compile(ContractModels.dense());
        Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertEquals(1.25f, y.floats().get(0), 1e-6f);
      assertFalse(options.describe().isEmpty(), "every setting is described");
    }
  }

  @Test
  void settingsReachOnnxRuntime() throws Exception {
    OnnxRuntimeOptions options =
        OnnxRuntimeOptions.builder()
            .spinning(false)
            .disabledOptimizers("B", "A")
            .sessionConfig("session.use_env_allocators", "0")
            .build();
    try (SessionOptions session =
        SessionSettings.create(
            OrtEnvironment.getEnvironment(), target(options).choices().get(0), Optimization.ALL)) {
      Map<String, String> config = session.getConfigEntries();
      assertEquals("0", config.get("session.intra_op.allow_spinning"));
      assertEquals("0", config.get("session.inter_op.allow_spinning"));
      assertEquals("A;B", config.get("optimization.disable_specified_optimizers"));
      assertEquals("0", config.get("session.use_env_allocators"));
    }
  }

  @Test
  void contradictionsAreRefusedAtTheSetter() {
    var b = OnnxRuntimeOptions.builder();
    assertThrows(IllegalArgumentException.class, () -> b.intraOpThreads(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxRuntimeOptions.builder().intraOpThreads(2).sharedThreadPool(2, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).interOpThreads(2));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxRuntimeOptions.builder().cpuArena(false).shrinkArenaAfterRun(true));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxRuntimeOptions.builder().shrinkArenaAfterRun(true).cpuArena(false));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxRuntimeOptions.builder().interOpThreads(2).build());
    assertThrows(
        IllegalArgumentException.class, () -> ExecutionProvider.cuda(0).option("device_id", "1"));
  }

  @Test
  void aProviderThatTheLibraryLacksIsRefusedWithThoseItHasAndTheArtifact() {
    for (ExecutionProvider provider :
        List.of(
            ExecutionProvider.cuda(0).tf32(false).build(),
            ExecutionProvider.tensorRt(1).workspace(1 << 20).build(),
            ExecutionProvider.openVino("CPU").threads(2).build(),
            ExecutionProvider.migraphx(0).exhaustiveTune(true).build(),
            ExecutionProvider.of("NoSuchProvider", Map.of()))) {
      OnnxRuntimeOptions options = OnnxRuntimeOptions.builder().provider(provider).build();
      BackendUnavailableException e =
          assertThrows(
              BackendUnavailableException.class,
              () ->
                  Compiler.forTarget(target(options))
                      .build()
                      .compile(ContractModels.dense())
                      .close());
      assertTrue(e.problem().contains("'" + provider.name() + "'"), e.problem());
      assertTrue(e.problem().contains("cpu"), e.problem());
      assertTrue(e.remedy().contains("onnxruntime") || e.remedy().contains("ONNX"), e.remedy());
    }
  }

  @Test
  void aPluginLibraryThatIsMissingOrNoPluginIsRefused() {
    for (Path library :
        List.of(Path.of("no-such-library.so"), Path.of("pom.xml").toAbsolutePath())) {
      OnnxRuntimeOptions options =
          OnnxRuntimeOptions.builder()
              .provider(ExecutionProvider.plugin("Odd", library, Map.of()))
              .build();
      BackendUnavailableException e =
          assertThrows(
              BackendUnavailableException.class,
              () ->
                  Compiler.forTarget(target(options))
                      .build()
                      .compile(ContractModels.dense())
                      .close());
      assertTrue(e.getMessage().contains(library.toString()), e.getMessage());
    }
  }

  @Test
  void typedOptionsHaveTheNamesThatOnnxRuntimeKnows() {
    SortedMap<String, String> cuda =
        ExecutionProvider.cuda(1).memoryLimit(5).cudaGraph(true).build().options();
    assertEquals("1", cuda.get("device_id"));
    assertEquals("5", cuda.get("gpu_mem_limit"));
    assertEquals("1", cuda.get("enable_cuda_graph"));
    SortedMap<String, String> trt =
        ExecutionProvider.tensorRt(0)
            .engineCache(Path.of("c"))
            .builderOptimizationLevel(2)
            .build()
            .options();
    assertEquals("c", trt.get("trt_engine_cache_path"));
    assertEquals("2", trt.get("trt_builder_optimization_level"));
  }

  @Test
  void aSharedThreadPoolIsRefusedOnceTheEnvironmentIsMadeWithoutOne() {
    OrtEnvironment.getEnvironment();
    OnnxRuntimeOptions options = OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).build();
    InfercException e =
        assertThrows(
            InfercException.class,
            () ->
                Compiler.forTarget(target(options))
                    .build()
                    .compile(ContractModels.dense())
                    .close());
    assertTrue(e.problem().contains("made already"), e.problem());
  }

  @Test
  void aSavedModelOfAnotherVersionDeviceOrCpuIsRefusedBeforeItIsRead() {
    OnnxRuntimeBackend backend = new OnnxRuntimeBackend("1.29.0");
    Target.Choice choice = Target.onnxRuntime().choices().get(0);
    Fingerprint here = backend.fingerprint(choice);
    assertInstanceOf(ArtifactCheck.Fits.class, backend.checkArtifact(here, choice));
    TreeMap<String, String> otherCpu = new TreeMap<>(here.properties());
    otherCpu.put("cpu", "amd64 sse4_1");
    for (Fingerprint other :
        List.of(
            new Fingerprint(here.backend(), "1.0.0", here.device(), here.properties()),
            new Fingerprint(here.backend(), here.backendVersion(), "cuda", here.properties()),
            new Fingerprint(here.backend(), here.backendVersion(), here.device(), otherCpu))) {
      ArtifactCheck.Refused refused =
          assertInstanceOf(ArtifactCheck.Refused.class, backend.checkArtifact(other, choice));
      assertTrue(refused.remedy().contains("Compile"), refused.remedy());
    }
  }

  @Test
  void onlyHostMemoryIsAllocated() {
    OnnxRuntimeBackend backend = new OnnxRuntimeBackend("1.29.0");
    Target.Choice choice = Target.onnxRuntime().choices().get(0);
    assertEquals(MemoryKind.HOST, backend.allocator(MemoryKind.HOST, choice).memoryKind());
    assertThrows(
        IllegalArgumentException.class, () -> backend.allocator(MemoryKind.DEVICE, choice));
    assertTrue(backend.capabilities(choice).dataTypes().contains(DataType.STRING));
  }
}
