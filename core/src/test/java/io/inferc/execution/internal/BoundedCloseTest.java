package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelLimits;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.spi.AbortableSession;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What closing and interrupts do to runs that take long, on a runtime that is a latch. */
@Timeout(30)
class BoundedCloseTest {
  private static final Target.Choice CHOICE = Target.backend("stuck").choices().get(0);
  private static final BoundedClose SOON =
      new BoundedClose(Duration.ofMillis(100), Duration.ofMillis(100));

  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final CountDownLatch modelFreed = new CountDownLatch(1);
  private volatile boolean freedUnderACall;
  private volatile boolean inside;

  private ExecutableModel model(boolean abortable) {
    return ExecutableModel.of(
        "stuck",
        ModelFacts.unknown(),
        ModelLimits.defaults(),
        new StuckModel(abortable),
        new StuckBackend(),
        CHOICE,
        List.of(),
        new ExecutionOptions(OptionalInt.of(1), Optional.empty()),
        SOON);
  }

  private static CompletableFuture<Void> started(Runnable work) {
    return CompletableFuture.runAsync(work, task -> new Thread(task, "runner").start());
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(CompletionException.class, future::join).getCause();
  }

  private static void runOnce(ExecutableModel model) {
    try (Tensor x = Tensor.of(new float[] {1}, 1);
        Outputs y = model.run(Map.of("x", x))) {
      assertEquals(1, y.size());
    }
  }

  @Test
  void closingReturnsFromARunThatTheRuntimeDoesNotEndAndFreesWhenItHasEnded() throws Exception {
    ExecutableModel model = model(false);
    CompletableFuture<Void> run = started(() -> runOnce(model));
    running.await();
    model.close();
    assertThrows(ResourceClosedException.class, model::newSession);
    assertFalse(modelFreed.await(200, TimeUnit.MILLISECONDS), "freed under a run");
    mayEnd.countDown();
    run.join();
    assertTrue(modelFreed.await(10, TimeUnit.SECONDS), "never freed");
    assertFalse(freedUnderACall);
  }

  @Test
  void closingASessionOfOnesOwnIsBoundedToo() throws Exception {
    ExecutableModel model = model(false);
    InferenceSession session = model.newSession();
    CompletableFuture<Void> run = started(session::run);
    running.await();
    session.close();
    model.close();
    assertFalse(modelFreed.await(200, TimeUnit.MILLISECONDS), "freed under a run");
    mayEnd.countDown();
    run.join();
    assertTrue(modelFreed.await(10, TimeUnit.SECONDS), "never freed");
    assertFalse(freedUnderACall);
  }

  @Test
  void closingEndsARunThatTheRuntimeCanEnd() throws Exception {
    ExecutableModel model = model(true);
    CompletableFuture<Void> run = started(() -> runOnce(model));
    running.await();
    model.close();
    assertInstanceOf(ResourceClosedException.class, failure(run));
    assertEquals(0, modelFreed.getCount());
    assertFalse(freedUnderACall);
  }

  @Test
  void aRunThatEndsInTimeIsFinished() throws Exception {
    ExecutableModel model = model(true);
    CompletableFuture<Void> run = started(() -> runOnce(model));
    running.await();
    mayEnd.countDown();
    model.close();
    run.join();
    assertEquals(0, modelFreed.getCount());
  }

  @Test
  void anInterruptEndsARunAndTheSessionGoesOn() throws Exception {
    try (ExecutableModel model = model(true);
        InferenceSession session = model.newSession()) {
      CompletableFuture<Boolean> flag = new CompletableFuture<>();
      Thread runner =
          new Thread(
              () -> {
                assertThrows(CancelledException.class, session::run);
                flag.complete(Thread.currentThread().isInterrupted());
              });
      runner.start();
      running.await();
      runner.interrupt();
      assertTrue(flag.get(10, TimeUnit.SECONDS), "the flag is lost");
      mayEnd.countDown();
      session.run();
      Thread.currentThread().interrupt();
      assertThrows(CancelledException.class, session::run);
      assertTrue(Thread.interrupted());
      session.run();
    }
  }

  private final class StuckModel implements BackendModel {
    private final boolean abortable;

    StuckModel(boolean abortable) {
      this.abortable = abortable;
    }

    @Override
    public List<TensorSpec> inputs() {
      return List.of(TensorSpec.of("x", DataType.FLOAT32, 1));
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(TensorSpec.of("y", DataType.FLOAT32, 1));
    }

    @Override
    public BackendSession newSession(int profile) {
      return abortable ? new AbortableStuckSession() : new StuckSession();
    }

    @Override
    public void save(Path folder) {
      throw new UnsupportedOperationException("this model is not saved");
    }

    @Override
    public void close() {
      if (inside) {
        freedUnderACall = true;
      }
      modelFreed.countDown();
    }
  }

  private class StuckSession implements BackendSession {
    protected volatile boolean ended;

    @Override
    public void bindInput(int index, Tensor tensor) {
      // The answer is always the same.
    }

    @Override
    public void bindOutput(int index, Tensor tensor) {
      // The answer is always the same.
    }

    @Override
    public void unbindOutput(int index) {
      // The answer is always the same.
    }

    @Override
    public void run() {
      inside = true;
      running.countDown();
      try {
        // Native code does not hear of interrupts either.
        while (!ended
            && !BoundedClose.await(1_000_000, n -> mayEnd.await(n, TimeUnit.NANOSECONDS))) {
          Thread.onSpinWait();
        }
      } finally {
        inside = false;
      }
      if (ended) {
        throw new InfercException(Stage.RUN, "It was ended.", "Run again.");
      }
    }

    @Override
    public Tensor takeOutput(int index) {
      throw new UnsupportedOperationException("all outputs are bound");
    }

    @Override
    public void close() {
      if (inside) {
        freedUnderACall = true;
      }
    }
  }

  private final class AbortableStuckSession extends StuckSession implements AbortableSession {
    @Override
    public void abort() {
      ended = true;
    }

    @Override
    public void resume() {
      ended = false;
    }
  }

  private final class StuckBackend implements Backend {
    @Override
    public String name() {
      return "stuck";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public Capabilities capabilities(Target.Choice choice) {
      return Capabilities.builder().build();
    }

    @Override
    public BackendModel compile(CompileRequest request) {
      return new StuckModel(true);
    }

    @Override
    public Fingerprint fingerprint(Target.Choice choice) {
      return Fingerprint.of("stuck", "1", "nothing", Map.of());
    }

    @Override
    public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
      return new ArtifactCheck.Fits();
    }

    @Override
    public BackendModel load(Path folder, LoadRequest request) {
      return new StuckModel(true);
    }

    @Override
    public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
      return StorageAllocator.host();
    }
  }
}
