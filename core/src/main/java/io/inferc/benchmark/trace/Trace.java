package io.inferc.benchmark.trace;

import io.inferc.benchmark.load.RequestMix;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link TraceRecorder} recorded: every request with its time, duration and shapes, in the
 * order they began.
 *
 * <pre>{@code
 * Trace trace = Trace.read(folder);
 * long[] arrivals = trace.arrivals();
 * Requests requests = trace.requests(GeneratedValues.seeded(7).integers("input_ids", 0, 30_521));
 * Dataset samples = trace.samples();
 * }</pre>
 *
 * <p>Immutable and thread-safe. Contents of requests stay in the files and are read when they are
 * asked for, so the files must stay in their place until then.
 */
public final class Trace {
  private final List<TensorSpec> inputs;
  private final List<Path> files;
  private final EventTable events;
  private final int[] order;

  /** One object for each combination, made when it is asked for. */
  private final @Nullable RequestShapes[] combinations;

  private final TraceCounts counts;
  private final List<String> notes;
  private final Optional<Path> foreignOrder;

  private Trace(TraceFiles read) {
    inputs = read.inputs();
    files = read.files();
    events = read.events();
    counts = read.counts();
    notes = read.notes();
    foreignOrder = read.foreignOrder();
    order = events.order();
    combinations = new @Nullable RequestShapes[events.shapes().size()];
  }

  private RequestShapes shapes(int combination) {
    RequestShapes known = combinations[combination];
    if (known == null) {
      // Several threads may make it, and one is as good as the other.
      known = RequestShapes.of(inputs, events.shapes().shapes(combination));
      combinations[combination] = known;
    }
    return known;
  }

  /**
   * Reads a trace: one file, or all files of a folder, also while a recorder writes to it.
   *
   * <p>What a file lacks at its end is no error but one of the {@link #notes()}. It takes about 30
   * bytes of heap for each request.
   *
   * @param path a file or a folder
   * @return the trace
   * @throws InfercException if there is none, a file was altered or damaged other than by being cut
   *     off, or the files are of models with different inputs
   */
  public static Trace read(Path path) {
    Objects.requireNonNull(path, "path");
    try {
      if (!Files.isDirectory(path)) {
        return new Trace(TraceFiles.read(List.of(path), false));
      }
      List<Path> found = TraceFolder.files(path);
      if (found.isEmpty()) {
        throw new InfercException(
            Stage.BENCHMARK,
            "Tried to read a trace from the folder " + path + ", but it has no trace's files.",
            "Give the folder that a TraceRecorder wrote to.");
      }
      return new Trace(TraceFiles.read(found, true));
    } catch (IOException e) {
      throw TraceInput.unreadable(path, e);
    }
  }

  /**
   * Returns the inputs of the model that was recorded.
   *
   * @return names, element types and declared shapes, in the model's order
   */
  public List<TensorSpec> inputs() {
    return inputs;
  }

  /**
   * Returns the requests in the order they began.
   *
   * @return a view; each access makes a new object
   */
  public List<TraceEvent> events() {
    return new Events();
  }

  /**
   * Returns when the first request began, by the clock of the machine that recorded it.
   *
   * @return the time; empty if there are no requests
   */
  public Optional<Instant> start() {
    if (order.length == 0) {
      return Optional.empty();
    }
    long nanos = events.start(order[0]);
    long second = TimeUnit.SECONDS.toNanos(1);
    return Optional.of(Instant.ofEpochSecond(nanos / second, nanos % second));
  }

  /**
   * Returns when requests began, to be replayed as a load. Those that failed are among them.
   *
   * @return nanoseconds from the first request on, in order; one for each of {@link #events()}
   */
  public long[] arrivals() {
    return IntStream.of(order).mapToLong(this::offset).toArray();
  }

  private long offset(int event) {
    return events.start(event) - events.start(order[0]);
  }

  /**
   * Returns which shapes requests had, and how many each.
   *
   * @param withFailed whether requests that failed count
   * @return counts by shapes, the most frequent first
   */
  public Map<RequestShapes, Long> shapes(boolean withFailed) {
    CombinationTable shapes = events.shapes();
    long[] counts = new long[shapes.size()];
    for (int event : order) {
      if (withFailed || !events.failed(event)) {
        counts[events.combination(event)]++;
      }
    }
    Map<RequestShapes, Long> sorted = new LinkedHashMap<>();
    IntStream.range(0, counts.length)
        .filter(i -> counts[i] > 0)
        .boxed()
        .sorted(
            Comparator.<Integer>comparingLong(i -> -counts[i])
                .thenComparing((a, b) -> Arrays.compare(shapes.get(a), shapes.get(b))))
        .forEach(i -> sorted.put(shapes(i), counts[i]));
    return Collections.unmodifiableMap(sorted);
  }

