package io.inferc.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CalibrationTableProperties {
  @Property
  void everyFloatComesBackExactly(@ForAll int first, @ForAll int second) throws IOException {
    float a = Float.intBitsToFloat(first);
    float b = Float.intBitsToFloat(second);
    Assume.that(Float.isFinite(a) && Float.isFinite(b));
    TensorRange range = TensorRange.observed(Math.min(a, b), Math.max(a, b));
    CalibrationTable table =
        CalibrationTable.builder("digest", "min-max", 1)
            .range("t", range)
            .channels(
                "t",
                new ChannelStatistics(
                    -1, new float[] {a}, new float[] {Math.abs(a)}, new float[] {Math.abs(b)}))
            .build();
    assertEquals(table, CalibrationTableJson.read(CalibrationTableJson.write(table)));
  }
}
