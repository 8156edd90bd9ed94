package io.inferc.benchmark.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** All requests of a trace in arrays: there may be tens of millions. */
final class EventTable {
  private static final int FIRST_CAPACITY = 1024;
  static final int NO_PAYLOAD = -1;

  private long[] starts = new long[FIRST_CAPACITY];
  private long[] durations = new long[FIRST_CAPACITY];
  private int[] combinations = new int[FIRST_CAPACITY];
  private int[] payloads = new int[FIRST_CAPACITY];
  private final BitSet failed = new BitSet();
  private int size;

  private final List<PayloadPlace> places = new ArrayList<>();
  private final CombinationTable shapes = new CombinationTable();

  /** Where contents lie: the block's position in a file, and the length of its body. */
  record PayloadPlace(int file, long position, int length) {}

  /** The combinations of shapes that requests have. */
  CombinationTable shapes() {
    return shapes;
  }

  int payload(PayloadPlace place) {
    places.add(place);
    return places.size() - 1;
  }

  boolean isFull() {
    return size >= Integer.MAX_VALUE - 8;
  }

  void add(long start, long duration, int combination, boolean hasFailed, int payload) {
    if (size == starts.length) {
      int larger = (int) Math.min(Integer.MAX_VALUE - 8L, size * 2L);
      starts = Arrays.copyOf(starts, larger);
      durations = Arrays.copyOf(durations, larger);
      combinations = Arrays.copyOf(combinations, larger);
      payloads = Arrays.copyOf(payloads, larger);
    }
    starts[size] = start;
    durations[size] = duration;
    combinations[size] = combination;
    payloads[size] = payload;
    failed.set(size, hasFailed);
    size++;
  }

  int size() {
    return size;
  }

  long start(int event) {
    return starts[event];
  }

  long duration(int event) {
    return durations[event];
  }

  boolean failed(int event) {
    return failed.get(event);
  }

  int failedCount() {
    return failed.cardinality();
  }

  /** The number of the shapes that an event has. */
  int combination(int event) {
    return combinations[event];
  }

  /** The shape of each input. */
  long[][] shapesOf(int event) {
    return shapes.shapes(combinations[event]);
  }

  boolean hasPayload(int event) {
    return payloads[event] != NO_PAYLOAD;
  }

  PayloadPlace place(int event) {
    return places.get(payloads[event]);
  }

  /** The events by when they began; those that began together as they were written. */
  int[] order() {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    // Runs of twice the length each time: the JDK sorts indices by a key as objects only.
    int[] other = new int[size];
    for (long width = 1; width < size; width *= 2) {
      for (long first = 0; first < size; first += 2 * width) {
        merge(order, other, (int) first, cap(first + width), cap(first + 2 * width));
      }
      int[] swapped = order;
      order = other;
      other = swapped;
    }
    return order;
  }

  private int cap(long index) {
    return (int) Math.min(size, index);
  }

  private void merge(int[] from, int[] to, int first, int middle, int end) {
    int left = first;
    int right = middle;
    for (int i = first; i < end; i++) {
      boolean takesLeft =
          left < middle && (right >= end || starts[from[left]] <= starts[from[right]]);
      to[i] = takesLeft ? from[left++] : from[right++];
    }
  }
}
