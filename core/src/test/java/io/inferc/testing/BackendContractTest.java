package io.inferc.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.Precision;
import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.shape.ProfileException;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import io.inferc.spi.Capabilities.DynamicShapes;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every back end must do. Extend it in the back end's module and name the target; where the
 * device is missing, all of it is reported as skipped with the reason. What the back end's {@link
 * Capabilities} exclude is checked to be refused with a clear error instead.
 *
 * <p>{@link BackendConcurrencyContractTest} goes with it.
 */
public abstract class BackendContractTest {
  /** Where the models of this contract run. */
  protected abstract Target target();

  @TempDir Path folder;

  private Capabilities capabilities;

  @BeforeEach
  void openBackendOrSkip() {
    skipIfUnavailable(target());
    var opened = BackendRegistry.discover().open(target());
    capabilities = opened.backend().capabilities(opened.choice());
  }

  static void skipIfUnavailable(Target target) {
    String name = target.choices().get(0).backend();
    Availability availability = BackendRegistry.probe(BackendRegistry.discover().provider(name));
    if (availability instanceof Availability.Unavailable u) {
      Assumptions.abort(name + " is not available here: " + u.reason() + " " + u.remedy());
    }
  }

  private CompiledModel compile(OnnxModel model, ShapeProfile... profiles) {
    return compileFor(target(), model, profiles);
  }

