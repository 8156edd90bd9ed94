package io.inferc.examples;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.awt.Font;
import java.awt.GraphicsEnvironment;
import java.awt.font.FontRenderContext;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The logical fonts of Java, or a clear word where the machine has none behind them. */
final class Fonts {
  private static final List<String> FAMILIES =
      List.of(Font.SANS_SERIF, Font.SERIF, Font.MONOSPACED);

  private Fonts() {}

  /**
   * Returns the families that every Java has.
   *
   * @throws InfercException if there is no font on this machine to draw them with
   */
  static List<String> families() {
    return families(Fonts::drawSomething);
  }

  /** The attempt is a parameter so that a machine without fonts can be imitated. */
  static List<String> families(Supplier<Boolean> attempt) {
    try {
      if (attempt.get()) {
        return FAMILIES;
      }
    } catch (LinkageError | InternalError | RuntimeException e) {
      // A JDK without fontconfig fails here with any of these, by version and vendor.
      throw missing("Java cannot use fonts here: " + e, e);
    }
    throw missing("the fonts here have no Latin letters", null);
  }

  private static InfercException missing(String found, @Nullable Throwable cause) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to draw lines of text, but " + found + ".",
        "Install fontconfig and a font; on Debian and Ubuntu the packages fontconfig and"
            + " fonts-dejavu-core, on Fedora fontconfig and dejavu-sans-fonts.",
        cause);
  }

  private static boolean drawSomething() {
    if (GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
        == 0) {
      return false;
    }
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 20);
    FontRenderContext context = new FontRenderContext(null, true, true);
    return font.canDisplayUpTo("inferc") < 0
        && !font.createGlyphVector(context, "inferc").getVisualBounds().isEmpty();
  }
}
