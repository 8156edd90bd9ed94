package io.inferc.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UsefulTokensTest {
  @Test
  void lengthsCountAgainstWhatTheyArePaddedTo() {
    UsefulTokens tokens = UsefulTokens.ofLengths(new int[] {3, 8, 0}, 8);
    assertEquals(new UsefulTokens(11, 24), tokens);
    assertEquals(11 / 24.0, tokens.ratio());
  }

  @Test
  void requestsOfDifferentSizesCountByTokensNotByRequest() {
    Dataset requests =
        Dataset.of(
            List.of(
                Map.of("mask", Tensor.of(new long[] {1, 1, 1, 0}, 1, 4)),
                Map.of("mask", Tensor.of(new long[] {1, 0}, 1, 2))));
    assertEquals(new UsefulTokens(4, 6), UsefulTokens.of(requests, "mask"));
  }

  @Test
  void aMaskMayBeOfBooleansOrFloats() {
    assertEquals(
        new UsefulTokens(2, 3),
        UsefulTokens.ofMask(Tensor.of(new boolean[] {true, true, false}, 3)));
    assertEquals(new UsefulTokens(1, 3), UsefulTokens.ofMask(Tensor.of(new float[] {0, 1, 0}, 3)));
  }

  @Test
  void aMaskLongerThanABlockIsCountedWhole() {
    long[] mask = new long[10_000];
    Arrays.fill(mask, 0, 9_000, 1);
    assertEquals(new UsefulTokens(9_000, 10_000), UsefulTokens.ofMask(Tensor.of(mask, 10, 1_000)));
  }

  @Test
  void aMaskThatIsAddedToScoresIsRefused() {
    try (Tensor mask = Tensor.of(new float[] {0, -10_000}, 2)) {
      assertThrows(IllegalArgumentException.class, () -> UsefulTokens.ofMask(mask));
    }
  }

  @Test
  void aRequestWithoutTheMaskSaysWhatItHas() {
    try (Tensor ids = Tensor.of(new long[] {1, 2}, 2)) {
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> UsefulTokens.ofRequest(Map.of("input_ids", ids), "attention_mask"));
      assertTrue(String.valueOf(refused.getMessage()).contains("[input_ids]"));
    }
  }

  @Test
  void aSequenceBeyondThePaddingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> UsefulTokens.ofLengths(new int[] {9}, 8));
    assertThrows(IllegalArgumentException.class, () -> new UsefulTokens(3, 2));
    assertEquals(1, UsefulTokens.NONE.ratio());
  }
}
