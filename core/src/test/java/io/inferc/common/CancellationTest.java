package io.inferc.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellationTest {
  @Test
  void aCallbackRunsOnceHoweverOftenTheWorkIsCancelled() {
    Cancellation c = new Cancellation();
    AtomicInteger calls = new AtomicInteger();
    c.onCancel(calls::incrementAndGet);
    assertFalse(c.isCancelled());
    c.throwIfCancelled(Stage.COMPILE);
    c.cancel();
    c.cancel();
    assertTrue(c.isCancelled());
    assertEquals(1, calls.get());
    CancelledException e =
        assertThrows(CancelledException.class, () -> c.throwIfCancelled(Stage.COMPILE));
    assertEquals(Stage.COMPILE, e.stage());
  }

  @Test
  void aWithdrawnCallbackIsNotCalledAndALateOneAtOnce() {
    Cancellation c = new Cancellation();
    AtomicInteger calls = new AtomicInteger();
    c.onCancel(calls::incrementAndGet).close();
    c.cancel();
    assertEquals(0, calls.get());
    c.onCancel(calls::incrementAndGet).close();
    assertEquals(1, calls.get());
  }

  @Test
  void aRegistrationClosedTwiceLeavesAnotherOfTheSameCallbackAlone() {
    Cancellation c = new Cancellation();
    AtomicInteger calls = new AtomicInteger();
    Runnable callback = calls::incrementAndGet;
    Cancellation.Registration first = c.onCancel(callback);
    c.onCancel(callback);
    first.close();
    first.close();
    c.cancel();
    assertEquals(1, calls.get());
  }

  @Test
  void ofTwoRegistrationsOfOneCallbackTheClosedOneIsWithdrawn() {
    Cancellation c = new Cancellation();
    List<String> order = new ArrayList<>();
    Runnable twice = () -> order.add("twice");
    c.onCancel(twice);
    c.onCancel(() -> order.add("between"));
    c.onCancel(twice).close();
    c.cancel();
    assertEquals(List.of("twice", "between"), order);
  }

  @Test
  void aMessageSaysProblemAndRemedy() {
    InfercException e = new InfercException(Stage.RUN, "It broke.", "Mend it.");
    assertEquals("It broke. Mend it.", e.getMessage());
    assertEquals("It broke.", e.problem());
    assertEquals("Mend it.", e.remedy());
    ResourceClosedException closed = new ResourceClosedException("run a session", "the session");
    assertEquals(Stage.RUN, closed.stage());
    assertTrue(
        closed.getMessage().startsWith("Tried to run a session, but the session is closed."));
    assertTrue(new ConcurrentUseException("run", "other").getMessage().contains("thread 'other'"));
  }

  @Test
  void anInterruptEndsTheWorkToo() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancelledException.class, () -> new Cancellation().throwIfCancelled(Stage.COMPILE));
    } finally {
      // Clears the flag, which must have been kept.
      assertTrue(Thread.interrupted());
    }
  }
}
