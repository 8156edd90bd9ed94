package io.inferc.benchmark.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All requests of a trace in arrays: there may be tens of millions. */
final class EventTable {
  private static final int FIRST_CAPACITY = 1024;
  static final int NO_PAYLOAD = -1;
  static final int TOO_MANY = -1;

  /** An entry takes some 50 bytes of heap, and a file may spend 2 on it. */
  private static final int MOST_SHAPES = 1 << 21;

  private long[] starts = new long[FIRST_CAPACITY];
  private long[] durations = new long[FIRST_CAPACITY];
  private int[] shapes = new int[FIRST_CAPACITY];
  private int[] payloads = new int[FIRST_CAPACITY];
  private final BitSet failed = new BitSet();
  private int size;

  private final List<PayloadPlace> places = new ArrayList<>();
  private final List<RequestShapes> combinations = new ArrayList<>();
  private final Map<RequestShapes, Integer> indices = new HashMap<>();

  /** Where contents lie: the block's position in a file. */
  record PayloadPlace(int file, long position) {}

  /** Numbers a combination of shapes, or says that there are too many. */
  int shapes(RequestShapes combination) {
    Integer known = indices.get(combination);
    if (known != null) {
      return known;
    }
    if ((combinations.size() + 1L) * combination.sizes().size() > MOST_SHAPES) {
      return TOO_MANY;
    }
    indices.put(combination, combinations.size());
    combinations.add(combination);
    return combinations.size() - 1;
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
      shapes = Arrays.copyOf(shapes, larger);
      payloads = Arrays.copyOf(payloads, larger);
    }
    starts[size] = start;
    durations[size] = duration;
    shapes[size] = combination;
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

  RequestShapes shapesOf(int event) {
    return combinations.get(shapes[event]);
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
