package io.inferc.backend.migraphx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Asynchronous runs with the real library's reference target, which takes a queue and ignores it,
 * and a device that is host memory. What a GPU alone can show, the module's README lists.
 */
class StreamExecutionTest {
  private static final ShapeProfile ROWS = ShapeProfile.named("p").range("rows", 1, 2, 8);

  private final HostStreams streams = new HostStreams();
  private MigraphxLibrary library;
  private ProgramCache<Program> programs;

  @BeforeEach
  void findLibraryOrSkip() {
    library = RealLibrary.orSkip();
  }

  @AfterEach
  void everythingWasGivenBack() {
    if (programs != null) {
      programs.close();
      assertEquals(0, streams.held());
    }
  }

  private ProgramCompiler compiler(OnnxModel model, ShapeProfile... profiles) {
    List<TensorSpec> inputs =
        model.graph().requiredInputs().stream().map(i -> i.tensor().orElseThrow()).toList();
    ProgramCompiler compiler =
        new ProgramCompiler(
            library,
            "m",
            library.targets().choose("ref").orElseThrow(),
            MigraphxOptions.defaults(),
            model,
            inputs,
            ProfileSizes.of("m", inputs, List.of(profiles), Optional.empty()));
    programs = new ProgramCache<>(4, compiler::compile, Program::free);
    return compiler;
  }

  private MigraphxSession session(ProgramCompiler compiler, int profile) {
    List<TensorSpec> outputs =
        compiler.model().graph().outputs().stream()
            .map(ValueInfo::tensor)
            .map(Optional::orElseThrow)
            .toList();
    Execution execution =
        new StreamExecution(streams, compiler.name(), library.types(), compiler.inputs());
    return new MigraphxSession(programs, compiler, outputs, profile, execution);
  }

  private static float[] rows(int count, int seed) {
    float[] x = new float[count * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i + seed) % 7 - 3;
    }
    return x;
  }

  private static void assertDense(MigraphxSession session, int count, int seed) {
    float[] values = rows(count, seed);
    try (Tensor x = Tensor.of(values, count, 3)) {
      session.bindInput(0, x);
      session.run();
      try (Tensor y = session.takeOutput(0)) {
        assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void runsOfAllSizesAreRightAndOldMemoryIsGivenBack() {
    try (MigraphxSession session = session(compiler(ContractModels.dense(), ROWS), 0)) {
      assertDense(session, 2, 0);
      int held = streams.held();
      for (int count : new int[] {1, 8, 3, 2, 2}) {
        assertDense(session, count, count);
        assertEquals(held, streams.held());
      }
    }
  }

  @Test
  void boundTensorsAreWrittenInEveryRun() {
    try (MigraphxSession session = session(compiler(ContractModels.dense(), ROWS), 0);
        Tensor x = Tensor.of(rows(2, 0), 2, 3);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 2, 2)) {
      session.bindInput(0, x);
      session.bindOutput(0, y);
      for (int seed = 0; seed < 3; seed++) {
        x.floats().put(0, rows(2, seed));
        session.run();
        assertArrayEquals(ContractModels.denseReference(rows(2, seed)), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void scalarsAndTransposedOutputsComeBackInTheModelsForm() {
    try (MigraphxSession session = session(compiler(OutputForms.model()), ProfileSizes.NONE);
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor s = Tensor.of(new float[] {0.5f})) {
      session.bindInput(0, x);
      session.bindInput(1, s);
      session.run();
      try (Tensor t = session.takeOutput(0);
          Tensor total = session.takeOutput(1)) {
        assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, t.toFloatArray());
        assertArrayEquals(new long[0], total.shape());
        assertEquals(21.5f, total.floats().get(0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"createStream", "allocate", "allocateHost", "copyIn", "copyOut", "synchronize"})
  void aFailureOfTheDeviceIsReportedAndTheSessionCanBeUsedAgain(String function) {
    try (MigraphxSession session = session(compiler(ContractModels.dense(), ROWS), 0)) {
      streams.failNext(function);
      InfercException e = assertThrows(InfercException.class, () -> assertDense(session, 2, 0));
      assertTrue(e.problem().contains(function + " returned the status 2"), e.problem());
      assertTrue(e.problem().contains("hipErrorOutOfMemory"), e.problem());
      assertDense(session, 2, 1);
    }
  }

  @Test
  void sessionsOfOneProgramDoNotDisturbEachOther() throws Exception {
    ProgramCompiler compiler = compiler(ContractModels.dense(), ROWS);
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int seed = thread;
        all.add(
            pool.submit(
                () -> {
                  try (MigraphxSession session = session(compiler, 0)) {
                    for (int i = 0; i < 50; i++) {
                      assertDense(session, 2, seed + i);
                    }
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void targetsWithoutStreamsRefuseAsynchronousRuns() {
    Target target =
        Target.migraphx()
            .device("ref")
            .options(MigraphxOptions.builder().asynchronous(true).build());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Compiler.forTarget(target)
                    .profile(ShapeProfile.named("p").range("rows", 1, 1, 2))
                    .build()
                    .compile(ContractModels.dense())
                    .close());
    assertTrue(e.getMessage().contains("'ref'"), e.getMessage());
    assertTrue(e.getMessage().contains("'gpu'"), e.getMessage());
  }
}
