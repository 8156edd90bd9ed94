package io.inferc.benchmark.trace;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what a model is asked in production: when each request began, how long it took, the
 * shapes of its inputs, whether it failed, and if {@linkplain TraceOptions#payloads asked for} the
 * contents of some.
 *
 * <pre>{@code
 * TraceRecorder recorder = TraceRecorder.open(model, folder, TraceOptions.defaults());
 * try (InferenceSession session = recorder.record(model.newSession())) {
 *   session.input("x", 4, 128);
 *   session.run();   // as ever
 * }
 * recorder.close();
 * }</pre>
 *
 * <p><b>What a request pays.</b> Less than a microsecond and no memory of its own, unless its
 * contents are copied ({@code docs/benchmarks/trace.md}): it leaves a few numbers in a bounded
 * queue without a lock, and a thread of the recorder writes them. When the queue is full, requests
 * are dropped from the trace and counted; none ever waits, and nothing that goes wrong with
 * recording reaches one.
 *
 * <p><b>What is kept.</b> The newest files of a folder, bounded in number and size. Each is
 * complete by itself. After a crash of the process, all is readable that was written before the
 * last {@link TraceOptions#flushInterval}; after one of the machine, what its disk has.
 *
 * <p>One recorder is for one model. Thread-safe.
 */
public final class TraceRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceRecorder.class);
  private static final long CLOSE_MILLIS = 10_000;

  private final Recording recording;
  private final TraceWriter writer;

  private TraceRecorder(Recording recording, TraceWriter writer) {
    this.recording = recording;
    this.writer = writer;
  }

  /**
   * Opens a recorder for a compiled model.
   *
   * @param model the model, which stays the caller's
   * @param folder where files go; it is made if it is not there, and what earlier recorders left in
   *     it counts towards the bounds
   * @param options how much is written, and how often
   * @return the recorder, to be closed by the caller
   * @throws InfercException if the folder cannot be written to, or another recorder writes to it
   * @throws IllegalArgumentException if the model's inputs are too many to describe in a quarter of
   *     a file
   */
  public static TraceRecorder open(CompiledModel model, Path folder, TraceOptions options) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(options, "options");
    return open(model.inputs(), folder, options);
  }

  /**
   * Opens a recorder for sessions of a model of which the inputs are known.
   *
   * @param inputs all inputs of the model, in its order
   * @param folder where files go; it is made if it is not there, and what earlier recorders left in
   *     it counts towards the bounds
   * @param options how much is written, and how often
   * @return the recorder, to be closed by the caller
   * @throws InfercException if the folder cannot be written to, or another recorder writes to it
   * @throws IllegalArgumentException if the inputs are too many to describe in a quarter of a file
   */
  public static TraceRecorder open(List<TensorSpec> inputs, Path folder, TraceOptions options) {
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(options, "options");
    Instant now = Instant.now();
    long anchor = System.nanoTime();
    TraceHeader header =
        new TraceHeader(
            UUID.randomUUID(),
            1,
            TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano(),
            ByteOrder.nativeOrder(),
            List.copyOf(inputs));
    int headerBytes = requireDescribable(header, options.fileBytes());
    try {
      TraceFolder locked = TraceFolder.lock(folder, now.toEpochMilli());
      boolean complete = false;
      try {
        Recording recording =
            new Recording(
                inputs,
                options,
                TraceFile.largestBody(options.fileBytes()),
                TraceFile.largestPayload(options.fileBytes(), headerBytes));
        TraceWriter writer = new TraceWriter(locked, recording, options, header, anchor);
        writer.start();
        complete = true;
        return new TraceRecorder(recording, writer);
      } finally {
        if (!complete) {
          locked.close();
        }
      }
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.BENCHMARK, e);
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to record a trace into " + folder + ", but it failed: " + e.getMessage() + ".",
          "Check the folder's permissions and the free space, and that no other recorder uses it.",
          e);
    }
  }

  private static int requireDescribable(TraceHeader header, long fileBytes) {
    List<TensorSpec> inputs = header.inputs();
    int bytes = header.encode().length;
    long most = Math.min(TraceFile.largestBody(fileBytes), TraceFormat.MOST_HEADER_BYTES);
    boolean tooDeep =
        inputs.stream()
            .anyMatch(
                i -> i.shape().dimensions().map(List::size).orElse(0) > TraceFormat.MOST_RANK);
    if (bytes > most || inputs.size() > TraceFormat.MOST_INPUTS || tooDeep) {
      throw new IllegalArgumentException(
          "Tried to record a trace into files of "
              + fileBytes
              + " bytes, but the model's "
              + inputs.size()
              + " inputs take "
              + bytes
              + " to describe. They may take a quarter of a file and at most "
              + TraceFormat.MOST_HEADER_BYTES
              + " bytes, with up to "
              + TraceFormat.MOST_INPUTS
              + " inputs of up to "
              + TraceFormat.MOST_RANK
              + " dimensions; give larger files if that is what it is about.");
    }
    return bytes;
  }

  /**
   * Puts a recorder around a session. Runs in all forms are recorded, each with the time that it
   * took and the shapes of its inputs; all else is the session's own. Once this recorder is closed
   * it is not recorded any more, and goes on working.
   *
   * @param session a session of the recorder's model
   * @return a session for one thread at a time, whose {@code close} closes the one given
   */
  public InferenceSession record(InferenceSession session) {
    Objects.requireNonNull(session, "session");
    return new RecordedSession(session, recording);
  }

  /**
   * Puts a recorder around a model: its sessions are recorded, its own runs, and its asynchronous
   * runs from the call to the end of the future, waiting for a session included. Once this recorder
   * is closed they are not recorded any more, and go on working.
   *
   * @param model the recorder's model
   * @return a model whose {@code close} closes the one given
   * @throws IllegalArgumentException if its inputs are others than the recorder's
   */
  public CompiledModel record(CompiledModel model) {
    Objects.requireNonNull(model, "model");
    if (!model.inputs().equals(recording.inputs)) {
      throw new IllegalArgumentException(
          "Tried to record the model "
              + model.name()
              + " with the inputs "
              + model.inputs()
              + " by a recorder for "
              + recording.inputs
              + ". Open one recorder, with a folder of its own, for each model.");
    }
    return new RecordedModel(model, recording);
  }

  /**
   * Returns what was recorded so far, and what was not.
   *
   * @return counts since the recorder was opened
   */
  public RecorderStatus status() {
    return recording.status(writer.flushed(), writer.problem());
  }

  /**
   * Ends recording and writes what is waiting. Runs that began before and end later count as
   * dropped; those that begin later are not recorded. Waits for the disk, at most 10 seconds, and
   * throws nothing: what was lost is in {@link #status()} and in the log. Does nothing the second
   * time.
   */
  @Override
  public void close() {
    recording.end();
    if (!writer.close(CLOSE_MILLIS)) {
      LOG.warn(
          "Tried to finish the trace in {}, but writing goes on after {} ms; it ends by itself, or"
              + " with the process. Check the disk.",
          writer,
          CLOSE_MILLIS);
    }
  }

  /** Returns where it writes to. */
  @Override
  public String toString() {
    return "a recorder of " + recording.inputs + " into " + writer;
  }
}
