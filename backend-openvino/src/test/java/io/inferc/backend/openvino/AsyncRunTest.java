package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.backend.openvino.OpenVinoOptions.PerformanceHint;
import io.inferc.common.InfercException;
import io.inferc.execution.internal.ExecutableModel;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.spi.CallbackSession;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.ContractModels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests whose end OpenVINO tells by a callback, and the pool that serves them. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AsyncRunTest {
  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  private static Target throughput() {
    return Target.openVino()
        .options(OpenVinoOptions.builder().performanceHint(PerformanceHint.THROUGHPUT).build());
  }

  @Test
  void requestsEndByOpenVinosCallbackAndGetTheirOwnAnswers() {
    int before = RunCallback.count();
    try (CompiledModel model =
        Compiler.forTarget(Target.openVino())
            .sessions(4)
            .profile(TestModels.rows("p", 1, 2, 4))
            .build()
            .compile(ContractModels.dense())) {
      List<Tensor> inputs = new ArrayList<>();
      List<CompletableFuture<Outputs>> futures = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        Tensor x = Tensor.of(new float[] {i, 1, 0}, 1, 3);
        inputs.add(x);
        futures.add(model.runAsync(Map.of("x", x)));
        if (i % 10 == 0) {
          // Both ways share the sessions.
          model.run(Map.of("x", x)).close();
        }
      }
      for (int i = 0; i < futures.size(); i++) {
        try (Tensor y = futures.get(i).join().get("y")) {
          assertArrayEquals(
              ContractModels.denseReference(new float[] {i, 1, 0}), y.toFloatArray(), 1e-4f);
        }
      }
      inputs.forEach(Tensor::close);
      int used = RunCallback.count() - before;
      assertTrue(used >= 1 && used <= 4, used + " requests have a callback");
    }
    assertEquals(before, RunCallback.count(), "callbacks outlive their requests");
  }

  @Test
  void aRunThatFailsFailsItsFutureAloneAndThePoolGoesOn() {
    OnnxModel model =
        OnnxModel.of(
            Graph.builder("fallible")
                .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
                .input(TensorSpec.of("sizes", DataType.INT64, "2"))
                .output(TensorSpec.of("y", DataType.FLOAT32, "?, ?"))
                .node(Node.of("Reshape", List.of("x", "sizes"), List.of("y")))
                .build(),
            17);
    try (CompiledModel compiled =
            Compiler.forTarget(Target.openVino()).sessions(1).build().compile(model);
        Tensor x = Tensor.of(new float[] {0, 5, 0, 7}, 4);
        Tensor broken = Tensor.of(new long[] {3, 2}, 2);
        Tensor kept = Tensor.of(new long[] {2, 2}, 2)) {
      for (int turn = 0; turn < 3; turn++) {
        CompletionException e =
            assertThrows(
                CompletionException.class,
                () -> compiled.runAsync(Map.of("x", x, "sizes", broken)).join());
        assertInstanceOf(InfercException.class, e.getCause());
        assertTrue(e.getCause().getMessage().contains("fallible"), e.getCause().getMessage());
        try (Tensor y = compiled.runAsync(Map.of("x", x, "sizes", kept)).join().get("y")) {
          assertArrayEquals(new long[] {2, 2}, y.shape());
        }
      }
    }
  }

  @Test
  void outputsOfUnknownSizeComeBackToo() {
    try (CompiledModel model = TestModels.compile(ContractModels.nonZero());
        Tensor x = Tensor.of(new float[] {3, 0, 4}, 3);
        Tensor found = model.runAsync(Map.of("x", x)).join().values().iterator().next()) {
      assertArrayEquals(new long[] {0, 2}, found.toLongArray());
    }
  }

  @Test
  void whateverTheListenerThrowsStaysOutOfOpenVino() throws Exception {
    OpenVinoBackend backend = new OpenVinoBackend(OpenVinoRuntime.get());
    var choice = Target.openVino().choices().get(0);
    try (var source = ModelSource.of(ContractModels.dense());
        var model = backend.compile(CompileRequest.of(source, "dense", choice));
        var session = assertInstanceOf(CallbackSession.class, model.newSession(-1));
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
        Tensor y = Tensor.allocate(DataType.FLOAT32, 1, 2)) {
      session.bindInput(0, x);
      session.bindOutput(0, y);
      AtomicReference<Thread> on = new AtomicReference<>();
      for (int turn = 0; turn < 3; turn++) {
        CountDownLatch called = new CountDownLatch(1);
        session.start(
            () -> {
              on.set(Thread.currentThread());
              called.countDown();
              throw new IllegalStateException("thrown by a listener, on purpose");
            });
        assertTrue(called.await(30, TimeUnit.SECONDS), "never called back");
        session.finish();
        assertTrue(on.get() != Thread.currentThread(), "on a thread of OpenVINO's");
        // Without a listener, in the other way.
        session.run();
        assertArrayEquals(
            ContractModels.denseReference(new float[] {1, 2, 3}), y.toFloatArray(), 1e-5f);
      }
    }
  }

  @Test
  void thePoolHasAsManyRequestsAsOpenVinoCallsOptimal() {
    try (ExecutableModel tuned =
            (ExecutableModel) TestModels.compile(throughput(), ContractModels.dense());
        ExecutableModel chosen =
            (ExecutableModel)
                Compiler.forTarget(throughput())
                    .sessions(3)
                    .build()
                    .compile(ContractModels.dense());
        ExecutableModel streams =
            (ExecutableModel)
                TestModels.compile(
                    Target.openVino()
                        .options(OpenVinoOptions.builder().streams(2).threads(2).build()),
                    ContractModels.dense())) {
      assertEquals(optimal(), tuned.sessions());
      assertEquals(3, chosen.sessions(), "the caller's word counts");
      assertEquals(2, streams.sessions());
    }
  }

  /** Asked of OpenVINO without anything of ours between. */
  private static int optimal() {
    OpenVinoRuntime runtime = OpenVinoRuntime.get();
    try (ModelSource source = ModelSource.of(ContractModels.dense());
        ReadModel model = ReadModel.of(runtime, source.path())) {
      CompiledShape compiled =
          CompiledShape.compile(
              runtime,
              model.handle(),
              "CPU",
              Map.of("PERFORMANCE_HINT", "THROUGHPUT", "INFERENCE_PRECISION_HINT", "f32"));
      try {
        return Integer.parseInt(compiled.property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"));
      } finally {
        compiled.free();
      }
    }
  }
}
