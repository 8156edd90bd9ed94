package io.inferc.examples;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/**
 * A picture of one line of text.
 *
 * @param text what it says
 * @param image the picture, blue, green and red of 8 bits each
 * @param turned true if the picture stands on its head
 */
record TextLine(String text, BufferedImage image, boolean turned) {
  /** Returns this line turned by 180 degrees. */
  TextLine turn() {
    int width = image.getWidth();
    int height = image.getHeight();
    BufferedImage upsideDown = new BufferedImage(width, height, image.getType());
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        upsideDown.setRGB(width - 1 - x, height - 1 - y, image.getRGB(x, y));
      }
    }
    return new TextLine(text, upsideDown, !turned);
  }

  /** Returns the picture at another size. */
  BufferedImage scaled(int width, int height) {
    BufferedImage scaled = new BufferedImage(width, height, image.getType());
    Graphics2D graphics = scaled.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(image, 0, 0, width, height, null);
    } finally {
      graphics.dispose();
    }
    return scaled;
  }
}
