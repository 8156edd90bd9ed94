package io.inferc.backend.tensorrt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.inferc.Compiler;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.ProgressListener;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.SaveOptions;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Availability;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.PrecisionPlan;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Tensor;
import io.inferc.testing.ContractModels;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only TensorRT has, on a device. */
@Timeout(600)
class TensorRtDeviceTest {
  private static final float[] X = {1, -2, 0.5f, 0, 3, 1};

  @TempDir Path folder;

  @BeforeEach
  void skipWithoutADevice() {
    Availability found = new TensorRtProvider().probe();
    if (found instanceof Availability.Unavailable u) {
      Assumptions.abort("TensorRT is not available here: " + u.reason() + " " + u.remedy());
    }
  }

  private static ShapeProfile rows(long min, long opt, long max) {
    return ShapeProfile.named("rows" + min + "-" + max).range("rows", min, opt, max);
  }

  private static CompiledModel dense(Target target, ShapeProfile... profiles) {
    Compiler.Builder builder = Compiler.forTarget(target).sessions(1);
    for (ShapeProfile profile : profiles) {
      builder.profile(profile);
    }
    return builder.build().compile(ContractModels.dense());
  }

  private static Tensor allocate(MemoryKind kind, DataType type, long... shape) {
    var opened = BackendRegistry.discover().open(Target.tensorRt());
    long bytes =
        type.byteSize(shape.length == 0 ? 1 : Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    return Tensor.over(
        opened.backend().allocator(kind, opened.choice()).allocate(bytes), type, shape);
  }

  private static BackendModel compile(TensorRtOptions options, OnnxModel model, ShapeProfile p) {
    var opened = BackendRegistry.discover().open(Target.tensorRt().options(options));
    try (ModelSource source = ModelSource.of(model)) {
      return opened
          .backend()
          .compile(
              new CompileRequest(
                  source,
                  "m",
                  opened.choice(),
                  List.of(p),
                  PrecisionPlan.fp32(),
                  false,
                  ProgressListener.none(),
                  new Cancellation()));
    }
  }

  private static TensorRtOptions.Builder quick() {
    return TensorRtOptions.builder().builderLevel(1).isolatedBuild(false);
  }

  @Test
  void dataMayStayOnTheDeviceFromRunToRun() {
    for (int graphs : new int[] {0, 4}) {
      try (CompiledModel model = dense(Targets.quick(graphs), rows(1, 2, 4));
          InferenceSession session = model.newSession();
          Tensor x = allocate(MemoryKind.DEVICE, DataType.FLOAT32, 2, 3);
          Tensor y = allocate(MemoryKind.DEVICE, DataType.FLOAT32, 2, 2);
          Tensor back = Tensor.allocate(DataType.FLOAT32, 2, 2)) {
        session.bindInput("x", x);
        session.bindOutput("y", y);
        for (int run = 1; run <= 6; run++) {
          float[] values = X.clone();
          values[0] = run;
          try (Tensor host = Tensor.of(values, 2, 3)) {
            DeviceCopies.copy(host, x);
          }
          session.run();
          DeviceCopies.copy(y, back);
          assertArrayEquals(ContractModels.denseReference(values), back.toFloatArray(), 1e-5f);
        }
      }
    }
  }

  @Test
  void pinnedTensorsAreReadAndWrittenWhereTheyLie() {
    try (CompiledModel model = dense(Targets.quick(4), rows(1, 2, 4));
        InferenceSession session = model.newSession();
        Tensor x = allocate(MemoryKind.PINNED, DataType.FLOAT32, 2, 3);
        Tensor y = allocate(MemoryKind.PINNED, DataType.FLOAT32, 2, 2)) {
      session.bindInput("x", x);
      session.bindOutput("y", y);
      for (int run = 0; run < 5; run++) {
        x.floats().put(0, X).put(1, run);
        session.run();
        float[] values = X.clone();
        values[1] = run;
        assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void shapesThatComeBackAreReplayedAndStayRightBesideEachOther() {
    try (BackendModel model =
            compile(quick().cudaGraphs(2).build(), ContractModels.dense(), rows(1, 2, 8));
        TensorRtSession session = (TensorRtSession) model.newSession(0)) {
      boolean replayed = false;
      for (int round = 0; round < 6; round++) {
        for (int rows : new int[] {1, 2, 5}) {
          float[] values = new float[rows * 3];
          for (int i = 0; i < values.length; i++) {
            values[i] = (round * 7 + i * 3) % 11 - 5;
          }
          try (Tensor x = Tensor.of(values, rows, 3);
              Tensor y = Tensor.allocate(DataType.FLOAT32, rows, 2)) {
            session.bindInput(0, x);
            session.bindOutput(0, y);
            for (int run = 0; run < 4; run++) {
              y.floats().put(0, -1f);
              session.run();
              assertArrayEquals(ContractModels.denseReference(values), y.toFloatArray(), 1e-4f);
            }
            replayed |= session.isRecorded();
          }
        }
      }
      assertTrue(replayed, "no run was replayed from a graph");
    }
  }

  @Test
  void anOutputWithoutMemoryIsCopiedOut() {
    try (BackendModel model =
            compile(quick().cudaGraphs(2).build(), ContractModels.dense(), rows(1, 2, 8));
        TensorRtSession session = (TensorRtSession) model.newSession(0);
        Tensor x = Tensor.of(X, 2, 3)) {
      session.bindInput(0, x);
      session.unbindOutput(0);
      for (int run = 0; run < 4; run++) {
        session.run();
        try (Tensor y = session.takeOutput(0)) {
          assertArrayEquals(new long[] {2, 2}, y.shape());
          assertArrayEquals(ContractModels.denseReference(X), y.toFloatArray(), 1e-5f);
        }
      }
    }
  }

  @Test
  void aBoundRunAllocatesNothingOnTheHeap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int graphs : new int[] {0, 4}) {
      try (CompiledModel model = dense(Targets.quick(graphs), rows(1, 2, 4));
          InferenceSession session = model.newSession()) {
        session.input("x", 2, 3).floats().put(0, X);
        for (int i = 0; i < 20_000; i++) {
          session.run();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
          session.run();
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 1_000, () -> "1,000 runs allocated " + allocated + " bytes");
      }
    }
  }

  @Test
  void theKernelsNameTheNodesTheyStandFor() {
    try (BackendModel model =
        compile(
            quick().build(),
            ContractModels.sumAndDifference(),
            ShapeProfile.named("p").range("batch", 1, 2, 4))) {
      List<KernelInfo> kernels = model.kernels();
      assertFalse(kernels.isEmpty());
      assertTrue(kernels.stream().anyMatch(k -> k.precision().isPresent()), kernels.toString());
      assertTrue(kernels.stream().anyMatch(k -> !k.nodes().isEmpty()), kernels.toString());
    }
  }

  @Test
  void anEngineFromAnotherJvmGivesTheSameAnswersAndTellsItsPhases() {
    List<String> tasks = new ArrayList<>();
    Target isolated = Target.tensorRt().options(TensorRtOptions.builder().builderLevel(1).build());
    try (CompiledModel model =
            Compiler.forTarget(isolated)
                .profile(rows(1, 2, 4))
                .progress((stage, task, done, total) -> tasks.add(task))
                .build()
                .compile(ContractModels.dense());
        Tensor x = Tensor.of(X, 2, 3);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertArrayEquals(ContractModels.denseReference(X), y.toFloatArray(), 1e-5f);
    }
    assertTrue(tasks.contains(BuildPhase.PARSE.task()), tasks.toString());
    assertTrue(tasks.contains(BuildPhase.ASSEMBLE.task()), tasks.toString());
    assertTrue(tasks.contains(BuildPhase.DONE.task()), tasks.toString());
  }

  @Test
  void aBuildInAnotherJvmEndsWhenItIsCancelled() {
    Cancellation cancellation = new Cancellation();
    Compiler compiler =
        Compiler.forTarget(Target.tensorRt())
            .profile(rows(1, 2, 4))
            .cancellation(cancellation)
            .progress(
                (stage, task, done, total) -> {
                  if (stage == Stage.COMPILE && task.equals(BuildPhase.TIME.task())) {
                    cancellation.cancel();
                  }
                })
            .build();
    assertThrows(CancelledException.class, () -> compiler.compile(ContractModels.dense()).close());
  }

  @Test
  void aRefusedNodeIsNamedFromBothKindsOfBuild() {
    for (boolean isolated : new boolean[] {false, true}) {
      Target target = Target.tensorRt().options(quick().isolatedBuild(isolated).build());
      InfercException e =
          assertThrows(
              InfercException.class,
              () ->
                  Compiler.forTarget(target)
                      .build()
                      .compile(ContractModels.unknownOperator())
                      .close());
      assertTrue(e.getMessage().contains("'odd-one' (Frobnicate)"), e.getMessage());
    }
  }

  @Test
  void measuredTimesAreKeptAndADamagedFileIsReplaced() throws Exception {
    Path cache = folder.resolve("deep").resolve("timing.cache");
    TensorRtOptions options = quick().timingCache(cache).build();
    compile(options, ContractModels.heavy(64), rows(1, 2, 4)).close();
    long size = Files.size(cache);
    assertTrue(size > 0);
    compile(options, ContractModels.heavy(64), rows(1, 2, 4)).close();
    assertTrue(Files.size(cache) >= size, "what was known was lost");
    Files.write(cache, new byte[] {1, 2, 3});
    compile(options, ContractModels.heavy(64), rows(1, 2, 4)).close();
    assertTrue(Files.size(cache) > 3);
  }

  @Test
  void weightsBesideTheModelAreRead() {
    Path file = folder.resolve("heavy.onnx");
    ContractModels.heavy(64).save(file, SaveOptions.externalData());
    try (CompiledModel model =
            Compiler.forTarget(Targets.quick(0)).profile(rows(1, 2, 4)).build().compile(file);
        Tensor x = Tensor.allocate(DataType.FLOAT32, 1, 64)) {
      x.floats().put(0, 1f);
      try (Tensor y = model.run(Map.of("x", x)).get("y")) {
        assertEquals(1f, y.floats().get(4));
      }
    }
  }

  @Test
  void memoryOfAnotherKindThanOursIsRefused() {
    try (CompiledModel model = dense(Targets.quick(0), rows(1, 2, 4));
        InferenceSession session = model.newSession();
        Tensor foreign = Tensor.over(new ForeignDeviceMemory(24), DataType.FLOAT32, 2, 3)) {
      session.bindInput("x", foreign);
      assertTrue(
          assertThrows(IllegalArgumentException.class, session::run)
              .getMessage()
              .contains("allocator"));
    }
  }

  @Test
  void theDeviceIsDescribedWithItsMemory() {
    Availability.Available found =
        assertInstanceOf(Availability.Available.class, new TensorRtProvider().probe());
    assertEquals("cuda:0", found.devices().get(0).id());
    assertTrue(found.devices().get(0).memoryBytes().getAsLong() > 1L << 30);
  }
}
