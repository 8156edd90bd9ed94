package io.inferc.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The colours of the page, one for a light and one for a dark screen. Each foreground can be read
 * on each background, by the contrast of 4.5 that WCAG 2.1 asks for in criterion 1.4.3.
 */
enum Palette {
  /** Behind everything, and the writing on a badge. */
  PAGE("#ffffff", "#0d1117"),
  /** Behind tiles and the heads of tables. */
  CARD("#f4f6f8", "#161b22"),
  TEXT("#1b1f24", "#e6edf3"),
  DIM("#57606a", "#9aa4af"),
  GOOD("#17703a", "#3fb950"),
  BAD("#b42318", "#ff8178"),
  WARN("#8a5300", "#e3b341"),
  ORIGINAL("#57606a", "#a9b4c0"),
  COMPILED("#0b5cad", "#6cb6ff"),
  /** What is compared beyond those two. */
  THIRD("#7a3bd0", "#c29bff"),
  FOURTH("#0b6661", "#3fc1b8"),
  FIFTH("#a0246f", "#f28ac2"),
  /** Lines that only separate. */
  LINE("#d0d7de", "#30363d");

  private final String light;
  private final String dark;

  Palette(String light, String dark) {
    this.light = light;
    this.dark = dark;
  }

  static List<Palette> backgrounds() {
    return List.of(PAGE, CARD);
  }

  /** What is written or drawn to be read. */
  static List<Palette> foregrounds() {
    return List.of(TEXT, DIM, GOOD, BAD, WARN, ORIGINAL, COMPILED, THIRD, FOURTH, FIFTH);
  }

  String light() {
    return light;
  }

  String dark() {
    return dark;
  }

  /** The colour of whichever screen it is, for CSS and SVG. */
  String css() {
    return "var(" + variable() + ")";
  }

  private String variable() {
    return "--" + name().toLowerCase(Locale.ROOT);
  }

  /** Declares the colours of both screens; paper is a light one. */
  static String declarations() {
    return ":root { "
        + declared(Palette::light)
        + " }\n@media screen { :root { color-scheme: light dark; } }\n"
        + "@media screen and (prefers-color-scheme: dark) { :root { "
        + declared(Palette::dark)
        + " } }\n";
  }

  private static String declared(Function<Palette, String> shade) {
    return Arrays.stream(values())
        .map(p -> p.variable() + ": " + shade.apply(p) + ";")
        .collect(Collectors.joining(" "));
  }
}
