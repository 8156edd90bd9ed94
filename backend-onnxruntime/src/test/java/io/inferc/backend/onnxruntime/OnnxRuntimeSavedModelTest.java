package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.backend.onnxruntime.OnnxRuntimeOptions.Optimization;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.EditedManifest;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.ModelLimits;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import io.inferc.testing.SmallModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models saved as ONNX Runtime optimized them, and what keeps a wrong one from being loaded. */
class OnnxRuntimeSavedModelTest {
  private static final Target.Choice CPU = Target.onnxRuntime().choices().get(0);

  @TempDir Path folder;

  private final Backend backend = new OnnxRuntimeProvider().open();

  private BackendModel compile(Path file) {
    try (ModelSource source = ModelSource.of(file)) {
      return backend.compile(CompileRequest.of(source, "tested", CPU));
    }
  }

  private BackendModel load(Path saved) {
    return backend.load(saved, new LoadRequest("tested", CPU, List.of(), ModelLimits.defaults()));
  }

  private Path emptyFolder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  private static float[] run(BackendModel model, List<Tensor> inputs) {
    try (BackendSession session = model.newSession(-1)) {
      for (int i = 0; i < inputs.size(); i++) {
        session.bindInput(i, inputs.get(i));
      }
      session.run();
      try (Tensor output = session.takeOutput(0)) {
        return output.toFloatArray();
      }
    }
  }

