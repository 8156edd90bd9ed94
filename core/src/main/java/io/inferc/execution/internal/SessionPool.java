package io.inferc.execution.internal;

import io.inferc.common.CancelledException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.runtime.Outputs;
import io.inferc.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of sessions, opened as they are needed, with threads of their own. A thread
 * never waits for a session: a request that finds none waits in a queue. Where the runtime calls
 * back, none waits for the end of a run either.
 */
final class SessionPool {
  private static final long IDLE_SECONDS = 10;
  private static final long DEPENDENTS_SECONDS = 1;

  private final ModelCore core;
  private final int size;
  private final Semaphore permits;
  private final Deque<ModelSession> idle = new ArrayDeque<>();
  private final Deque<Request> waiting = new ArrayDeque<>();
  private final ThreadPoolExecutor threads;
  private volatile boolean closed;

  SessionPool(ModelCore core, int size) {
    this.core = core;
    this.size = size;
    permits = new Semaphore(size, true);
    // Permits bound the runs. A dependent stage that waits for another request keeps its thread,
    // and must not keep that request from having one.
    threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new NamedThreads(core.name()));
  }

  private static final class NamedThreads implements ThreadFactory {
    private final String name;
    private final AtomicInteger count = new AtomicInteger();

    NamedThreads(String name) {
      this.name = name;
    }

    @Override
    public Thread newThread(Runnable work) {
      Thread thread = new PoolThread(work, "inferc-" + name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    }
  }

  /** Recognised by {@link #close}, which must not wait for the thread it is called on. */
  private static final class PoolThread extends Thread {
    PoolThread(Runnable work, String name) {
      super(work, name);
    }
  }

  int size() {
    return size;
  }

  Outputs run(Map<String, Tensor> inputs) {
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      // Others may have stood back for this thread.
      startWaiting();
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.RUN);
    }
    try {
      ModelSession session = take();
      try {
        return session.run(inputs);
      } finally {
        giveBack(session);
      }
    } finally {
      permits.release();
      startWaiting();
    }
  }

  private ModelSession take() {
    synchronized (idle) {
      checkOpen();
      ModelSession session = idle.pollLast();
      if (session != null) {
        return session;
      }
    }
    return core.open();
  }

  private void giveBack(ModelSession session) {
    synchronized (idle) {
      if (!closed) {
        idle.addLast(session);
        return;
      }
    }
    session.close();
  }

  private void checkOpen() {
    if (closed) {
      throw new ResourceClosedException("run a model", "the model " + core.name());
    }
  }

  CompletableFuture<Outputs> runAsync(Map<String, Tensor> inputs) {
    Request request = new Request(Map.copyOf(inputs));
    synchronized (waiting) {
      checkOpen();
      waiting.addLast(request);
    }
    startWaiting();
    return request.future;
  }

  /** Gives free sessions to the requests that have waited longest. */
  private void startWaiting() {
    synchronized (waiting) {
      while (!waiting.isEmpty() && tryAcquire()) {
        threads.execute(waiting.removeFirst()::start);
      }
    }
  }

  /** Unlike the semaphore's method of that name, lets threads that wait for it go first. */
  private boolean tryAcquire() {
    return !permits.hasQueuedThreads() && permits.tryAcquire();
  }

  /** One asynchronous request; each method but {@link #refuse} runs while it holds a permit. */
  private final class Request {
    private final Map<String, Tensor> inputs;
    private final CompletableFuture<Outputs> future = new CompletableFuture<>();

    Request(Map<String, Tensor> inputs) {
      this.inputs = inputs;
    }

    void start() {
      ModelSession session = null;
      Outputs outputs = null;
      Throwable failure = null;
      try {
        if (!future.isDone()) {
          ModelSession taken = take();
          session = taken;
          if (taken.start(inputs, () -> threads.execute(() -> finish(taken)))) {
            return;
          }
          outputs = taken.finish();
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      end(session, outputs, failure);
    }

    private void finish(ModelSession session) {
      Outputs outputs = null;
      Throwable failure = null;
      try {
        outputs = session.finish();
      } catch (RuntimeException | Error e) {
        failure = e;
      }
      end(session, outputs, failure);
    }

    /** Frees the session for others before anybody hears of the result. */
    private void end(
        @Nullable ModelSession session, @Nullable Outputs outputs, @Nullable Throwable failure) {
      if (session != null) {
        giveBack(session);
      }
      permits.release();
      startWaiting();
      if (failure != null) {
        future.completeExceptionally(failure);
      } else if (outputs != null && !future.complete(outputs)) {
        outputs.close();
      }
    }

    void refuse() {
      future.completeExceptionally(
          new ResourceClosedException("run a waiting request", "the model " + core.name()));
    }
  }

  /**
   * Refuses new requests and those that wait, and waits for those that run, no longer than that; a
   * second at most for what depends on their futures, which may wait for the caller.
   *
   * @return false if requests still run
   */
  boolean close(long nanos) {
    long start = System.nanoTime();
    List<Request> refused;
    synchronized (waiting) {
      closed = true;
      refused = new ArrayList<>(waiting);
      waiting.clear();
    }
    refused.forEach(Request::refuse);
    if (!BoundedClose.await(nanos, n -> permits.tryAcquire(size, n, TimeUnit.NANOSECONDS))) {
      return false;
    }
    permits.release(size);
    threads.shutdown();
    if (!(Thread.currentThread() instanceof PoolThread)) {
      long left = BoundedClose.left(nanos, start);
      awaitThreads(BoundedClose.atMost(DEPENDENTS_SECONDS, left));
    }
    synchronized (idle) {
      idle.clear();
    }
    return true;
  }

  private void awaitThreads(long nanos) {
    try {
      threads.awaitTermination(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
