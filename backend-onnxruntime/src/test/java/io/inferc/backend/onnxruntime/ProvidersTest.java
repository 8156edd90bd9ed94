package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.inferc.common.InfercException;
import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendUnavailableException;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which providers a device and options lead to, and with which of ONNX Runtime's own options. */
class ProvidersTest {
  private static List<ExecutionProvider> resolve(String device, ExecutionProvider... asked) {
    return Providers.resolve(Optional.of(device), List.of(asked));
  }

  private static String refused(Executable attempt) {
    return assertThrows(IllegalArgumentException.class, attempt).getMessage();
  }

  @Test
  void theProbeListsTheCpuFirst() {
    Availability.Available found = (Availability.Available) new OnnxRuntimeProvider().probe();
    assertEquals("cpu", found.devices().get(0).id());
    assertEquals(Providers.available().size(), found.devices().size());
    assertEquals(new OnnxRuntimeProvider().open().version(), found.version());
  }

  @Test
  void theCpuNeedsNoProviderAndWithoutADeviceTheOrderStays() {
    assertEquals(List.of(), resolve("CPU"));
    ExecutionProvider cuda = ExecutionProvider.cuda(0).build();
    ExecutionProvider trt = ExecutionProvider.tensorRt(0).build();
    assertEquals(List.of(trt, cuda), Providers.resolve(Optional.empty(), List.of(trt, cuda)));
    assertEquals("cpu", Providers.describe(List.of()));
    assertEquals("tensorrt:0 cuda:0", Providers.describe(List.of(trt, cuda)));
  }

  @Test
  void tf32IsForCudaAndNotAgainstTheOptions() {
    ExecutionProvider trt = ExecutionProvider.tensorRt(0).build();
    ExecutionProvider cuda = ExecutionProvider.cuda(1).build();
    assertEquals(
        List.of(trt, ExecutionProvider.cuda(1).tf32(true).build()),
        Providers.withTf32(List.of(trt, cuda)));
    List<ExecutionProvider> without = List.of(ExecutionProvider.cuda(0).tf32(false).build());
    assertTrue(refused(() -> Providers.withTf32(without)).contains("use_tf32 is 0"));
    OnnxRuntimeBackend backend = new OnnxRuntimeBackend("test");
    OnnxRuntimeOptions onGpu = OnnxRuntimeOptions.builder().provider(cuda).build();
    Target.Choice choice =
        new Target.Choice(Target.ONNX_RUNTIME, Optional.empty(), Optional.of(onGpu));
    assertEquals(
        PrecisionSupport.HINT,
        backend.capabilities(choice).precisions().get(NumericPrecision.TF32));
    Target.Choice cpu = new Target.Choice(Target.ONNX_RUNTIME, Optional.empty(), Optional.empty());
    assertFalse(backend.capabilities(cpu).precisions().containsKey(NumericPrecision.TF32));
  }

  @Test
  void aDeviceNumberReachesTheProviderThatTheOptionsRefine() {
    ExecutionProvider cuda = ExecutionProvider.of("CUDA", Map.of("gpu_mem_limit", "5"));
    ExecutionProvider trt = ExecutionProvider.tensorRt(1).build();
    List<ExecutionProvider> providers = resolve("cuda:1", trt, cuda);
    assertEquals(
        List.of(ExecutionProvider.of("cuda", Map.of("gpu_mem_limit", "5", "device_id", "1")), trt),
        providers);
    assertEquals(List.of(cuda, trt), resolve("cuda", trt, cuda));
  }

  @Test
  void twoDifferentNumbersForOneDeviceAreRefused() {
    String message = refused(() -> resolve("cuda:1", ExecutionProvider.cuda(0).build()));
    assertTrue(message.contains("cuda:1") && message.contains("device_id is 0"), message);
    assertEquals(
        List.of(ExecutionProvider.cuda(1).build()),
        resolve("cuda:1", ExecutionProvider.cuda(1).build()));
  }

  @Test
  void openVinoTakesItsDeviceTextAndPluginsKeepTheirLibrary() {
    ExecutionProvider openVino =
        ExecutionProvider.of("openvino", Map.of("device_type", "GPU.1", "precision", "FP32"));
    assertEquals(
        List.of(openVino),
        resolve("openvino:GPU.1", ExecutionProvider.of("openvino", Map.of("precision", "FP32"))));
    ExecutionProvider plugin =
        ExecutionProvider.plugin("FastExecutionProvider", Path.of("fast.so"), Map.of());
    ExecutionProvider chosen = resolve("fast:2", plugin).get(0);
    assertEquals(plugin.library(), chosen.library());
    assertEquals("2", chosen.options().get("device_id"));
  }

