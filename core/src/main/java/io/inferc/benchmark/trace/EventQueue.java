package io.inferc.benchmark.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hands requests from many threads to the writer's: a ring of places that are made once, after
 * Vyukov's bounded queue, in which each place says whose turn it is. Nobody waits: a full ring
 * refuses.
 *
 * <p>JCTools has this for objects only, of which one would be made for each request.
 */
final class EventQueue {
  private static final VarHandle TURN;

  static {
    try {
      TURN = MethodHandles.lookup().findVarHandle(Place.class, "turn", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Takes a request out of the ring. */
  interface Taker {
    void take(
        long start, long duration, ShapeSet shapes, boolean failed, @Nullable Payload payload);
  }

  private static final class Place {
    /** Free for the request of this number; one more if that is in it. Read by {@link #TURN}. */
    @SuppressWarnings("UnusedVariable")
    private volatile long turn;

    private long start;
    private long duration;
    private @Nullable ShapeSet shapes;
    private boolean failed;
    private @Nullable Payload payload;

    private Place(long turn) {
      this.turn = turn;
    }
  }

  /** The bit that makes a tail negative: nothing more finds a place. */
  private static final long CLOSED = Long.MIN_VALUE;

  private final Place[] places;
  private final AtomicLong tail = new AtomicLong();
  private long head;

  EventQueue(int capacity) {
    places = new Place[capacity];
    for (int i = 0; i < capacity; i++) {
      places[i] = new Place(i);
    }
  }

  /** Adds a request, from any thread; false if the ring is full or closed. */
  boolean offer(
      long start, long duration, ShapeSet shapes, boolean failed, @Nullable Payload payload) {
    while (true) {
      long number = tail.get();
      if (number < 0) {
        return false;
      }
      Place place = places[(int) number & (places.length - 1)];
      long turn = (long) TURN.getAcquire(place);
      if (turn < number) {
        return false;
      }
      if (turn == number && tail.compareAndSet(number, number + 1)) {
        place.start = start;
        place.duration = duration;
        place.shapes = shapes;
        place.failed = failed;
        place.payload = payload;
        TURN.setRelease(place, number + 1);
        return true;
      }
    }
  }

  /** Takes what is there, at most so many; on one thread alone. */
  int drain(int most, Taker taker) {
    int taken = 0;
    while (taken < most) {
      Place place = places[(int) head & (places.length - 1)];
      if ((long) TURN.getAcquire(place) != head + 1) {
        break;
      }
      long start = place.start;
      long duration = place.duration;
      ShapeSet shapes = Objects.requireNonNull(place.shapes);
      boolean failed = place.failed;
      Payload payload = place.payload;
      place.shapes = null;
      place.payload = null;
      TURN.setRelease(place, head + places.length);
      head++;
      taken++;
      taker.take(start, duration, shapes, failed, payload);
    }
    return taken;
  }

  /** Refuses what is added from now on; from any thread. */
  void close() {
    tail.getAndUpdate(number -> number | CLOSED);
  }

  /** Tells the taker's thread whether all was taken that found a place so far. */
  boolean isDrained() {
    return head == end();
  }

  /** Leaves what found a place and is not in it yet, and what is behind it; says how many. */
  long leave() {
    long left = end() - head;
    head += left;
    return left;
  }

  private long end() {
    return tail.get() & ~CLOSED;
  }
}