  static CompiledModel compileFor(Target target, OnnxModel model, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target).sessions(2);
    for (ShapeProfile p : profiles) {
      builder.profile(p);
    }
    return builder.build().compile(model);
  }

  static ShapeProfile rows(long min, long opt, long max) {
    return ShapeProfile.named("rows" + min + "-" + max).range("rows", min, opt, max);
  }

  private static ShapeProfile batch(String name, long min, long opt, long max) {
    return ShapeProfile.named(name).range("batch", min, opt, max);
  }

  private static void assertSays(Throwable e, String... words) {
    for (String word : words) {
      assertTrue(
          e.getMessage().contains(word), () -> "'" + word + "' is not in: " + e.getMessage());
    }
  }

  // ---- Correctness

  @TestFactory
  Stream<DynamicTest> everyDataTypeIsPassedThroughBitByBitOrRefusedClearly() {
    return Stream.of(DataType.values())
        .map(type -> DynamicTest.dynamicTest(type.toString(), () -> checkType(type)));
  }

  private void checkType(DataType type) {
    OnnxModel model = ContractModels.identity(type);
    ShapeProfile profile = ShapeProfile.named("p").range("n", 1, 6, 16);
    if (!capabilities.dataTypes().contains(type)) {
      InfercException e =
          assertThrows(InfercException.class, () -> compile(model, profile).close());
      assertSays(e, "identity");
      assertFalse(e.remedy().isBlank());
      return;
    }
    try (CompiledModel compiled = compile(model, profile);
        Tensor x =
            ContractSamples.of(type, capabilities.narrowedTypes().getOrDefault(type, type), 6);
        Tensor y = compiled.run(Map.of("x", x)).get("y")) {
      assertEquals(type, y.type());
      assertArrayEquals(new long[] {6}, y.shape());
      if (type == DataType.STRING) {
        assertEquals(x.strings(), y.strings());
      } else {
        assertEquals(x.bytes(), y.bytes());
      }
    }
  }

  @Test
  void resultsAgreeWithTheReferenceForEveryShapeInsideTheProfile() {
    Random random = new Random(11);
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 4, 9));
        InferenceSession session = model.newSession()) {
      for (int rows : new int[] {1, 9, 4, 2, 9, 1}) {
        float[] x = new float[rows * 3];
        for (int i = 0; i < x.length; i++) {
          x[i] = random.nextFloat() * 4 - 2;
        }
        session.input("x", rows, 3).floats().put(0, x);
        session.run();
        Tensor y = session.output("y");
        assertArrayEquals(new long[] {rows, 2}, y.shape());
        assertArrayEquals(ContractModels.denseReference(x), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void allMissingAndUnknownInputsAreNamedAtOnce() {
    try (CompiledModel model = compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        Tensor t = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)) {
      Map<String, Tensor> wrong = new TreeMap<>(Map.of("c", t, "d", t));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> model.run(wrong));
      assertTrue(e.getMessage().contains("[c, d], but the model also needs [a: "), e.getMessage());
      assertTrue(e.getMessage().contains(", b: "), e.getMessage());
      assertTrue(e.getMessage().contains("and has no 'c', 'd'."), e.getMessage());
      IllegalArgumentException async =
          assertThrows(IllegalArgumentException.class, () -> model.runAsync(wrong));
      assertEquals(e.getMessage(), async.getMessage());
      IllegalArgumentException unknown =
          assertThrows(
              IllegalArgumentException.class, () -> model.run(Map.of("a", t, "b", t, "c", t)));
      assertTrue(unknown.getMessage().contains("has no 'c', only [a: "), unknown.getMessage());
    }
  }

  @Test
  void modelsAndSessionsSayWhatTheyAre() {
    CompiledModel model = compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
    InferenceSession session = model.newSession();
    String signature = model.inputs() + " -> " + model.outputs();
    assertEquals(
        model.name() + " on " + model.target() + " at FP32: " + signature, model.toString());
    assertEquals("a session of " + model.name() + ": " + signature, session.toString());
    session.close();
    model.close();
    assertTrue(model.toString().contains("(closed)"), model.toString());
    assertTrue(session.toString().contains("(closed)"), session.toString());
  }

  @Test
  void theMapFormReturnsOwnedCopiesInTheModelsOrder() {
    try (CompiledModel model = compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        InferenceSession session = model.newSession();
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);
        Tensor b = Tensor.of(new float[] {10, 20, 30, 40}, 1, 4);
        Outputs second = session.run(Map.of("a", b, "b", a))) {
      Outputs first = session.run(Map.of("a", a, "b", b));
      assertEquals(List.of("sum", "difference"), List.copyOf(first.keySet()));
      assertArrayEquals(new float[] {11, 22, 33, 44}, first.tensor("sum").toFloatArray());
      assertArrayEquals(new float[] {-9, -18, -27, -36}, first.tensor("difference").toFloatArray());
      assertArrayEquals(new float[] {9, 18, 27, 36}, second.tensor("difference").toFloatArray());
      first.close();
      assertArrayEquals(new float[] {11, 22, 33, 44}, second.tensor("sum").toFloatArray());
    }
  }

  @Test
  void boundBuffersAreUsedAgainFromRunToRun() {
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 2, 4));
        InferenceSession session = model.newSession()) {
      Tensor x = session.input("x");
      assertArrayEquals(new long[] {2, 3}, x.shape(), "an open shape starts at the profile's opt");
      x.floats().put(0, new float[] {1, 0, 0, 0, 1, 0});
      session.run();
      Tensor y = session.output("y");
      var view = y.floats();
      assertEquals(1.25f, view.get(0), 1e-6f);
      x.floats().put(0, 2f);
      session.run();
      assertSame(y, session.output("y"));
      assertSame(x, session.input("x", 2, 3));
      assertEquals(2.25f, view.get(0), 1e-6f, "the same memory shows the new result");
    }
  }

  @Test
  void callersTensorsAreBoundWithoutACopy() {
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession();
        Tensor x =
            Tensor.wrap(
                ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder()),
                DataType.FLOAT32,
                1,
                3);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
      session.bindInput("x", x);
      session.bindOutput("y", y);
      x.floats().put(0, new float[] {1, 1, 0});
      session.run();
      assertArrayEquals(new float[] {3.25f, 0f}, y.toFloatArray(), 1e-6f);
      assertSame(y, session.output("y"));
      x.floats().put(0, 0f);
      session.run();
      assertArrayEquals(new float[] {2.25f, 0f}, y.toFloatArray(), 1e-6f);
    }
  }

  @Test
  void outputsWhoseSizeOnlyTheDataTellsAreReturnedOrTheModelIsRefused() {
    ShapeProfile profile = ShapeProfile.named("p").range("n", 1, 4, 8);
    if (!capabilities.dataDependentOutputs()) {
      assertThrows(InfercException.class, () -> compile(ContractModels.nonZero(), profile).close());
      return;
    }
    try (CompiledModel model = compile(ContractModels.nonZero(), profile);
        InferenceSession session = model.newSession()) {
      session.input("x", 4).floats().put(0, new float[] {0, 5, 0, 7});
      session.run();
      assertArrayEquals(new long[] {1, 3}, session.output("where").toLongArray());
      session.input("x", 4).floats().put(0, new float[] {0, 0, 0, 7});
      session.run();
      assertArrayEquals(new long[] {3}, session.output("where").toLongArray());
    }
  }

  // ---- Profiles

  @Test
  void aRequestOutsideEveryProfileIsRefusedWithTheRanges() {
    try (CompiledModel model =
            compile(
                ContractModels.sumAndDifference(),
                batch("small", 1, 2, 4),
                batch("large", 8, 8, 16));
        InferenceSession session = model.newSession()) {
      for (long outside : new long[] {5, 17}) {
        session.input("a", outside, 4);
        session.input("b", outside, 4);
        ProfileException e = assertThrows(ProfileException.class, session::run);
        assertSays(e, "small", "1..4", "large", "8..16", "[" + outside + ", 4]");
      }
      session.input("a", 16, 4).floats().put(0, 1f);
      session.input("b", 16, 4).floats().put(0, 2f);
      session.run();
      assertEquals(3f, session.output("sum").floats().get(0));
      session.input("a", 3, 4).floats().put(0, 5f);
      session.input("b", 3, 4).floats().put(0, 6f);
      session.run();
      assertArrayEquals(new long[] {3, 4}, session.output("sum").shape());
      assertEquals(11f, session.output("sum").floats().get(0));
    }
  }

  @Test
  void inputsThatShareASymbolMustAgree() {
    try (CompiledModel model = compile(ContractModels.sumAndDifference(), batch("p", 1, 2, 4));
        Tensor a = Tensor.allocate(DataType.FLOAT32, 2, 4);
        Tensor b = Tensor.allocate(DataType.FLOAT32, 3, 4)) {
      assertSays(
          assertThrows(IllegalArgumentException.class, () -> model.run(Map.of("a", a, "b", b))),
          "batch",
          "2",
          "3");
    }
  }

  @Test
  void sizesThatAreBothNamedByAQuestionMarkMayDiffer() {
    Range sizes = new Range(1, 2, 4);
    ShapeProfile profile = ShapeProfile.named("p").input("x", sizes, sizes);
    try (CompiledModel model = compile(ContractModels.questionMarks(), profile);
        Tensor x = Tensor.of(new float[] {1, -2, 3, -4, 5, -6}, 2, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertArrayEquals(new long[] {2, 3}, y.shape());
      assertArrayEquals(new float[] {1, 0, 3, 0, 5, 0}, y.toFloatArray());
    }
  }

  @Test
  void openShapesWithoutAProfileAreServedOrRefusedAsDeclared() {
    if (capabilities.dynamicShapes() == DynamicShapes.ANY) {
      try (CompiledModel model = compile(ContractModels.dense());
          Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3);
          Tensor y = model.run(Map.of("x", x)).get("y")) {
        assertEquals(1.25f, y.floats().get(0), 1e-6f);
      }
    } else {
      assertSays(
          assertThrows(InfercException.class, () -> compile(ContractModels.dense()).close()),
          "profile");
    }
  }

  // ---- Bad input

  @Test
  void wrongNamesTypesRanksAndSizesAreRefusedBeforeTheRuntimeSeesThem() {
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession();
        Tensor right = Tensor.allocate(DataType.FLOAT32, 1, 3);
        Tensor doubles = Tensor.allocate(DataType.FLOAT64, 1, 3);
        Tensor flat = Tensor.allocate(DataType.FLOAT32, 3);
        Tensor wide = Tensor.allocate(DataType.FLOAT32, 1, 5)) {
      assertSays(refused(session, Map.of("z", right)), "'z'", "x: FLOAT32[rows, 3]");
      assertSays(refused(session, Map.of()), "x: FLOAT32[rows, 3]");
      assertSays(refused(session, Map.of("x", doubles)), "FLOAT64", "FLOAT32");
      assertSays(refused(session, Map.of("x", flat)), "rank", "[3]");
      assertSays(refused(session, Map.of("x", wide)), "[1, 5]", "[rows, 3]");
      assertThrows(IllegalArgumentException.class, () -> session.input("x", 1, 5));
      assertThrows(IllegalArgumentException.class, () -> session.input("nope"));
      assertThrows(IllegalArgumentException.class, () -> session.output("nope"));
      assertThrows(IllegalArgumentException.class, () -> session.bindInput("x", flat));
      assertThrows(IllegalArgumentException.class, () -> session.bindOutput("y", flat));
      assertThrows(InfercException.class, () -> session.output("y"), "nothing has run yet");
      session.run(Map.of("x", right)).close();
    }
  }

  private static IllegalArgumentException refused(
      InferenceSession session, Map<String, Tensor> inputs) {
    return assertThrows(IllegalArgumentException.class, () -> session.run(inputs));
  }

  @Test
  void anUnknownOperatorIsRefusedByName() {
    InfercException e =
        assertThrows(
            InfercException.class, () -> compile(ContractModels.unknownOperator()).close());
    assertSays(e, "Frobnicate");
    assertFalse(e.remedy().isBlank());
  }

  @Test
  void anUnknownDeviceIsRefusedWithThoseThereAre() {
    Target nowhere = Target.backend(target().choices().get(0).backend()).device("no-such-device");
    assertSays(
        assertThrows(
            RuntimeException.class, () -> Compiler.forTarget(nowhere).build(), "no such device"),
        "no-such-device");
  }

  @Test
  void precisionsThatCannotBeHadAreRefusedWithThoseThatCan() {
    for (Precision p : List.of(Precision.fp16(), Precision.bf16(), Precision.int8Dynamic())) {
      if (!capabilities.precisions().containsKey(p.numeric())) {
        assertSays(
            assertThrows(
                InfercException.class, () -> Compiler.forTarget(target()).precision(p).build()),
            p.toString(),
            "FP32");
      }
    }
    assertNotNull(Compiler.forTarget(target()).precision(Precision.fp32()).build());
  }

  // ---- Life cycle

  @Test
  void useAfterCloseIsRefusedAndClosingTwiceDoesNoHarm() {
    CompiledModel model = compile(ContractModels.dense(), rows(1, 1, 4));
    InferenceSession session = model.newSession();
    InferenceSession orphan = model.newSession();
    try (Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3)) {
      session.close();
      session.close();
      assertThrows(ResourceClosedException.class, session::run);
      assertThrows(ResourceClosedException.class, () -> session.input("x"));
      assertThrows(ResourceClosedException.class, () -> session.run(Map.of("x", x)));
      model.close();
      model.close();
      assertThrows(ResourceClosedException.class, orphan::run);
      orphan.close();
      assertThrows(ResourceClosedException.class, model::newSession);
      assertThrows(ResourceClosedException.class, () -> model.run(Map.of("x", x)));
      assertThrows(ResourceClosedException.class, () -> model.runAsync(Map.of("x", x)));
      assertThrows(ResourceClosedException.class, () -> model.save(folder.resolve("m")));
    }
  }

  @Test
  void aClosedTensorIsRefused() {
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 1, 4));
        InferenceSession session = model.newSession()) {
      Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 3);
      session.bindInput("x", x);
      session.run();
      x.close();
      assertThrows(ResourceClosedException.class, session::run);
      assertThrows(ResourceClosedException.class, () -> session.run(Map.of("x", x)));
      session.input("x", 1, 3).floats().put(0, new float[] {1, 0, 0});
      session.run();
      assertEquals(1.25f, session.output("y").floats().get(0), 1e-6f);
    }
  }

  @Test
  void aSavedModelGivesTheSameAnswersAfterLoading() throws IOException {
    Path saved = folder.resolve("saved");
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 2, 4))) {
      if (!capabilities.savable()) {
        assertSays(assertThrows(InfercException.class, () -> model.save(saved)), "save");
        assertFalse(Files.exists(saved));
        return;
      }
      model.save(saved);
      model.save(saved);
    }
    float[] x = {1, -2, 0.5f, 0, 3, 1};
    try (CompiledModel loaded = Inferc.load(saved);
        Tensor in = Tensor.of(x, 2, 3);
        Tensor y = loaded.run(Map.of("x", in)).get("y")) {
      assertArrayEquals(ContractModels.denseReference(x), y.toFloatArray(), 1e-5f);
      assertEquals(List.of(rows(1, 2, 4)), loaded.profiles());
      assertEquals("dense", loaded.name());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(saved), left.toList(), "no draft is left behind");
    }
  }

  @Test
  void aDamagedSavedModelIsRefused() throws IOException {
    Assumptions.assumeTrue(capabilities.savable(), "the back end declares that it cannot save");
    Path saved = folder.resolve("saved");
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 2, 4))) {
      model.save(saved);
    }
    List<Path> files;
    try (Stream<Path> all = Files.walk(saved)) {
      // The lock's file is empty, so that nothing can be cut from it.
      files = all.filter(f -> Files.isRegularFile(f) && f.toFile().length() > 0).toList();
    }
    assertTrue(files.size() > 1, "a manifest and a payload");
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      InfercException e =
          assertThrows(InfercException.class, () -> Inferc.load(saved).close(), file.toString());
      assertFalse(e.remedy().isBlank());
      Files.write(file, whole);
    }
    Inferc.load(saved).close();
    Path occupied = Files.createDirectory(folder.resolve("occupied"));
    Files.writeString(occupied.resolve("precious.txt"), "keep me");
    try (CompiledModel model = compile(ContractModels.dense(), rows(1, 2, 4))) {
      assertSays(assertThrows(InfercException.class, () -> model.save(occupied)), "no saved model");
    }
    assertTrue(Files.exists(occupied.resolve("precious.txt")));
    assertSays(
        assertThrows(InfercException.class, () -> Inferc.load(folder.resolve("nowhere"))),
        "nowhere");
  }

  @Test
  void theCapabilitiesAreConsistent() {
    assertTrue(capabilities.dataTypes().containsAll(EnumSet.of(DataType.FLOAT32)));
    assertFalse(capabilities.precisions().isEmpty());
    assertFalse(capabilities.memoryKinds().isEmpty());
  }
}