  private static Tensor image(long... shape) {
    float[] pixels = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    Random random = new Random(5);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat();
    }
    return Tensor.of(pixels, shape);
  }

  @Test
  void aRealTransformerAnswersTheSameAfterItWasSavedAndLoaded() throws IOException {
    long[] ids = {101, 7592, 2088, 2003, 2307, 102};
    List<Tensor> inputs =
        List.of(
            Tensor.of(ids, 1, ids.length),
            Tensor.of(new long[] {1, 1, 1, 1, 1, 1}, 1, ids.length),
            Tensor.allocate(DataType.INT64, 1, ids.length));
    assertSameAfterLoading(RealModels.MINILM.path(), inputs);
    inputs.forEach(Tensor::close);
  }

  @Test
  void aRealConvolutionalModelKeepsTheMemoryLayoutItWasOptimizedFor() throws IOException {
    try (Tensor x = image(2, 3, 48, 192)) {
      Path saved = assertSameAfterLoading(RealModels.OCR_CLASSIFICATION.path(), List.of(x));
      OnnxModel optimized = OnnxModel.load(saved.resolve(OnnxRuntimeBackend.MODEL_FILE));
      OnnxModel source = OnnxModel.load(RealModels.OCR_CLASSIFICATION.path());
      assertTrue(
          optimized.graph().nodes().size() < source.graph().nodes().size(),
          "what was saved is the optimized graph, not the source");
    }
  }

  private Path assertSameAfterLoading(Path file, List<Tensor> inputs) throws IOException {
    Path saved = emptyFolder("saved");
    Path savedAgain = emptyFolder("saved-again");
    float[] expected;
    try (BackendModel model = compile(file)) {
      expected = run(model, inputs);
      model.save(saved);
    }
    try (BackendModel loaded = load(saved);
        BackendModel original = compile(file)) {
      assertEquals(original.inputs(), loaded.inputs());
      assertEquals(original.outputs(), loaded.outputs());
      assertArrayEquals(expected, run(loaded, inputs));
      loaded.save(savedAgain);
    }
    try (BackendModel loaded = load(savedAgain)) {
      assertArrayEquals(expected, run(loaded, inputs));
    }
    return saved;
  }

  @Test
  void aModelBeyondTheDefaultLimitsIsLoadedUnderThoseOfItsCompiler() throws IOException {
    Path file = folder.resolve("adding.onnx");
    SmallModels.adding(2_000_000).save(file);
    Path saved = folder.resolve("compiled");
    ModelLimits raised = ModelLimits.defaults().withLoopSteps(2_000_000);
    try (CompiledModel model =
        Compiler.forTarget(Target.onnxRuntime()).limits(raised).build().compile(file)) {
      model.save(saved);
    }
    try (CompiledModel model = Inferc.load(saved)) {
      model.save(saved);
    }
    EditedManifest.replace(saved, "2000000", "1999999");
    String refused =
        assertThrows(ModelFormatException.class, () -> Inferc.load(saved)).getMessage();
    assertTrue(refused.contains("takes 2000000 steps"), refused);
  }

  @Test
  void aModelIsSavedAfterItsFileIsGone() throws IOException {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(4, 8, 2, 1).save(file);
    Path saved = emptyFolder("saved");
    try (Tensor x = image(3, 4);
        BackendModel model = compile(file)) {
      Files.delete(file);
      model.save(saved);
      try (BackendModel loaded = load(saved)) {
        assertArrayEquals(run(model, List.of(x)), run(loaded, List.of(x)));
      }
    }
  }

  @Test
  void largeWeightsGoToAFileBesideTheGraph() throws IOException {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(64, 128, 8, 1).save(file);
    Path saved = emptyFolder("saved");
    ((OnnxRuntimeBackend) backend)
        .writeOptimized(
            "tested",
            file,
            saved.resolve(OnnxRuntimeBackend.MODEL_FILE),
            CPU,
            Optimization.ALL,
            true);
    Path weights = saved.resolve(OnnxRuntimeBackend.MODEL_FILE + ".data");
    assertTrue(Files.size(weights) >= 4 * 64 * 128, "the weights lie in their own file");
    try (Tensor x = image(3, 64);
        BackendModel source = compile(file)) {
      try (BackendModel loaded = load(saved)) {
        assertArrayEquals(run(source, List.of(x)), run(loaded, List.of(x)));
      }
      Files.write(weights, new byte[100]);
      InfercException e = assertThrows(InfercException.class, () -> load(saved).close());
      assertTrue(e.getMessage().contains(weights.getFileName().toString()), e.getMessage());
    }
  }

  /** Constants that no kernel packs are read where they are mapped: this could end the process. */
  @Test
  void largeWeightsMayBeCutOffWhileTheModelRuns() throws IOException {
    int size = 1 << 16;
    Path file = folder.resolve("sum.onnx");
    SmallModels.addConstant(size).save(file);
    Path saved = emptyFolder("saved");
    Path target = saved.resolve(OnnxRuntimeBackend.MODEL_FILE);
    ((OnnxRuntimeBackend) backend)
        .writeOptimized("tested", file, target, CPU, Optimization.ALL, true);
    try (Tensor x = Tensor.allocate(DataType.FLOAT32, size);
        BackendModel source = compile(file);
        BackendModel loaded = load(saved)) {
      Files.write(saved.resolve(OnnxRuntimeBackend.MODEL_FILE + ".data"), new byte[100]);
      assertArrayEquals(run(source, List.of(x)), run(loaded, List.of(x)));
    }
  }

  @Test
  void aDamagedOrMissingFileIsRefusedAtEveryLength() throws IOException {
    Path file = folder.resolve("perceptron.onnx");
    SmallModels.perceptron(4, 8, 2, 1).save(file);
    Path saved = emptyFolder("saved");
    try (BackendModel model = compile(file)) {
      model.save(saved);
    }
    Path payload = saved.resolve(OnnxRuntimeBackend.MODEL_FILE);
    byte[] whole = Files.readAllBytes(payload);
    for (int percent = 0; percent < 100; percent += 5) {
      Files.write(payload, Arrays.copyOf(whole, whole.length * percent / 100));
      InfercException e = assertThrows(InfercException.class, () -> load(saved).close());
      assertFalse(e.remedy().isBlank());
    }
    Files.delete(payload);
    InfercException e = assertThrows(InfercException.class, () -> load(saved).close());
    assertTrue(e.problem().contains(payload.toString()), e.problem());
  }

  @Test
  void theFingerprintNamesWhatASavedModelDependsOn() {
    Fingerprint here = backend.fingerprint(CPU);
    assertEquals(Target.ONNX_RUNTIME, here.backend());
    assertEquals(backend.version(), here.backendVersion());
    assertEquals("cpu", here.device());
    assertEquals("ALL", here.properties().get("optimization"));
    assertTrue(
        here.properties().get("cpu").contains(System.getProperty("os.arch")),
        here.properties().toString());
    OnnxRuntimeOptions options =
        OnnxRuntimeOptions.builder()
            .optimization(Optimization.BASIC)
            .disabledOptimizers("MatMulAddFusion")
            .intraOpThreads(1)
            .build();
    Fingerprint other = backend.fingerprint(Target.onnxRuntime().options(options).choices().get(0));
    assertEquals("BASIC", other.properties().get("optimization"));
    assertEquals("MatMulAddFusion", other.properties().get("disabled_optimizers"));
    assertFalse(other.properties().containsKey("intra_op_threads"), "threads do not matter");
  }

  @Test
  void aForeignFingerprintIsRefusedWithBothValues() {
    Fingerprint here = backend.fingerprint(CPU);
    TreeMap<String, String> otherCpu = new TreeMap<>(here.properties());
    otherCpu.put("cpu", "amd64 sse4_1");
    List<List<Object>> foreign = new ArrayList<>();
    foreign.add(
        List.of(
            new Fingerprint("tensorrt", here.backendVersion(), here.device(), here.properties()),
            "tensorrt"));
    foreign.add(
        List.of(
            new Fingerprint(here.backend(), "1.0.0", here.device(), here.properties()), "1.0.0"));
    foreign.add(
        List.of(
            new Fingerprint(here.backend(), here.backendVersion(), "cuda:1", here.properties()),
            "cuda:1"));
    foreign.add(
        List.of(
            new Fingerprint(here.backend(), here.backendVersion(), here.device(), otherCpu),
            "sse4_1"));
    for (List<Object> pair : foreign) {
      ArtifactCheck check = backend.checkArtifact((Fingerprint) pair.get(0), CPU);
      ArtifactCheck.Refused refused = assertInstanceOf(ArtifactCheck.Refused.class, check);
      assertTrue(refused.reason().contains((String) pair.get(1)), refused.reason());
      assertTrue(refused.remedy().contains("Compile"), refused.remedy());
    }
    Target.Choice capital = Target.onnxRuntime().device("CPU").choices().get(0);
    assertInstanceOf(ArtifactCheck.Fits.class, backend.checkArtifact(here, capital));
  }

  @Test
  void aProcessorWithMoreFlagsIsTakenWhereNoMemoryWasLaidOutForOne() {
    Fingerprint here = backend.fingerprint(CPU);
    for (Optimization level : Optimization.values()) {
      assertEquals(level != Optimization.ALL, fits(here, level, System.getProperty("os.arch")));
      String cpu = here.properties().get("cpu");
      assertTrue(fits(here, level, cpu), "the same processor, " + level);
      assertFalse(fits(here, level, cpu + " quantum"), "a processor with less, " + level);
      assertFalse(fits(here, level, "abacus"), "another architecture, " + level);
    }
  }

  private boolean fits(Fingerprint here, Optimization level, String cpu) {
    TreeMap<String, String> properties = new TreeMap<>(here.properties());
    properties.put("optimization", level.toString());
    properties.put("cpu", cpu);
    Fingerprint saved =
        new Fingerprint(here.backend(), here.backendVersion(), here.device(), properties);
    return backend.checkArtifact(saved, CPU) instanceof ArtifactCheck.Fits;
  }

  @Test
  void aFaithfulModelKeepsEveryNode() throws IOException {
    Path file = folder.resolve("perceptron.onnx");
    OnnxModel source = SmallModels.perceptron(4, 8, 2, 1);
    source.save(file);
    Path saved = emptyFolder("saved");
    try (ModelSource whole = ModelSource.of(file);
        BackendModel model =
            backend.compile(CompileRequest.of(whole, "tested", CPU).asFaithful())) {
      model.save(saved);
    }
    List<String> kept =
        OnnxModel.load(saved.resolve(OnnxRuntimeBackend.MODEL_FILE)).graph().nodes().stream()
            .map(Node::opType)
            .toList();
    assertEquals(source.graph().nodes().stream().map(Node::opType).toList(), kept);
  }
}
