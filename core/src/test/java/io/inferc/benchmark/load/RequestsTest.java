package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestsTest {
  private static TensorRequest ofLength(int length) {
    return TensorRequest.of(Map.of("x", Tensor.of(new float[length], 1, length)));
  }

  @Test
  void theKindOfARequestIsItsShapes() {
    assertEquals("1x3", ofLength(3).kind());
    Tensor ids = Tensor.of(new long[8], 2, 4);
    Tensor mask = Tensor.of(new long[8], 2, 4);
    assertEquals("2x4", TensorRequest.of(Map.of("ids", ids, "mask", mask)).kind());
    Tensor lengths = Tensor.of(new long[2], 2);
    assertEquals("2x4, 2", TensorRequest.of(Map.of("ids", ids, "lengths", lengths)).kind());
  }

  @Test
  void anIndexAlwaysDrawsTheSameRequest() {
    Requests requests = Requests.drawnFrom(List.of(ofLength(1), ofLength(2), ofLength(3)), 7);
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      drawn.add(requests.get(i).kind());
      assertSame(requests.get(i), requests.get(i));
    }
    Requests again = Requests.drawnFrom(List.of(ofLength(1), ofLength(2), ofLength(3)), 7);
    for (int i = 99; i >= 0; i--) {
      assertEquals(drawn.get(i), again.get(i).kind());
    }
  }

  @Test
  void requestsAreDrawnAsOftenAsTheyAreListed() {
    Requests requests = Requests.drawnFrom(List.of(ofLength(1), ofLength(2), ofLength(2)), 7);
    int longer = 0;
    for (int i = 0; i < 30_000; i++) {
      longer += requests.get(i).kind().equals("1x2") ? 1 : 0;
    }
    // Six standard deviations of a binomial draw.
    assertEquals(20_000, longer, 6 * Math.sqrt(30_000 * 2 / 9.0));
  }

  @Test
  void samplesOfADataSetOutliveTheirVisit() {
    Dataset samples =
        Dataset.generated(3, i -> Map.of("x", Tensor.of(new float[] {i, i + 1}, 1, 2)));
    Requests requests = Requests.of(samples, 10, 1);
    for (int i = 0; i < 20; i++) {
      Tensor x = ((TensorRequest) requests.get(i)).inputs().get("x");
      assertFalse(x.isClosed());
      assertEquals(x.floats().get(0) + 1, x.floats().get(1));
    }
  }

  @Test
  void nothingToDrawFromIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Requests.drawnFrom(List.of(), 1));
    assertThrows(IllegalArgumentException.class, () -> Requests.of(Dataset.of(List.of()), 1, 1));
    assertThrows(IllegalArgumentException.class, () -> Requests.of(Dataset.of(List.of()), 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new PromptRequest("chat", "hi", 0));
  }

  @Test
  void aFunctionThatThrowsHasFailedOneRequest() {
    Subject subject =
        Subject.of(
            "odd",
            request -> {
              throw new IllegalStateException("no");
            });
    try (Subject.Caller caller = subject.newCaller()) {
      Answer answer = caller.call(ofLength(1));
      assertEquals(Outcome.FAILED, answer.outcome());
      assertEquals("java.lang.IllegalStateException: no", answer.detail());
    }
    assertThrows(IllegalArgumentException.class, () -> Answer.failed(Outcome.OK, ""));
  }
}
