package io.inferc.benchmark.trace;

import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The requests of a trace, to be sent again in their order; see {@link Trace#requests}.
 * Thread-safe.
 */
public final class TraceRequests implements Requests {
  /** What a text takes beside its bytes: two objects and a reference. */
  private static final int TEXT_BYTES = 48;

  private final List<TensorRequest> distinct;
  private final int[] chosen;
  private final long recorded;
  private final long borrowed;

  private TraceRequests(List<TensorRequest> distinct, int[] chosen, long recorded, long borrowed) {
    this.distinct = distinct;
    this.chosen = chosen;
    this.recorded = recorded;
    this.borrowed = borrowed;
  }

  static TraceRequests of(Trace trace, GeneratedValues values) {
    int[] order = trace.order();
    if (order.length == 0) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to replay a trace without requests.",
          "Record while requests come; notes() and dropped() say what was lost.");
    }
    return new Choice(trace, values, order).requests();
  }

  @Override
  public TensorRequest get(long index) {
    return distinct.get(chosen[(int) Math.floorMod(index, (long) chosen.length)]);
  }

  /**
   * Returns how many requests have the contents that they had.
   *
   * @return the number, of all requests of the trace
   */
  public long recorded() {
    return recorded;
  }

  /**
   * Returns how many requests have the contents of another one of the same shapes.
   *
   * @return the number, of all requests of the trace
   */
  public long borrowed() {
    return borrowed;
  }

  /**
   * Returns how many requests have contents that were made up.
   *
   * @return the number, of all requests of the trace
   */
  public long generated() {
    return chosen.length - recorded - borrowed;
  }

  /** Returns text such as {@code 900 requests: 9 as recorded, 870 borrowed, 21 generated}. */
  @Override
  public String toString() {
    return chosen.length
        + " requests: "
        + recorded
        + " as recorded, "
        + borrowed
        + " with the contents of another of their shapes, "
        + generated()
        + " with contents made up";
  }

  /** Which contents each request gets, decided before any are read. */
  private static final class Choice {
    private final Trace trace;
    private final EventTable events;
    private final GeneratedValues values;
    private final int[] chosen;
    private final List<Integer> payloads = new ArrayList<>();

    /** Combinations of shapes, as in what follows. */
    private final List<Integer> madeUp = new ArrayList<>();

    private final Map<Integer, List<Integer>> donors = new HashMap<>();
    private long recorded;
    private long borrowed;
    private long bytes;

    Choice(Trace trace, GeneratedValues values, int[] order) {
      this.trace = trace;
      this.values = values;
      events = trace.table();
      chosen = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        int event = order[i];
        if (events.hasPayload(event)) {
          chosen[i] = payloads.size();
          if (!events.failed(event)) {
            donors
                .computeIfAbsent(events.combination(event), c -> new ArrayList<>())
                .add(payloads.size());
          }
          payloads.add(event);
          recorded++;
          countRecorded(event);
        }
      }
      Map<Integer, Integer> places = new HashMap<>();
      for (int i = 0; i < order.length; i++) {
        if (!events.hasPayload(order[i])) {
          chosen[i] = borrowedOrMadeUp(events.combination(order[i]), i, places);
        }
      }
    }

    private int borrowedOrMadeUp(int combination, int index, Map<Integer, Integer> places) {
      List<Integer> of = donors.get(combination);
      if (of != null) {
        borrowed++;
        return of.get(new SplittableRandom(values.seed() + index).nextInt(of.size()));
      }
      return places.computeIfAbsent(
          combination,
          c -> {
            madeUp.add(c);
            countMadeUp(events.shapes().shapes(c));
            return payloads.size() + madeUp.size() - 1;
          });
    }

    private void countRecorded(int event) {
      bytes = SizeArithmetic.add(bytes, events.place(event).length());
      long[][] shapes = events.shapesOf(event);
      for (int i = 0; i < shapes.length; i++) {
        if (trace.inputs().get(i).type() == DataType.STRING) {
          // As many texts as its bytes bear out, so the product is within range.
          bytes = SizeArithmetic.add(bytes, SizeArithmetic.elements(shapes[i]) * TEXT_BYTES);
        }
      }
    }

    private void countMadeUp(long[][] shapes) {
      for (int i = 0; i < shapes.length; i++) {
        DataType type = trace.inputs().get(i).type();
        long elements = SizeArithmetic.elements(shapes[i]);
        bytes =
            SizeArithmetic.add(
                bytes,
                type == DataType.STRING || elements > Long.MAX_VALUE / 16
                    ? elements
                    : type.byteSize(elements));
      }
    }

    TraceRequests requests() {
      if (bytes > values.mostBytes()) {
        throw new InfercException(
            Stage.BENCHMARK,
            "Tried to hold the "
                + (payloads.size() + madeUp.size())
                + " different requests of a trace, but they take "
                + bytes
                + " bytes and the limit is "
                + values.mostBytes()
                + ".",
            "Raise it with GeneratedValues.limitedTo(bytes), or read fewer files.");
      }
      ValueGenerator generator = new ValueGenerator(values);
      if (!madeUp.isEmpty()) {
        trace.inputs().forEach(generator::require);
      }
      List<TensorRequest> distinct = new ArrayList<>();
      readInto(distinct);
      for (int combination : madeUp) {
        distinct.add(generated(generator, events.shapes().shapes(combination)));
      }
      return new TraceRequests(distinct, chosen, recorded, borrowed);
    }

    private void readInto(List<TensorRequest> distinct) {
      int[] order = payloads.stream().mapToInt(Integer::intValue).toArray();
      try (PayloadReader reader = trace.payloads(order).newReader()) {
        for (int event : order) {
          distinct.add(
              TensorRequest.of(
                  reader.read(
                      events.place(event), events.shapesOf(event), TraceRequests::collected)));
        }
      }
    }

    private TensorRequest generated(ValueGenerator generator, long[][] shapes) {
      List<TensorSpec> specs = trace.inputs();
      // By the shapes alone: they keep their values when a trace grows.
      long seed = values.seed() ^ RequestShapes.of(specs, shapes).sizes().hashCode();
      SplittableRandom random = new SplittableRandom(seed);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (int i = 0; i < shapes.length; i++) {
        TensorSpec spec = specs.get(i);
        Tensor tensor = collected(spec.type(), shapes[i]);
        generator.fill(spec, tensor, random);
        inputs.put(spec.name(), tensor);
      }
      return TensorRequest.of(inputs);
    }
  }

  /** Memory that the collector frees, since requests have no owner that closes them. */
  private static Tensor collected(DataType type, long[] shape) {
    long bytes = type.byteSize(SizeArithmetic.elements(shape));
    if (bytes > Integer.MAX_VALUE) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to make up a request with " + bytes + " bytes for one input.",
          "Replay a trace with smaller requests.");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    return Tensor.wrap(buffer, type, shape);
  }
}
