package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ReadingErrorsTest {
  @Test
  void theDistanceCountsInsertionsDeletionsAndReplacements() {
    assertEquals(0, ReadingErrors.distance("line", "line"));
    assertEquals(1, ReadingErrors.distance("line", "lines"));
    assertEquals(1, ReadingErrors.distance("line", "lie"));
    assertEquals(1, ReadingErrors.distance("line", "lime"));
    assertEquals(3, ReadingErrors.distance("kitten", "sitting"));
    assertEquals(4, ReadingErrors.distance("", "line"));
    assertEquals(4, ReadingErrors.distance("line", ""));
  }

  @Test
  void ratesAreOverAllLines() {
    ReadingErrors errors = new ReadingErrors();
    errors.add("October", "0ctober");
    errors.add("and", "and");
    errors.add("", "");
    assertEquals(2 / 3.0, errors.exactMatch(), 1e-12);
    assertEquals(0.1, errors.characterErrorRate(), 1e-12);
    assertEquals("66.7 % of 3 lines right, character error rate 10.00 %", errors.toString());
  }

  @Test
  void nothingReadIsNothingWrong() {
    ReadingErrors errors = new ReadingErrors();
    assertEquals(1, errors.exactMatch());
    assertEquals(0, errors.characterErrorRate());
  }
}
