package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final String USAGE =
      """
      Options:
        --minutes N     how long
        --quick         briefly""";

  private static Options parse(String... words) {
    return Options.parse(USAGE, List.of("--quick"), words);
  }

  @Test
  void valuesSwitchesAndDefaults() {
    Options options = parse("--minutes", "7", "--quick");
    assertEquals(7, options.number("--minutes", 60));
    assertTrue(options.has("--quick"));
    assertFalse(options.help());
    assertEquals(60, parse().number("--minutes", 60));
    assertEquals("x", parse().text("--minutes", "x"));
  }

  @Test
  void wrongCommandLinesAreRefusedWithTheUsage() {
    for (String[] words :
        new String[][] {{"--hours", "1"}, {"file"}, {"--minutes"}, {"--minut", "1"}}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> parse(words), String.join(" ", words));
      assertTrue(e.getMessage().contains("how long"), e.getMessage());
    }
    Options options = parse("--minutes", "soon");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> options.number("--minutes", 1));
    assertTrue(e.getMessage().contains("'soon'"), e.getMessage());
  }
}
