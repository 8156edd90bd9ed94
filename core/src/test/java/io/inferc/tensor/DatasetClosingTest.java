package io.inferc.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.common.InfercException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatasetClosingTest {
  /** One sample without tensors; closing it fails. */
  private static final class Failing implements Iterator<Map<String, Tensor>>, AutoCloseable {
    private final Iterator<Map<String, Tensor>> samples =
        List.<Map<String, Tensor>>of(Map.of()).iterator();
    private final Exception failure;

    Failing(Exception failure) {
      this.failure = failure;
    }

    @Override
    public boolean hasNext() {
      return samples.hasNext();
    }

    @Override
    public Map<String, Tensor> next() {
      return samples.next();
    }

    @Override
    public void close() throws IOException {
      if (failure instanceof IOException io) {
        throw io;
      }
      throw (RuntimeException) failure;
    }
  }

  @Test
  void theVisitorsOwnFailureComesBeforeThatOfClosing() {
    for (Exception closing : List.of(new IOException("disk"), new IllegalStateException("gone"))) {
      Dataset samples = Dataset.streaming(() -> new Failing(closing));
      RuntimeException own = new RuntimeException("the visitor's");
      RuntimeException thrown =
          assertThrows(
              RuntimeException.class,
              () ->
                  samples.forEach(
                      (i, sample) -> {
                        throw own;
                      }));
      assertSame(own, thrown);
      assertEquals(1, thrown.getSuppressed().length);
      Throwable suppressed = thrown.getSuppressed()[0];
      assertSame(closing, suppressed == closing ? suppressed : suppressed.getCause());
    }
  }

  @Test
  void aFailureOfClosingAloneReachesTheCaller() {
    Dataset samples = Dataset.streaming(() -> new Failing(new IOException("disk")));
    InfercException e =
        assertThrows(InfercException.class, () -> samples.forEach((i, sample) -> true));
    assertEquals("disk", e.getCause().getMessage());
  }
}
