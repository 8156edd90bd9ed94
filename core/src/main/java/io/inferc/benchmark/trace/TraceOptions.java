package io.inferc.benchmark.trace;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link TraceRecorder} writes, and how much.
 *
 * <pre>{@code
 * TraceOptions.defaults().rotating(64 << 20, 16).payloads(PayloadSampling.every(100))
 * }</pre>
 *
 * @param fileBytes the most bytes of a file, from 2<sup>12</sup> to 2<sup>30</sup>; a file ends
 *     sooner when its requests had 65,536 different shapes
 * @param files how many files are kept, the newest; the folder holds at most {@code fileBytes *
 *     files} bytes of them
 * @param flushInterval how often what was recorded is handed to the operating system, more than 0
 * @param queueCapacity how many requests may wait to be written, a power of two from 2 to
 *     2<sup>24</sup>; those that find no place are dropped and counted
 * @param payloads which requests are recorded with their inputs' contents; empty for none
 * @param payloadQueueBytes how many bytes of contents may wait to be written, 0 or more; beyond, a
 *     request is recorded without its contents, and that is counted
 */
public record TraceOptions(
    long fileBytes,
    int files,
    Duration flushInterval,
    int queueCapacity,
    Optional<PayloadSampling> payloads,
    long payloadQueueBytes) {
  private static final int LEAST_FILE_BYTES = 1 << 12;
  private static final int MOST_FILE_BYTES = 1 << 30;
  private static final int LARGEST_QUEUE = 1 << 24;

  public TraceOptions {
    Objects.requireNonNull(flushInterval, "flushInterval");
    Objects.requireNonNull(payloads, "payloads");
    if (fileBytes < LEAST_FILE_BYTES || fileBytes > MOST_FILE_BYTES || files < 1) {
      throw new IllegalArgumentException(
          "Tried to record a trace into "
              + files
              + " files of "
              + fileBytes
              + " bytes; keep 1 or more, of "
              + LEAST_FILE_BYTES
              + " to "
              + MOST_FILE_BYTES
              + " bytes.");
    }
    if (flushInterval.isNegative() || flushInterval.isZero()) {
      throw new IllegalArgumentException(
          "Tried to flush a trace every " + flushInterval + "; give more than 0.");
    }
    if (queueCapacity < 2 || queueCapacity > LARGEST_QUEUE || Integer.bitCount(queueCapacity) > 1) {
      throw new IllegalArgumentException(
          "Tried to let "
              + queueCapacity
              + " requests wait to be recorded; give a power of two from 2 to "
              + LARGEST_QUEUE
              + ".");
    }
    if (payloadQueueBytes < 0) {
      throw new IllegalArgumentException(
          "Tried to let "
              + payloadQueueBytes
              + " bytes of contents wait to be recorded; give 0 or more.");
    }
  }

  /**
   * Returns 16 files of 16 MiB, flushed each second, 16,384 requests that may wait, and no
   * payloads; if they are asked for, 64 MiB of them may wait.
   *
   * @return the options
   */
  public static TraceOptions defaults() {
    return new TraceOptions(
        16 << 20, 16, Duration.ofSeconds(1), 1 << 14, Optional.empty(), 64L << 20);
  }

  /**
   * Sets how much is kept.
   *
   * @param bytes the most bytes of a file, from 2<sup>12</sup> to 2<sup>30</sup>
   * @param count how many files, 1 or more
   * @return options with those bounds
   * @throws IllegalArgumentException if a number is outside its range
   */
  public TraceOptions rotating(long bytes, int count) {
    return new TraceOptions(
        bytes, count, flushInterval, queueCapacity, payloads, payloadQueueBytes);
  }

  /**
   * Sets how often what was recorded is handed to the operating system. A process that is killed
   * loses what came after; the disk is not waited for.
   *
   * @param interval more than 0
   * @return options with that interval
   * @throws IllegalArgumentException if it is not more than 0
   */
  public TraceOptions flushEvery(Duration interval) {
    Objects.requireNonNull(interval, "interval");
    return new TraceOptions(fileBytes, files, interval, queueCapacity, payloads, payloadQueueBytes);
  }

  /**
   * Sets how many requests may wait to be written.
   *
   * @param capacity a power of two from 2 to 2<sup>24</sup>
   * @return options with that queue
   * @throws IllegalArgumentException if it is another number
   */
  public TraceOptions queue(int capacity) {
    return new TraceOptions(fileBytes, files, flushInterval, capacity, payloads, payloadQueueBytes);
  }

  /**
   * Records the contents of inputs, too, of some requests. They may be personal data: the files are
   * made readable for their owner alone where the file system can do that.
   *
   * @param sampling of which requests
   * @return options with payloads
   */
  public TraceOptions payloads(PayloadSampling sampling) {
    Objects.requireNonNull(sampling, "sampling");
    return new TraceOptions(
        fileBytes, files, flushInterval, queueCapacity, Optional.of(sampling), payloadQueueBytes);
  }

  /**
   * Sets how many bytes of contents may wait to be written.
   *
   * @param bytes 0 or more
   * @return options with that bound
   * @throws IllegalArgumentException if it is negative
   */
  public TraceOptions payloadQueue(long bytes) {
    return new TraceOptions(fileBytes, files, flushInterval, queueCapacity, payloads, bytes);
  }
}