  /**
   * Returns how many requests ended with an exception.
   *
   * @return the number, among {@link #events()}
   */
  public long failed() {
    return events.failedCount();
  }

  /**
   * Returns how many requests are missing because the recorder's queue was full or its disk failed.
   *
   * @return the number since the recorders were opened, as far as they said
   */
  public long dropped() {
    return counts.dropped();
  }

  /**
   * Returns how many requests lack the contents that were asked for.
   *
   * @return the number since the recorders were opened, as far as they said
   */
  public long droppedPayloads() {
    return counts.droppedPayloads();
  }

  /**
   * Returns how many requests are missing because the shape of an input could not be told.
   *
   * @return the number since the recorders were opened, as far as they said
   */
  public long unshaped() {
    return counts.unshaped();
  }

  /**
   * Returns what is not as it would be at its best: files that were cut off and where, files that
   * are missing.
   *
   * @return whole sentences; empty if all files are whole
   */
  public List<String> notes() {
    return notes;
  }

  /**
   * Returns the recorded contents of requests as samples, for example to calibrate with: in the
   * order they began, without those that failed, and read from the files one at a time.
   *
   * @return the samples, perhaps none; visiting them throws {@link InfercException} if a file was
   *     deleted or changed meanwhile. May be visited from several threads at once
   * @throws InfercException if they were recorded on a machine of another byte order
   */
  public Dataset samples() {
    int[] chosen =
        IntStream.of(order).filter(e -> events.hasPayload(e) && !events.failed(e)).toArray();
    return payloads(chosen);
  }

  PayloadDataset payloads(int[] chosen) {
    if (chosen.length > 0 && foreignOrder.isPresent()) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to read the contents of requests from the trace "
              + foreignOrder.get()
              + ", but they are not in this machine's byte order, "
              + ByteOrder.nativeOrder()
              + ".",
          "Read them on a machine of the kind that recorded them.");
    }
    return new PayloadDataset(inputs, files, events, chosen);
  }

  /**
   * Returns what to ask a subject for this trace to be replayed: for each of {@link #arrivals()},
   * by its index, the request that came then.
   *
   * <p>A request whose contents were recorded is that. Another has the contents of a recorded one
   * of the same shapes, drawn by the seed; where there is none, {@link GeneratedValues values} are
   * made up, which is {@linkplain TraceRequests#generated() counted}. All are in memory when this
   * method returns, within {@link GeneratedValues#mostBytes()}. Indices beyond the last begin anew.
   *
   * @param values what to fill inputs with that were not recorded
   * @return the requests
   * @throws IllegalArgumentException if values must be made up for an input of integers without
   *     bounds, or of text, or its type has no values within its bounds; the message names it
   * @throws InfercException if there are no requests, they take more memory than allowed, or their
   *     contents cannot be read
   */
  public TraceRequests requests(GeneratedValues values) {
    Objects.requireNonNull(values, "values");
    return TraceRequests.of(this, values);
  }

  /**
   * Returns the few requests that stand for all of this trace, by their sizes and how often these
   * came, to tune a model for.
   *
   * @param values what to fill inputs with that were not recorded
   * @param most how many requests at most, 1 or more
   * @return the requests with their shares
   * @throws IllegalArgumentException as {@link #requests} does
   * @throws InfercException as {@link #requests} does
   */
  public RequestMix mix(GeneratedValues values, int most) {
    Objects.requireNonNull(values, "values");
    TraceRequests requests = requests(values);
    List<Integer> bySize =
        IntStream.range(0, order.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> elements(shapes(events.combination(order[i])))))
            .toList();
    List<RequestMix.Part> parts = new ArrayList<>();
    for (int chosen : RequestMix.middles(bySize, most)) {
      parts.add(new RequestMix.Part(RequestMix.workload(requests.get(chosen)), 1));
    }
    return RequestMix.merged(parts);
  }

  private static long elements(RequestShapes shapes) {
    return shapes.sizes().values().stream()
        .mapToLong(sizes -> sizes.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b))
        .sum();
  }

  EventTable table() {
    return events;
  }

  int[] order() {
    return order.clone();
  }

  /** Returns text such as {@code 1200 requests, 3 failed, 0 dropped}. */
  @Override
  public String toString() {
    return order.length + " requests, " + failed() + " failed, " + dropped() + " dropped";
  }

  private final class Events extends AbstractList<TraceEvent> implements RandomAccess {
    @Override
    public TraceEvent get(int index) {
      int event = order[Objects.checkIndex(index, order.length)];
      return new TraceEvent(
          offset(event),
          events.duration(event),
          shapes(events.combination(event)),
          events.failed(event),
          events.hasPayload(event));
    }

    @Override
    public int size() {
      return order.length;
    }
  }
}
