package io.inferc.benchmark.trace;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that writes what requests left in the queue. */
final class TraceWriter implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceWriter.class);

  /** Requests do not wake the writer, which would cost them microseconds; it looks by itself. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** For so long the last requests are waited for that found a place and are not in it yet. */
  private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final int BATCH = 1024;

  private final TraceFolder folder;
  private final Recording recording;
  private final TraceOptions options;
  private final TraceHeader header;
  private final long anchor;
  private final long flushNanos;
  private final Thread thread;

  private TraceFile file;
  private long written;
  private RecorderStatus lastCounts;
  private int number = 1;
  private boolean dirty;
  private @Nullable IOException failure;

  private volatile long flushed;
  private volatile boolean closing;
  private volatile @Nullable String problem;

  /** Opens the first file, so that a folder that cannot be written to is known at once. */
  TraceWriter(
      TraceFolder folder,
      Recording recording,
      TraceOptions options,
      TraceHeader header,
      long anchor)
      throws IOException {
    this.folder = folder;
    this.recording = recording;
    this.options = options;
    this.header = header;
    this.anchor = anchor;
    // For the longest of durations, the longest of times.
    flushNanos = TimeUnit.NANOSECONDS.convert(options.flushInterval());
    lastCounts = recording.status(0, Optional.empty());
    file = open();
    thread = new Thread(this, "inferc-trace-" + folder.path().getFileName());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** How many requests are in files. */
  long flushed() {
    return flushed;
  }

  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Writes what is there and ends the thread; false if it has not ended in that time. */
  boolean close(long millis) {
    closing = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (thread.isAlive()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        break;
      }
      try {
        thread.join(left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  @Override
  public void run() {
    try {
      write();
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    } finally {
      try {
        file.close();
      } catch (IOException e) {
        fail(e);
      }
      folder.close();
    }
  }

  private void write() throws IOException {
    long lastFlush = System.nanoTime();
    while (!closing) {
      int taken = recording.drain(BATCH, this::take);
      requireNoFailure();
      long now = System.nanoTime();
      if (now - lastFlush >= flushNanos) {
        flush();
        lastFlush = now;
      }
      if (taken == 0) {
        LockSupport.parkNanos(Math.min(LOOK_NANOS, flushNanos));
      }
    }
    drainLast(this::take);
    requireNoFailure();
    end();
  }

  private void requireNoFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  /** Takes all that is left. A thread that has a place may not have filled it yet. */
  private void drainLast(EventQueue.Taker taker) {
    recording.close();
    long waitedFrom = System.nanoTime();
    while (!recording.isDrained()) {
      if (recording.drain(BATCH, taker) > 0) {
        waitedFrom = System.nanoTime();
      } else if (System.nanoTime() - waitedFrom >= LAST_NANOS) {
        break;
      } else {
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
    recording.dropRest();
  }

  private void take(
      long start, long duration, ShapeSet shapes, boolean failed, @Nullable Payload payload) {
    boolean complete = false;
    try {
      if (failure == null) {
        put(start - anchor, duration, shapes, failed, payload);
        written++;
        dirty = true;
        complete = true;
      }
    } catch (IOException e) {
      failure = e;
    } finally {
      if (!complete) {
        recording.drop(1);
      }
      if (payload != null) {
        recording.written(payload);
      }
    }
  }

  private void put(
      long start, long duration, ShapeSet shapes, boolean failed, @Nullable Payload payload)
      throws IOException {
    if (!file.hasRoom(shapes, payload == null ? 0 : payload.byteSize())) {
      end();
      file.close();
      number++;
      file = open();
    }
    if (payload == null) {
      file.add(start, duration, shapes, failed);
    } else {
      file.add(start, duration, shapes, failed, payload);
    }
  }

  private TraceFile open() throws IOException {
    Path path = folder.next(number, options);
    TraceHeader numbered =
        new TraceHeader(
            header.recorder(),
            number,
            header.epochNanos(),
            ByteOrder.nativeOrder(),
            header.inputs());
    return TraceFile.create(path, numbered.encode(), options.fileBytes());
  }

  private void flush() throws IOException {
    RecorderStatus now = recording.status(written, Optional.empty());
    if (dirty || !now.equals(lastCounts)) {
      file.flush();
      if (file.hasRoomForCounts()) {
        file.counts(now);
        lastCounts = now;
      }
      dirty = false;
      flushed = written;
    }
  }

  private void end() throws IOException {
    file.flush();
    RecorderStatus now = recording.status(written, Optional.empty());
    file.counts(now);
    file.end();
    lastCounts = now;
    dirty = false;
    flushed = written;
  }

  private void fail(Throwable e) {
    boolean first = problem == null;
    if (first) {
      problem = "Writing to " + folder.path() + " failed: " + e + ".";
    }
    recording.end();
    // What was waiting is lost, and what was gathered; both are counted.
    drainLast(this::drop);
    int lost = file.forget();
    recording.drop(lost);
    written -= lost;
    flushed = written;
    if (first) {
      LOG.warn(
          "Recording of a trace ended: {} Requests go on, unrecorded; free the disk or mend the"
              + " folder, and open a new recorder.",
          problem,
          e);
    }
  }

  private void drop(
      long start, long duration, ShapeSet shapes, boolean failed, @Nullable Payload payload) {
    recording.drop(1);
    if (payload != null) {
      recording.written(payload);
    }
  }

  @Override
  public String toString() {
    return Objects.toString(folder.path());
  }
}
