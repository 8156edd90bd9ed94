package io.inferc.benchmark.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.Cost;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StudyCurrenciesTest {
  @Test
  void costsInSeveralCurrenciesAreRefusedBeforeAnythingIsMeasured() {
    AtomicInteger asked = new AtomicInteger();
    Subject subject = Subject.of("subject", request -> asked.incrementAndGet());
    List<Variant> variants =
        List.of(
            Variant.of("here", subject), Variant.of("there", subject).cost(Cost.rented(1, "USD")));
    LoadStudy study =
        LoadStudy.builder(Load.constant(100))
            .cost(Cost.rented(1, "EUR"))
            .duration(Duration.ofMillis(250))
            .warmUp(Duration.ZERO)
            .blocks(5)
            .withoutSearch()
            .build();
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> study.run(variants, Requests.of(new PromptRequest("kind", "text", 1))));
    assertTrue(refused.getMessage().contains("EUR and USD"), refused::getMessage);
    assertEquals(0, asked.get());
  }
}
