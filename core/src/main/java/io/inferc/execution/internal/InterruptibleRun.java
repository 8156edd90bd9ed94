package io.inferc.execution.internal;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.spi.AbortableSession;
import io.inferc.spi.BackendSession;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import org.jspecify.annotations.Nullable;

/**
 * Lets an interrupt of the thread that waits for a native run end it. Belongs to one session, and
 * like it to one thread at a time.
 */
final class InterruptibleRun {
  private @Nullable Watch watch;

  /**
   * Runs a session once.
   *
   * @throws CancelledException if this thread was interrupted, which it stays, and the run had not
   *     ended by then
   */
  void run(BackendSession session) {
    if (!(session instanceof AbortableSession abortable)) {
      session.run();
      return;
    }
    Watch current = watch;
    if (current == null || current.session != abortable) {
      current = new Watch(abortable);
      watch = current;
    }
    boolean complete = false;
    current.enter();
    try {
      if (!current.interrupted) {
        abortable.run();
        complete = true;
      }
    } catch (InfercException e) {
      current.leave(false);
      throw current.interrupted ? cancelled(e) : e;
    } finally {
      current.leave(complete);
      if (current.interrupted) {
        // Nobody can be about to abort any more.
        watch = null;
        abortable.resume();
      }
    }
    if (!complete) {
      throw new CancelledException(Stage.RUN);
    }
  }

  private static CancelledException cancelled(InfercException e) {
    CancelledException cancelled = new CancelledException(Stage.RUN);
    cancelled.addSuppressed(e);
    return cancelled;
  }

  /**
   * What a thread tells of its interrupt: it closes the channel that it waits for. The JDK has no
   * other way to be called back then.
   */
  private static final class Watch extends AbstractInterruptibleChannel {
    private final AbortableSession session;
    private volatile boolean interrupted;
    private boolean inside;

    Watch(AbortableSession session) {
      this.session = session;
    }

    void enter() {
      inside = true;
      begin();
    }

    void leave(boolean completed) {
      if (!inside) {
        return;
      }
      inside = false;
      try {
        end(completed);
      } catch (AsynchronousCloseException e) {
        // An interrupt, which is noted.
      }
    }

    @Override
    protected void implCloseChannel() {
      interrupted = true;
      session.abort();
    }
  }
}
