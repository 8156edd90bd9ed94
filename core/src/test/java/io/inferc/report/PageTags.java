package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a page is well-formed. */
final class PageTags {
  private static final List<String> LONE = List.of("meta", "br", "!doctype");
  private static final Pattern TAGS = Pattern.compile("<(/?)([!a-zA-Z0-9]+)");

  private PageTags() {}

  static void assertClosedInOrder(String html) {
    List<String> open = new ArrayList<>();
    Matcher tags = TAGS.matcher(html);
    while (tags.find()) {
      String name = tags.group(2).toLowerCase(Locale.ROOT);
      if (LONE.contains(name)) {
        continue;
      }
      if (tags.group(1).isEmpty()) {
        open.add(name);
      } else {
        assertEquals(open.remove(open.size() - 1), name, () -> String.join(" ", open));
      }
    }
    assertEquals(List.of(), open);
    assertTrue(html.startsWith("<!DOCTYPE html>") && html.endsWith("</html>\n"), html);
  }

  static void assertTablesScrollAndHaveTheirHeadsMarked(String html) {
    assertEquals(
        html.split("<table>", -1).length - 1,
        html.split("<div class=\"scroll\"[^>]*><table>", -1).length - 1,
        "scrolling tables");
    assertTrue(!html.contains("<th>"), "heads say of what");
  }
}
