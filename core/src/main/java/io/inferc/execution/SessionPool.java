package io.inferc.execution;

import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A bounded number of sessions, opened as they are needed, with threads of their own. */
final class SessionPool {
  private static final long IDLE_SECONDS = 10;

  private final ModelCore core;
  private final int size;
  private final Semaphore permits;
  private final Deque<ModelSession> idle = new ArrayDeque<>();
  private final ThreadPoolExecutor threads;
  private volatile boolean closed;

  SessionPool(ModelCore core, int size) {
    this.core = core;
    this.size = size;
    permits = new Semaphore(size, true);
    threads =
        new ThreadPoolExecutor(
            size,
            size,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new NamedThreads(core.name()));
    threads.allowCoreThreadTimeOut(true);
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

  Map<String, Tensor> run(Map<String, Tensor> inputs) {
    try {
      permits.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfercException(
          Stage.RUN,
          "Tried to run the model " + core.name() + ", but the waiting thread was interrupted.",
          "Run again if the interruption was not meant to stop the work.",
          e);
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

  CompletableFuture<Map<String, Tensor>> runAsync(Map<String, Tensor> inputs) {
    checkOpen();
    Request request = new Request(Map.copyOf(inputs));
    try {
      threads.execute(request);
    } catch (RejectedExecutionException e) {
      // Closed since the check above.
      request.refuse();
    }
    return request.future;
  }

  private final class Request implements Runnable {
    private final Map<String, Tensor> inputs;
    private final CompletableFuture<Map<String, Tensor>> future = new CompletableFuture<>();

    Request(Map<String, Tensor> inputs) {
      this.inputs = inputs;
    }

    @Override
    public void run() {
      if (future.isDone()) {
        return;
      }
      Map<String, Tensor> outputs;
      try {
        outputs = SessionPool.this.run(inputs);
      } catch (RuntimeException | Error e) {
        future.completeExceptionally(e);
        return;
      }
      if (!future.complete(outputs)) {
        outputs.values().forEach(Tensor::close);
      }
    }

    void refuse() {
      future.completeExceptionally(
          new ResourceClosedException("run a waiting request", "the model " + core.name()));
    }
  }

  /** Refuses new requests and those that wait, and waits for those that run. */
  void close() {
    closed = true;
    threads.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    threads.getQueue().drainTo(waiting);
    waiting.forEach(request -> ((Request) request).refuse());
    if (!(Thread.currentThread() instanceof PoolThread)) {
      awaitThreads();
    }
    permits.acquireUninterruptibly(size);
    permits.release(size);
    synchronized (idle) {
      idle.clear();
    }
  }

  private void awaitThreads() {
    boolean interrupted = false;
    while (!threads.isTerminated()) {
      try {
        if (threads.awaitTermination(IDLE_SECONDS, TimeUnit.SECONDS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
