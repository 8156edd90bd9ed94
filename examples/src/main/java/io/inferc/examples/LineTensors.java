package io.inferc.examples;

import io.inferc.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.List;

/** Turns pictures into the tensors that PP-OCR models take. */
final class LineTensors {
  /** The height of every line in pixels. */
  static final int HEIGHT = 48;

  private static final int CHANNELS = 3;

  private LineTensors() {}

  /** The width of a line at that height, in pixels. */
  static int width(TextLine line) {
    BufferedImage image = line.image();
    return (int) Math.ceil(image.getWidth() * (double) HEIGHT / image.getHeight());
  }

  /**
   * Normalises pictures to -1..1 and pads them on the right with zeros.
   *
   * @param images pictures of the right height, no wider than the width
   * @param width the width of the tensor
   * @return FLOAT32 [images, 3, 48, width], channels blue, green, red
   */
  static Tensor of(List<BufferedImage> images, int width) {
    float[] values = new float[images.size() * CHANNELS * HEIGHT * width];
    for (int i = 0; i < images.size(); i++) {
      BufferedImage image = images.get(i);
      byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < image.getWidth(); x++) {
          int pixel = (y * image.getWidth() + x) * CHANNELS;
          for (int c = 0; c < CHANNELS; c++) {
            values[((i * CHANNELS + c) * HEIGHT + y) * width + x] =
                ((pixels[pixel + c] & 0xff) / 255f - 0.5f) / 0.5f;
          }
        }
      }
    }
    return Tensor.of(values, images.size(), CHANNELS, HEIGHT, width);
  }
}
