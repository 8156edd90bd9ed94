package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime's own word on which kernels a model was compiled to. */
class KernelsTest {
  private static final int LAYERS = 3;
  // Small layers in a row would become one kernel, whose name does not tell its arithmetic.
  private static final int WIDTH = 512;
  private static final OnnxModel MODEL = TestModels.layers(LAYERS, WIDTH);

  @TempDir Path folder;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static CompiledModel compile(Precision precision, Target target) {
    return Compiler.forTarget(target)
        .precision(precision)
        .profile(TestModels.rows("p", 4, 4, 4))
        .build()
        .compile(MODEL);
  }

  private static long count(List<KernelInfo> kernels, String type, String precision) {
    return kernels.stream()
        .filter(k -> k.type().startsWith(type))
        .filter(k -> k.precision().equals(Optional.of(precision)))
        .count();
  }

  private static void requirePrecision(NumericPrecision precision) {
    var backend = new OpenVinoBackend(OpenVinoRuntime.get());
    var capabilities = backend.capabilities(Target.openVino().choices().get(0));
    Assumptions.assumeTrue(
        capabilities.precisions().containsKey(precision),
        () -> "the CPU here has no " + precision + ", but " + capabilities.precisions());
  }

  @Test
  void aModelInSinglePrecisionRunsInItEvenWhereTheProcessorHasBfloat16() {
    try (CompiledModel model = compile(Precision.fp32(), Target.openVino())) {
      List<KernelInfo> kernels = model.kernels();
      assertEquals(LAYERS, count(kernels, "FullyConnected", "FLOAT32"), kernels.toString());
      assertEquals(0, count(kernels, "", "BFLOAT16"), kernels.toString());
    }
  }

  @Test
  void theHintForBfloat16ReachesTheKernels() {
    requirePrecision(NumericPrecision.BF16);
    try (CompiledModel model = compile(Precision.bf16(), Target.openVino())) {
      List<KernelInfo> kernels = model.kernels();
      assertEquals(LAYERS, count(kernels, "FullyConnected", "BFLOAT16"), kernels.toString());
    }
  }

  @Test
  void aCalibratedModelRunsItsMatrixProductsInIntegers() {
    requirePrecision(NumericPrecision.INT8);
    List<Map<String, Tensor>> samples = TestModels.samples(16, 4, WIDTH);
    try (CompiledModel original = compile(Precision.fp32(), Target.openVino());
        CompiledModel model = compile(Precision.int8(Dataset.of(samples)), Target.openVino());
        Tensor expected = original.run(samples.get(0)).get("y");
        Tensor found = model.run(samples.get(0)).get("y")) {
      List<KernelInfo> kernels = model.kernels();
      assertEquals(LAYERS, count(kernels, "FullyConnected", "INT8"), kernels.toString());
      float[] a = expected.toFloatArray();
      float[] b = found.toFloatArray();
      double error = 0;
      double power = 0;
      for (int i = 0; i < a.length; i++) {
        error += (a[i] - b[i]) * (a[i] - b[i]);
        power += a[i] * a[i];
      }
      assertTrue(error < power / 300, "noise " + error + " of " + power);
      assertTrue(error > 0, "eight bits leave a trace");
    }
    samples.forEach(s -> s.values().forEach(Tensor::close));
  }

  @Test
  void kernelsHaveNamesOfTheirOwnTimesAndTheNodesTheyStandFor() {
    try (CompiledModel model = compile(Precision.fp32(), Target.openVino())) {
      List<KernelInfo> kernels = model.kernels();
      Set<String> names = new HashSet<>();
      kernels.forEach(k -> assertTrue(names.add(k.name()), k.name()));
      assertTrue(kernels.stream().allMatch(k -> k.timeMillis().orElseThrow() >= 0));
      for (int i = 0; i < LAYERS; i++) {
        // The name of the product or that of the sum with its bias, by version.
        List<String> either = List.of("product" + i + "-node", "sum" + i + "-node");
        assertTrue(
            kernels.stream().flatMap(k -> k.nodes().stream()).anyMatch(either::contains),
            kernels.toString());
      }
    }
  }

  @Test
  void aModelCompiledToMeasureTellsTheSameKernels() {
    Target measuring = Target.openVino().options(OpenVinoOptions.builder().profiling(true).build());
    try (CompiledModel plain = compile(Precision.fp32(), Target.openVino());
        CompiledModel measured = compile(Precision.fp32(), measuring)) {
      List<String> types = measured.kernels().stream().map(KernelInfo::type).toList();
      assertFalse(types.isEmpty());
      assertEquals(plain.kernels().stream().map(KernelInfo::type).toList(), types);
    }
  }

  @Test
  void aRequestIsMeasuredInTheProfileThatServesIt() {
    ShapeProfile few = TestModels.rows("few", 1, 1, 1);
    ShapeProfile many = TestModels.rows("many", 512, 512, 512);
    try (CompiledModel model = TestModels.compile(MODEL, few, many);
        Tensor one = Tensor.allocate(DataType.FLOAT32, 1, WIDTH);
        Tensor lot = Tensor.allocate(DataType.FLOAT32, 512, WIDTH)) {
      double small = products(model.kernels(Map.of("x", one)));
      double large = products(model.kernels(Map.of("x", lot)));
      assertTrue(large > small, () -> "512 rows take " + large + " ms, 1 row " + small);
      model.run(Map.of("x", one)).close();
    }
  }

  private static double products(List<KernelInfo> kernels) {
    return kernels.stream()
        .filter(k -> k.type().startsWith("FullyConnected"))
        .mapToDouble(k -> k.timeMillis().orElseThrow())
        .sum();
  }

  @Test
  void aMeasuringModelTellsWhatTheLastRunOfItsOpenSessionsTook() {
    Target measuring = Target.openVino().options(OpenVinoOptions.builder().profiling(true).build());
    try (CompiledModel model = compile(Precision.fp32(), measuring)) {
      List<KernelInfo> ofZeros = model.kernels();
      try (InferenceSession session = model.newSession();
          InferenceSession idle = model.newSession()) {
        idle.input("x");
        session.input("x", 4, WIDTH).floats().put(0, 1f);
        session.run();
        List<KernelInfo> ofTheRun = model.kernels();
        assertEquals(ofTheRun, model.kernels(), "nothing ran in between");
        double total = ofTheRun.stream().mapToDouble(k -> k.timeMillis().orElseThrow()).sum();
        assertTrue(total > 0, ofTheRun.toString());
        assertEquals(
            ofZeros.stream().map(KernelInfo::type).toList(),
            ofTheRun.stream().map(KernelInfo::type).toList());
      }
      assertEquals(ofZeros.size(), model.kernels().size(), "closed sessions tell nothing");
    }
  }

  @Test
  void aLoadedModelHasTheKernelsOfTheSavedOne() {
    requirePrecision(NumericPrecision.BF16);
    Path saved = folder.resolve("saved");
    List<String> types;
    try (CompiledModel model = compile(Precision.bf16(), Target.openVino())) {
      types = model.kernels().stream().map(KernelInfo::type).toList();
      model.save(saved);
    }
    try (CompiledModel loaded = Inferc.load(saved)) {
      assertEquals(types, loaded.kernels().stream().map(KernelInfo::type).toList());
    }
  }
}