  @Test
  void optionsThatTheJavaApiCannotPassAreRefusedAndNotLost() {
    ExecutionProvider openVino =
        ExecutionProvider.openVino("CPU").threads(2).precision("FP32").build();
    InfercException e =
        assertThrows(
            InfercException.class, () -> Providers.requireOnly(openVino, Set.of("device_type")));
    assertTrue(e.problem().contains("[num_of_threads, precision]"), e.problem());
    assertTrue(e.remedy().contains("plugin"), e.remedy());
    Providers.requireOnly(ExecutionProvider.openVino("CPU").build(), Set.of("device_type"));
  }

  @Test
  void theCpuMayBeNamedAndAProviderThatIsNowhereIsRefused() throws Exception {
    try (SessionOptions options = new SessionOptions()) {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      Providers.add(environment, options, ExecutionProvider.of("CPUExecutionProvider", Map.of()));
      ExecutionProvider nowhere = ExecutionProvider.of("rocm", Map.of("device_id", "0"));
      BackendUnavailableException e =
          assertThrows(
              BackendUnavailableException.class,
              () -> Providers.add(environment, options, nowhere));
      assertTrue(e.problem().contains("'rocm'") && e.problem().contains("[cpu]"), e.problem());
    }
  }

  @Test
  void typedOptionsHaveTheKeysThatOnnxRuntimeReads() {
    SortedMap<String, String> cuda =
        ExecutionProvider.cuda(1)
            .memoryLimit(5)
            .cudaGraph(true)
            .tf32(false)
            .arenaGrowsExactly(true)
            .channelsLast(true)
            .build()
            .options();
    assertEquals(
        Map.of(
            "device_id", "1",
            "gpu_mem_limit", "5",
            "enable_cuda_graph", "1",
            "use_tf32", "0",
            "arena_extend_strategy", "kSameAsRequested",
            "prefer_nhwc", "1"),
        cuda);
    SortedMap<String, String> tensorRt =
        ExecutionProvider.tensorRt(0)
            .workspace(9)
            .fp16(true)
            .engineCache(Path.of("e"))
            .timingCache(Path.of("t"))
            .builderOptimizationLevel(5)
            .build()
            .options();
    assertEquals("9", tensorRt.get("trt_max_workspace_size"));
    assertEquals("1", tensorRt.get("trt_fp16_enable"));
    assertEquals("1", tensorRt.get("trt_engine_cache_enable"));
    assertEquals("e", tensorRt.get("trt_engine_cache_path"));
    assertEquals("1", tensorRt.get("trt_timing_cache_enable"));
    assertEquals("t", tensorRt.get("trt_timing_cache_path"));
    assertEquals("5", tensorRt.get("trt_builder_optimization_level"));
    assertEquals(
        Map.of("device_type", "GPU", "precision", "FP16", "num_of_threads", "3", "cache_dir", "c"),
        ExecutionProvider.openVino("GPU")
            .precision("FP16")
            .threads(3)
            .cache(Path.of("c"))
            .build()
            .options());
    assertEquals(
        Map.of(
            "device_id", "2",
            "migraphx_fp16_enable", "1",
            "migraphx_mem_limit", "7",
            "migraphx_exhaustive_tune", "0",
            "migraphx_model_cache_dir", "m",
            "extra", "x"),
        ExecutionProvider.migraphx(2)
            .fp16(true)
            .memoryLimit(7)
            .exhaustiveTune(false)
            .cache(Path.of("m"))
            .option("extra", "x")
            .build()
            .options());
  }

  @Test
  void valuesOutOfRangeAreRefusedAtTheSetterWithTheRange() {
    refused(() -> ExecutionProvider.of(" ", Map.of()));
    refused(() -> ExecutionProvider.cuda(-1));
    refused(() -> ExecutionProvider.cuda(0).memoryLimit(0));
    refused(() -> ExecutionProvider.tensorRt(0).workspace(-5));
    refused(() -> ExecutionProvider.openVino("CPU").threads(0));
    refused(() -> ExecutionProvider.migraphx(0).memoryLimit(0));
    String message = refused(() -> ExecutionProvider.tensorRt(0).builderOptimizationLevel(6));
    assertTrue(message.contains("0 to 5"), message);
    String twice = refused(() -> ExecutionProvider.cuda(0).option("device_id", "1"));
    assertTrue(twice.contains("already"), twice);
  }
}
