package io.inferc.benchmark.trace;

import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions put what they ran: the side of a recorder that requests see. It never waits, and
 * what goes wrong with recording never reaches a request.
 */
final class Recording {
  /** More sizes than any model's inputs have; a combination must fit into a block. */
  private static final int MOST_SIZES = 1 << 16;

  final List<TensorSpec> inputs;
  private final Map<String, Integer> indices = new HashMap<>();
  private final ShapeTable shapes = new ShapeTable();
  private final EventQueue queue;
  private final @Nullable PayloadSampling sampling;
  private final long mostWaitingBytes;
  private final long mostPayloadBytes;
  private final long mostSizes;
  private final ThreadLocal<Tensor[]> scratch;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong droppedPayloads = new AtomicLong();
  private final AtomicLong unshaped = new AtomicLong();
  private volatile boolean open = true;

  Recording(List<TensorSpec> inputs, TraceOptions options, long largestBody, long largestPayload) {
    this.inputs = List.copyOf(inputs);
    for (int i = 0; i < inputs.size(); i++) {
      indices.put(inputs.get(i).name(), i);
    }
    queue = new EventQueue(options.queueCapacity());
    sampling = options.payloads().orElse(null);
    mostWaitingBytes = options.payloadQueueBytes();
    mostPayloadBytes = largestPayload;
    mostSizes = Math.min(MOST_SIZES, largestBody / Long.BYTES - 2L * inputs.size() - 1);
    int count = inputs.size();
    scratch = ThreadLocal.withInitial(() -> new Tensor[count]);
  }

  boolean isOpen() {
    return open;
  }

  /** Ends recording of runs that begin from now on. */
  void end() {
    open = false;
  }

  /** Takes nothing more: runs that began before and end from now on are dropped. */
  void close() {
    queue.close();
  }

  int index(String input) {
    Integer index = indices.get(input);
    return index == null ? -1 : index;
  }

  /** The shapes of a request, or null if one cannot be told. */
  @Nullable ShapeSet shapes(Tensor[] all) {
    ShapeSet found = shapes.of(all);
    return found.count > mostSizes || found.largestRank > TraceFormat.MOST_RANK ? null : found;
  }

  /** The shapes of a request by name, or null if one cannot be told. */
  @Nullable ShapeSet shapes(Map<String, Tensor> request) {
    Tensor[] all = scratch.get();
    try {
      return borrow(request, all) ? shapes(all) : null;
    } catch (RuntimeException e) {
      // An odd map; the run will say so.
      return null;
    } finally {
      Arrays.fill(all, null);
    }
  }

  private boolean borrow(Map<String, Tensor> request, Tensor[] all) {
    for (int i = 0; i < all.length; i++) {
      Tensor tensor = request.get(inputs.get(i).name());
      if (tensor == null) {
        return false;
      }
      all[i] = tensor;
    }
    return true;
  }

  /** Copies the contents of a request if it is one of those to keep. */
  @Nullable Payload payload(Map<String, Tensor> request) {
    if (sampling == null) {
      return null;
    }
    Tensor[] all = scratch.get();
    try {
      return borrow(request, all) ? payload(all) : null;
    } finally {
      Arrays.fill(all, null);
    }
  }

  /** Copies the contents of a request if it is one of those to keep. */
  @Nullable Payload payload(Tensor[] all) {
    if (sampling == null || !sampling.takes(requests.getAndIncrement())) {
      return null;
    }
    try {
      long bytes = Payload.byteSize(inputs, all);
      if (bytes >= 0 && bytes <= mostPayloadBytes && reserve(bytes)) {
        boolean copied = false;
        try {
          Payload payload = Payload.copy(all, bytes);
          copied = true;
          return payload;
        } finally {
          if (!copied) {
            waitingBytes.addAndGet(-bytes);
          }
        }
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      // A tensor that was closed meanwhile, as the run will say; or there is no memory for a copy.
    }
    droppedPayloads.incrementAndGet();
    return null;
  }

  private boolean reserve(long bytes) {
    if (waitingBytes.addAndGet(bytes) <= mostWaitingBytes) {
      return true;
    }
    waitingBytes.addAndGet(-bytes);
    return false;
  }

  void add(long start, long duration, @Nullable ShapeSet of, boolean failed, @Nullable Payload p) {
    if (of == null) {
      unshaped.incrementAndGet();
    } else if (queue.offer(start, duration, of, failed, p)) {
      return;
    } else {
      dropped.incrementAndGet();
    }
    if (p != null) {
      written(p);
    }
  }

  int drain(int most, EventQueue.Taker taker) {
    return queue.drain(most, taker);
  }

  /** Tells the writer whether it has all that found a place in the queue. */
  boolean isDrained() {
    return queue.isDrained();
  }

  /** Drops what the writer did not wait for. */
  void dropRest() {
    drop(queue.leave());
  }

  /** Says that a payload waits no longer. */
  void written(Payload payload) {
    waitingBytes.addAndGet(-payload.byteSize());
  }

  void drop(long count) {
    dropped.addAndGet(count);
  }

  RecorderStatus status(long written, Optional<String> problem) {
    return new RecorderStatus(
        written, dropped.get(), droppedPayloads.get(), unshaped.get(), problem);
  }
}
