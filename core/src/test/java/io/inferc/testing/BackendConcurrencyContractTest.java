package io.inferc.testing;

import static io.inferc.testing.ContractSetup.compileFor;
import static io.inferc.testing.ContractSetup.rows;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.ConcurrentUseException;
import io.inferc.common.ResourceClosedException;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every back end must do with many threads and over a long time. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
public abstract class BackendConcurrencyContractTest {
  private static final int WIDTH = 256;
  private static final int CYCLES = 40;

  /** Where the models of this contract run. */
  protected abstract Target target();

  /**
   * How many models the tests for leaks compile, use and close; fewer where compiling takes seconds
   * by its nature. One that is leaked each time must still show: 10 at the least.
   */
  protected int lives() {
    return CYCLES;
  }

  @BeforeEach
  void skipIfUnavailable() {
    ContractSetup.skipIfUnavailable(target());
  }

  private CompiledModel heavy() {
    return compileFor(target(), ContractModels.heavy(WIDTH), rows(1, 64, 512));
  }

  @Test
  void aSecondThreadOnOneSessionIsRefusedAndTheFirstIsNotDisturbed() throws Exception {
    try (CompiledModel model = heavy();
        InferenceSession session = model.newSession()) {
      session.input("x", 512, WIDTH).floats().put(0, 1f);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      CountDownLatch running = new CountDownLatch(1);
      Thread runner =
          new Thread(
              () -> {
                while (!stop.get()) {
                  try {
                    running.countDown();
                    session.run();
                  } catch (ConcurrentUseException e) {
                    // The other thread was inside at that moment; both must only ever get this.
                    Thread.onSpinWait();
                  } catch (RuntimeException e) {
                    failure.set(e);
                    return;
                  }
                }
              },
              "first-runner");
      runner.start();
      running.await();
      ConcurrentUseException refused = null;
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (refused == null && System.nanoTime() < deadline) {
        try {
          session.input("x");
        } catch (ConcurrentUseException e) {
          refused = e;
        }
      }
      stop.set(true);
      runner.join();
      assertTrue(refused != null, "a minute of calls beside a running session was never refused");
      assertTrue(refused.getMessage().contains("first-runner"), refused.getMessage());
      assertEquals(null, failure.get());
    }
  }

  @Test
  void eightThreadsWithASessionEachGetTheirOwnAnswers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (CompiledModel model = compileFor(target(), ContractModels.dense(), rows(1, 4, 16))) {
      List<Future<?>> futures = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int seed = t;
        futures.add(threads.submit(() -> runMany(model, seed)));
      }
      for (Future<?> f : futures) {
        f.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void runMany(CompiledModel model, int seed) {
    try (InferenceSession session = model.newSession()) {
      for (int i = 0; i < 200; i++) {
        int rows = 1 + (seed + i) % 16;
        float[] x = new float[rows * 3];
        for (int k = 0; k < x.length; k++) {
          x[k] = (seed * 31 + i * 7 + k) % 13 - 6;
        }
        session.input("x", rows, 3).floats().put(0, x);
        session.run();
        assertArrayEquals(
            ContractModels.denseReference(x), session.output("y").toFloatArray(), 1e-4f);
      }
    }
  }

  @Test
  void asynchronousRequestsAreServedInABoundedPool() {
    try (CompiledModel model = compileFor(target(), ContractModels.dense(), rows(1, 1, 4))) {
      List<Tensor> inputs = new ArrayList<>();
      List<CompletableFuture<Outputs>> futures = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Tensor x = Tensor.of(new float[] {i, 0, 0}, 1, 3);
        inputs.add(x);
        futures.add(model.runAsync(Map.of("x", x)));
      }
      for (int i = 0; i < futures.size(); i++) {
        try (Tensor y = futures.get(i).join().get("y")) {
          assertEquals(i + 0.25f, y.floats().get(0), 1e-4f);
        }
      }
      inputs.forEach(Tensor::close);
      try (Tensor wrong = Tensor.allocate(DataType.FLOAT32, 1, 7)) {
        assertThrows(IllegalArgumentException.class, () -> model.runAsync(Map.of("x", wrong)));
      }
    }
  }

  @Test
  void closingAModelRefusesWaitingRequestsAndWaitsForRunningOnes() throws Exception {
    CompiledModel model =
        Compiler.forTarget(target())
            .sessions(1)
            .profile(rows(1, 64, 512))
            .build()
            .compile(ContractModels.heavy(WIDTH));
    try (Tensor x = Tensor.allocate(DataType.FLOAT32, 512, WIDTH)) {
      List<CompletableFuture<Outputs>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(model.runAsync(Map.of("x", x)));
      }
      futures.get(0).get().close();
      model.close();
      int served = 0;
      for (var future : futures.subList(1, futures.size())) {
        assertTrue(future.isDone(), "close returned while a request was still under way");
        try {
          future.get().close();
          served++;
        } catch (ExecutionException e) {
          assertInstanceOf(ResourceClosedException.class, e.getCause());
        }
      }
      assertTrue(served < 19, "20 requests were all served before close");
      assertThrows(
          ResourceClosedException.class,
          () -> {
            try {
              model.runAsync(Map.of("x", x)).join();
            } catch (CompletionException e) {
              throw e.getCause();
            }
          });
    }
  }

  @Test
  void closingASessionWaitsForItsRun() throws Exception {
    try (CompiledModel model = heavy()) {
      for (int i = 0; i < 20; i++) {
        InferenceSession session = model.newSession();
        session.input("x", 512, WIDTH).floats().put(0, 1f);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread runner =
            new Thread(
                () -> {
                  try {
                    session.run();
                  } catch (ResourceClosedException e) {
                    // Closed before it began.
                    Thread.onSpinWait();
                  } catch (RuntimeException e) {
                    failure.set(e);
                  }
                });
        runner.start();
        session.close();
        runner.join();
        assertEquals(null, failure.get());
      }
    }
  }

  @Test
  void manyLivesLeaveNoBufferBehind() {
    try (BufferPool pool = BufferPool.builder().debug(true).build()) {
      for (int i = 0; i < lives(); i++) {
        try (CompiledModel model =
                Compiler.forTarget(target())
                    .bufferPool(pool)
                    .profile(rows(1, 2, 4))
                    .build()
                    .compile(ContractModels.dense());
            InferenceSession session = model.newSession();
            Tensor x = Tensor.of(new float[] {1, 0, 0}, 1, 3)) {
          for (int run = 1; run <= 4; run++) {
            session.input("x", run, 3);
            session.run();
            session.run(Map.of("x", x)).close();
            model.run(Map.of("x", x)).close();
          }
        }
      }
      assertEquals(List.of(), pool.leaks());
      assertEquals(0, pool.statistics().bytesInUse());
      assertEquals(0, pool.statistics().leaked());
    }
  }

  @Test
  void manyLivesLeaveNoNativeMemoryBehind() {
    for (int i = 0; i < lives(); i++) {
      liveOnce();
    }
    long before = ProcessMemory.residentBytes();
    for (int i = 0; i < lives(); i++) {
      liveOnce();
    }
    long grown = ProcessMemory.residentBytes() - before;
    // The weights of one model take 4 MB at the least, so one that is leaked each time shows.
    long bound = lives() * (5L << 19);
    assertTrue(grown < bound, () -> "resident memory grew by " + grown + " bytes");
  }

  private void liveOnce() {
    try (CompiledModel model = compileFor(target(), ContractModels.heavy(1024), rows(1, 1, 4));
        InferenceSession session = model.newSession()) {
      session.input("x", 4, 1024).floats().put(0, 1f);
      session.run();
    }
    System.gc();
  }
}
