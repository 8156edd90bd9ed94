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
  void namesAreOfThoseThatArePossible() {
    List<String> possible = List.of("a", "b");
    assertEquals(possible, parse().names("--minutes", possible));
    assertEquals(List.of("b"), parse("--minutes", "b").names("--minutes", possible));
    Options wrong = parse("--minutes", "b,c");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> wrong.names("--minutes", possible));
    assertTrue(e.getMessage().contains("'c'"), e.getMessage());
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
