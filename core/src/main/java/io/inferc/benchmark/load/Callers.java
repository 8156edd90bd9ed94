package io.inferc.benchmark.load;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callers of a run. Closing closes each once, but not under a thread that is still inside: such
 * a caller is closed by that thread when it comes back.
 */
final class Callers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Callers.class);

  private final Subject subject;
  private final List<Slot> slots = new ArrayList<>();

  private Callers(Subject subject) {
    this.subject = subject;
  }

  /** Opens all, or none. */
  static Callers open(Subject subject, int count) {
    Callers callers = new Callers(subject);
    boolean complete = false;
    try {
      for (int i = 0; i < count; i++) {
        callers.slots.add(callers.new Slot(subject.newCaller()));
      }
      complete = true;
      return callers;
    } finally {
      if (!complete) {
        callers.close();
      }
    }
  }

  Subject subject() {
    return subject;
  }

  /**
   * Checks that no caller is still inside a request of a run before.
   *
   * @throws InfercException if one is
   */
  void requireFree() {
    long inside = slots.stream().filter(Slot::isBusy).count();
    if (inside > 0) {
      throw new InfercException(
          Stage.BENCHMARK,
          "Tried to load "
              + subject.name()
              + " again, but "
              + inside
              + " of its "
              + slots.size()
              + " callers still wait for an answer of the run before, though they were"
              + " interrupted.",
          "Have callers end when they are interrupted or after a time of their own, or raise the"
              + " drain limit above what a request takes.");
    }
  }

  List<Slot> slots() {
    return slots;
  }

  @Override
  public void close() {
    slots.forEach(Slot::close);
  }

  /** One caller. */
  final class Slot {
    private final Subject.Caller caller;
    private boolean busy;
    private boolean closing;

    private Slot(Subject.Caller caller) {
      this.caller = caller;
    }

    /** Takes the caller for a thread, which must {@link #leave} it. */
    synchronized Subject.Caller enter() {
      if (busy || closing) {
        throw new IllegalStateException(
            "A caller is for one thread, and not to be used when closed.");
      }
      busy = true;
      return caller;
    }

    private synchronized boolean isBusy() {
      return busy;
    }

    synchronized void leave() {
      busy = false;
      if (closing) {
        closeCaller();
      }
    }

    private synchronized void close() {
      if (closing) {
        return;
      }
      closing = true;
      if (busy) {
        LOG.warn(
            "A caller of {} did not come back from a request; it is closed when it does.",
            subject.name());
      } else {
        closeCaller();
      }
    }

    private void closeCaller() {
      try {
        caller.close();
      } catch (RuntimeException e) {
        LOG.warn("A caller of {} could not be closed.", subject.name(), e);
      }
    }
  }
}
