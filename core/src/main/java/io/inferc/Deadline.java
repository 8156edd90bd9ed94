package io.inferc;

import io.inferc.common.Cancellation;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A switch that is thrown when a time is up, or when another is. */
final class Deadline implements AutoCloseable {
  private final Cancellation cancellation = new Cancellation();
  private final Cancellation.Registration registration;
  private final ScheduledThreadPoolExecutor timer;

  Deadline(Cancellation parent, Duration time) {
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, "inferc-deadline");
              thread.setDaemon(true);
              return thread;
            });
    var unused = timer.schedule(cancellation::cancel, time.toNanos(), TimeUnit.NANOSECONDS);
    registration = parent.onCancel(cancellation::cancel);
  }

  Cancellation cancellation() {
    return cancellation;
  }

  @Override
  public void close() {
    registration.close();
    timer.shutdownNow();
  }
}
