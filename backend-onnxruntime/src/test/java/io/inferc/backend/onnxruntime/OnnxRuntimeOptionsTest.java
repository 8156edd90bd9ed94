package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.Compiler;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.InfercException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  void twoWaysToOneSettingAreRefusedAtTheSetter() {
    for (String key :
        List.of(
            "session.intra_op.allow_spinning",
            "session.inter_op.allow_spinning",
            "optimization.disable_specified_optimizers",
            "session.optimized_model_external_initializers_file_name")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> OnnxRuntimeOptions.builder().sessionConfig(key, "1"));
      assertTrue(e.getMessage().contains("Use "), e.getMessage());
    }
    var b = OnnxRuntimeOptions.builder().sessionConfig("a", "1").sessionConfig("a", "1");
    assertThrows(IllegalArgumentException.class, () -> b.sessionConfig("a", "2"));
    assertThrows(IllegalArgumentException.class, () -> b.disabledOptimizers("A;B"));
    assertThrows(IllegalArgumentException.class, () -> b.disabledOptimizers(" "));
    b.provider(ExecutionProvider.cuda(0).build());
    assertThrows(
        IllegalArgumentException.class, () -> b.provider(ExecutionProvider.cuda(1).build()));
  }

  @Test
  void everySettingIsDescribedAndToldApart() {
    ExecutionProvider here = ExecutionProvider.plugin("fast", Path.of("a.so"), Map.of("k", "v"));
    ExecutionProvider there = ExecutionProvider.plugin("fast", Path.of("b.so"), Map.of("k", "v"));
    OnnxRuntimeOptions options =
        OnnxRuntimeOptions.builder()
            .optimization(Optimization.BASIC)
            .sharedThreadPool(3, 2)
            .spinning(false)
            .parallel(true)
            .memoryPattern(false)
            .cpuArena(true)
            .shrinkArenaAfterRun(true)
            .disabledOptimizers("B", "A")
            .sessionConfig("session.set_denormal_as_zero", "1")
            .provider(here)
            .build();
    assertEquals(
        "{config.session.set_denormal_as_zero=1, cpu_arena=true, disabled_optimizers=A;B,"
            + " execution_mode=parallel, memory_pattern=false, optimization=BASIC,"
            + " provider.0=fast{k=v} from a.so, shared_thread_pool=3/2,"
            + " shrink_arena_after_run=true, spinning=false}",
        options.toString());
    assertNotEquals(
        OnnxRuntimeOptions.builder().provider(here).build(),
        OnnxRuntimeOptions.builder().provider(there).build());
  }

  @Test
  void theSharedPoolSpinsAsAskedAndNotTheSession() throws Exception {
    OnnxRuntimeOptions options =
        OnnxRuntimeOptions.builder().sharedThreadPool(2, 1).spinning(false).build();
    assertEquals(
        new SharedThreadPool(2, 1, Optional.of(false)),
        options.threads().sharedPool().orElseThrow());
    try (SessionOptions session =
        SessionSettings.create(
            OrtEnvironment.getEnvironment(), target(options).choices().get(0), Optimization.ALL)) {
      assertFalse(session.getConfigEntries().containsKey("session.intra_op.allow_spinning"));
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
