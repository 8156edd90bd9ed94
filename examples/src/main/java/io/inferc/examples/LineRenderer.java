package io.inferc.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.ConvolveOp;
import java.awt.image.DataBufferByte;
import java.awt.image.Kernel;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws lines of text as a camera might have taken them: many fonts, sizes and lengths, dark on
 * light and light on dark, slightly turned and slanted, blurred and noisy.
 *
 * <p>The same seed and number give the same line on one machine; another machine may have other
 * fonts. Thread-safe.
 */
final class LineRenderer {
  private static final int[] STYLES = {Font.PLAIN, Font.BOLD, Font.ITALIC, Font.BOLD | Font.ITALIC};
  private static final int SHORTEST = 3;
  private static final int LONGEST = 42;
  private static final double MOST_DEGREES = 0.7;
  private static final double MOST_SLANT = 0.12;
  private static final double MOST_NOISE = 12;

  private final long seed;
  private final List<String[]> sentences;
  private final List<String> families;

  /**
   * Makes a renderer.
   *
   * @param seed lines of different seeds differ
   * @param sentences where the words come from
   * @throws io.inferc.common.InfercException if there are no fonts
   */
  LineRenderer(long seed, List<Corpus> sentences) {
    this.seed = seed;
    this.sentences =
        sentences.stream()
            .map(Corpus::text)
            .filter(LineRenderer::isAscii)
            .map(t -> t.split(" "))
            .toList();
    families = Fonts.families();
  }

  /** Not every letter beyond is in the recogniser's dictionary. */
  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  /** Draws the line of a number, upright. */
  TextLine line(long number) {
    // Stepping by the golden ratio gives neighbours unrelated sequences.
    SplittableRandom random = new SplittableRandom(seed + number * 0x9E3779B97F4A7C15L);
    String text = words(random);
    BufferedImage image = draw(text, random);
    if (random.nextInt(3) == 0) {
      image = blur(image);
    }
    addNoise(image, random.nextDouble(MOST_NOISE), random);
    return new TextLine(text, image, false);
  }

  private String words(SplittableRandom random) {
    int wanted = random.nextInt(SHORTEST, LONGEST + 1);
    String[] words = sentences.get(random.nextInt(sentences.size()));
    // The last words of a sentence alone would make too many short lines.
    int from = random.nextInt(Math.max(1, words.length * 2 / 3));
    StringBuilder text = new StringBuilder(words[from]);
    for (int i = from + 1; i < words.length && text.length() < wanted; i++) {
      if (text.length() + 1 + words[i].length() > LONGEST) {
        break;
      }
      text.append(' ').append(words[i]);
    }
    return text.toString();
  }

  private BufferedImage draw(String text, SplittableRandom random) {
    String family = families.get(random.nextInt(families.size()));
    int style = STYLES[random.nextInt(STYLES.length)];
    Font font = new Font(family, style, 1).deriveFont((float) random.nextDouble(20, 56));
    AffineTransform slant =
        AffineTransform.getRotateInstance(
            Math.toRadians(random.nextDouble(-MOST_DEGREES, MOST_DEGREES)));
    slant.shear(random.nextDouble(-MOST_SLANT, MOST_SLANT), 0);
    // Outlines, not glyphs: they are the same whatever the machine's hinting is set to.
    Shape outline =
        slant.createTransformedShape(
            font.createGlyphVector(new FontRenderContext(null, true, true), text).getOutline());
    Rectangle2D bounds = outline.getBounds2D();
    double margin = font.getSize2D() * random.nextDouble(0.08, 0.3);
    int width = (int) Math.ceil(bounds.getWidth() + 2 * margin);
    int height = (int) Math.ceil(Math.max(bounds.getHeight(), font.getSize2D() / 2) + 2 * margin);
    boolean lightOnDark = random.nextInt(5) == 0;
    Color light = color(random, 175, 256);
    Color dark = color(random, 0, 90);

    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setColor(lightOnDark ? dark : light);
      graphics.fillRect(0, 0, width, height);
      graphics.setColor(lightOnDark ? light : dark);
      graphics.translate(margin - bounds.getX(), (height - bounds.getHeight()) / 2 - bounds.getY());
      graphics.fill(outline);
    } finally {
      graphics.dispose();
    }
    return image;
  }

  private static Color color(SplittableRandom random, int from, int to) {
    return new Color(random.nextInt(from, to), random.nextInt(from, to), random.nextInt(from, to));
  }

  private static BufferedImage blur(BufferedImage image) {
    float side = 1 / 16f;
    float[] weights = {side, 2 * side, side, 2 * side, 4 * side, 2 * side, side, 2 * side, side};
    BufferedImage blurred = new BufferedImage(image.getWidth(), image.getHeight(), image.getType());
    return new ConvolveOp(new Kernel(3, 3, weights), ConvolveOp.EDGE_NO_OP, null)
        .filter(image, blurred);
  }

  private static void addNoise(BufferedImage image, double deviation, SplittableRandom random) {
    byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < pixels.length; i++) {
      // Three uniform numbers are near enough to a bell; their sum has a variance of 1/4.
      double bell = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      long value = Math.round((pixels[i] & 0xff) + 2 * deviation * bell);
      pixels[i] = (byte) Math.max(0, Math.min(255, value));
    }
  }
}
