package io.inferc.rewrite.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

/** Name patterns against the regular expressions they stand for, and distances against both. */
class GlobProperties {
  @Property
  void aPatternMatchesWhatItsRegularExpressionMatches(
      @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String pattern,
      @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 10) String name) {
    String regex = pattern.replace("*", ".*").replace('?', '.');
    assertEquals(Pattern.matches(regex, name), Glob.matches(pattern, name));
  }

  @Property
  void theDistanceIsZeroExactlyWhereThePatternMatches(
      @ForAll @Chars({'a', 'b', '*', '?'}) @StringLength(max = 8) String pattern,
      @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 10) String name) {
    assertEquals(Glob.matches(pattern, name), Glob.distance(pattern, name, true) == 0);
  }

  @Property
  void oneRemovedCharacterIsADistanceOfOne(
      @ForAll @CharRange(from = 'a', to = 'z') @StringLength(min = 1, max = 12) String name) {
    assertEquals(1, Glob.distance(name.substring(1), name, false));
    assertEquals(0, Glob.distance(name.toUpperCase(java.util.Locale.ROOT), name, false));
  }
}
