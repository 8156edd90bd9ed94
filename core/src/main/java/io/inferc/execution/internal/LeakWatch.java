package io.inferc.execution.internal;

import io.inferc.common.internal.SharedCleaner;
import java.lang.ref.Cleaner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports, and frees, what was never closed. */
final class LeakWatch {
  private static final Logger LOG = LoggerFactory.getLogger(LeakWatch.class);

  private LeakWatch() {}

  /**
   * Watches an owner of native memory.
   *
   * @param owner what shall be closed
   * @param description names it in the log
   * @param free frees its memory; must not reach the owner
   * @return a handle by which an orderly close stops the watch
   */
  static Handle watch(Object owner, String description, Runnable free) {
    Leak leak = new Leak(description, free);
    return new Handle(SharedCleaner.get().register(owner, leak), leak);
  }

  /** Stops a watch. */
  static final class Handle {
    private final Cleaner.Cleanable cleanable;
    private final Leak leak;

    private Handle(Cleaner.Cleanable cleanable, Leak leak) {
      this.cleanable = cleanable;
      this.leak = leak;
    }

    void closedInOrder() {
      leak.closed = true;
      cleanable.clean();
    }
  }

  private static final class Leak implements Runnable {
    private final String description;
    private final Runnable free;
    private volatile boolean closed;

    Leak(String description, Runnable free) {
      this.description = description;
      this.free = free;
    }

    @Override
    public void run() {
      if (!closed) {
        LOG.warn(
            "{} was never closed; its native memory is freed now that nothing refers to it. Close"
                + " it with try-with-resources.",
            description);
        free.run();
      }
    }
  }
}
