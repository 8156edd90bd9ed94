package io.inferc.benchmark.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CpuTimesTest {
  private static final String STAT =
      "cpu  415057 328447 78514 147567 1705 0 1353 2242 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";

  @Test
  void stolenTimeIsTheEighthColumn() {
    assertEquals(Optional.of(new CpuTimes(974885, 149272, 2242)), CpuTimes.parse(STAT));
  }

  @Test
  void sharesAreOfTheTimeInBetween() {
    CpuTimes before = new CpuTimes(1000, 500, 100);
    CpuTimes after = new CpuTimes(1200, 600, 130);
    assertEquals(OptionalDouble.of(0.15), after.stolenSince(before));
    assertEquals(OptionalDouble.of(0.35), after.busySince(before));
  }

  @Test
  void withoutATickThereIsNoShare() {
    CpuTimes once = new CpuTimes(1000, 500, 100);
    assertEquals(OptionalDouble.empty(), once.stolenSince(once));
  }

  @Test
  void otherTextHasNoTimes() {
    assertEquals(Optional.empty(), CpuTimes.parse(""));
    assertEquals(Optional.empty(), CpuTimes.parse("cpu 1 2 3 4"));
    assertEquals(Optional.empty(), CpuTimes.parse("cpu a b c d e f g h"));
  }
}
