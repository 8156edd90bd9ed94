package io.inferc.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whether the page can be read, on a light screen, a dark one and on paper. */
class PaletteTest {
  private static final double READABLE = 4.5;

  /** Relative luminance of a colour such as {@code #1b1f24}, by WCAG 2.1. */
  private static double luminance(String colour) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      double c = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  private static double contrast(String a, String b) {
    double one = luminance(a) + 0.05;
    double two = luminance(b) + 0.05;
    return Math.max(one, two) / Math.min(one, two);
  }

  @Test
  void theContrastIsThatOfTheGuidelines() {
    assertEquals(21, contrast("#000000", "#ffffff"), 1e-9);
    assertEquals(4.54, contrast("#767676", "#ffffff"), 0.005);
  }

  @Test
  void whatIsWrittenCanBeReadInBothThemes() {
    int pairs = 0;
    for (Palette front : Palette.foregrounds()) {
      for (Palette back : Palette.backgrounds()) {
        pairs++;
        assertReadable("light", Palette::light, front, back);
        assertReadable("dark", Palette::dark, front, back);
      }
    }
    assertTrue(pairs >= 14, "too few pairs: " + pairs);
  }

  private static void assertReadable(
      String theme, Function<Palette, String> shade, Palette front, Palette back) {
    double contrast = contrast(shade.apply(front), shade.apply(back));
    assertTrue(
        contrast >= READABLE,
        () -> String.format(Locale.ROOT, "%s: %s on %s has %.2f", theme, front, back, contrast));
  }

  @Test
  void everyColourThatIsWrittenWithIsOneOfThose() {
    String rules = PageStyle.css().substring(Palette.declarations().length());
    assertFalse(rules.matches("(?si).*(#[0-9a-f]{3,8}\\b|rgba?\\(|hsla?\\().*"), rules);
    Matcher colours = Pattern.compile("(?<![-\\w])color: var\\(--(\\w+)\\)").matcher(rules);
    int found = 0;
    while (colours.find()) {
      found++;
      Palette colour = Palette.valueOf(colours.group(1).toUpperCase(Locale.ROOT));
      assertTrue(
          Palette.foregrounds().contains(colour) || colour == Palette.PAGE, colour.toString());
    }
    assertTrue(found > 5, "colours were not found");
    Matcher fills = Pattern.compile("background(?:-color)?: var\\(--(\\w+)\\)").matcher(rules);
    while (fills.find()) {
      Palette colour = Palette.valueOf(fills.group(1).toUpperCase(Locale.ROOT));
      // A badge is a foreground that the page's colour is written on: the same pair, turned around.
      assertTrue(
          Palette.backgrounds().contains(colour) || Palette.foregrounds().contains(colour),
          colour.toString());
    }
  }

  @Test
  void aDarkScreenAndPaperHaveTheirOwn() {
    String css = Palette.declarations();
    assertTrue(css.contains("@media screen and (prefers-color-scheme: dark)"), css);
    assertTrue(css.startsWith(":root { --page: " + Palette.PAGE.light()), "paper is light: " + css);
    assertTrue(css.contains("--text: " + Palette.TEXT.dark()), css);
  }
}
