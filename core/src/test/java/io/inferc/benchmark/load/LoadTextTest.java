package io.inferc.benchmark.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadTextTest {
  @Test
  void loadsAreReadAsTheyAreBuilt() {
    assertEquals(Load.closed(4), Load.parse("closed:4"));
    assertEquals(Load.constant(200), Load.parse("constant:200"));
    assertEquals(Load.poisson(0.5), Load.parse(" Poisson : 0.5 "));
    assertEquals(
        Load.bursts(400, Duration.ofSeconds(2), 0, Duration.ofMillis(1500)),
        Load.parse("bursts:400, 2s, 0, 1.5s"));
    assertEquals(Load.ramp(10, 500), Load.parse("ramp:10,500"));
    assertEquals(Load.daily(200, 3, Duration.ofHours(24)), Load.parse("daily:200,3,24h"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "closed:4",
        "constant:200",
        "poisson:0.001",
        "bursts:400,2s,50.5,1500ms",
        "ramp:10,500",
        "daily:200,3,24h",
        "daily:1234567,2.5,90m"
      })
  void theTextOfALoadIsWhatIsRead(String text) {
    assertEquals(text, Load.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "uniform:3 | there is no load of that name",
        "200 | there is no load of that name",
        "poisson | poisson:RATE, for example poisson:200",
        "poisson: | it has 0 arguments",
        "poisson:1,2 | it has 2 arguments",
        "poisson:fast | 'fast' is no number",
        "poisson:-3 | give a positive number",
        "poisson:NaN | give a positive number",
        "closed:1.5 | '1.5' is no whole number",
        "bursts:1,2,3,4 | '2' is no time",
        "bursts:1,99999999999h,3,4s | too long",
        "daily:1,2,0s | longer than 0",
        "replay:trace | Load.replay"
      })
  void whatCannotBeReadIsSaid(String text, String part) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Load.parse(text)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void durationsTakeTheLargestUnitThatFits() {
    assertEquals("2h", LoadText.duration(Duration.ofMinutes(120)));
    assertEquals("90s", LoadText.duration(Duration.ofSeconds(90)));
    assertEquals("17us", LoadText.duration(Duration.ofNanos(17_000)));
    assertEquals("1ns", LoadText.duration(Duration.ofNanos(1)));
  }
}
