package io.inferc.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.common.InfercException;
import io.inferc.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LineRendererTest {
  private final LineRenderer renderer = new LineRenderer(1, Corpus.sentences());

  private static byte[] pixels(TextLine line) {
    return ((DataBufferByte) line.image().getRaster().getDataBuffer()).getData();
  }

  @Test
  void theSameSeedAndNumberGiveTheSameLineInAnyOrder() {
    LineRenderer again = new LineRenderer(1, Corpus.sentences());
    for (int number : new int[] {7, 0, 3}) {
      TextLine line = renderer.line(number);
      TextLine other = again.line(number);
      assertEquals(line.text(), other.text());
      assertArrayEquals(pixels(line), pixels(other));
    }
  }

  @Test
  void anotherSeedOrNumberGivesAnotherLine() {
    TextLine line = renderer.line(0);
    assertFalse(Arrays.equals(pixels(line), pixels(renderer.line(1))));
    LineRenderer another = new LineRenderer(2, Corpus.sentences());
    assertFalse(Arrays.equals(pixels(line), pixels(another.line(0))));
  }

  @Test
  void linesVaryInLengthAndSizeAndHoldAsciiOnly() {
    Set<Integer> widths = new HashSet<>();
    Set<Integer> heights = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      TextLine line = renderer.line(i);
      assertTrue(line.text().matches("[!-~]([ -~]*[!-~])?"), line.text());
      assertTrue(line.text().length() <= 42, line.text());
      widths.add(LineTensors.width(line) / 50);
      heights.add(line.image().getHeight());
    }
    assertTrue(widths.size() >= 10, "widths " + widths);
    assertTrue(heights.size() >= 20, "heights " + heights);
  }

  @Test
  void everyLineShowsInkOnPaper() {
    for (int i = 0; i < 50; i++) {
      TextLine line = renderer.line(i);
      int least = 255;
      int most = 0;
      for (byte value : pixels(line)) {
        least = Math.min(least, value & 0xff);
        most = Math.max(most, value & 0xff);
      }
      assertTrue(most - least > 60, line.text() + " has values from " + least + " to " + most);
    }
  }

  @Test
  void aLineTurnedTwiceIsAsItWas() {
    TextLine line = renderer.line(4);
    TextLine turned = line.turn();
    assertTrue(turned.turned());
    assertFalse(turned.turn().turned());
    assertArrayEquals(pixels(line), pixels(turned.turn()));
    BufferedImage upright = line.image();
    assertEquals(
        upright.getRGB(2, 1),
        turned.image().getRGB(upright.getWidth() - 3, upright.getHeight() - 2));
  }

  @Test
  void tensorsHoldBlueGreenRedFromMinusOneToOneAndZerosBehind() {
    BufferedImage image = new BufferedImage(2, LineTensors.HEIGHT, BufferedImage.TYPE_3BYTE_BGR);
    image.setRGB(1, 0, 0xff3300);
    try (Tensor tensor = LineTensors.of(List.of(image), 4)) {
      assertArrayEquals(new long[] {1, 3, LineTensors.HEIGHT, 4}, tensor.shape());
      float[] values = tensor.toFloatArray();
      int plane = LineTensors.HEIGHT * 4;
      assertArrayEquals(new float[] {-1, -1, 0, 0}, Arrays.copyOfRange(values, 0, 4), 1e-6f);
      assertEquals(0x33 / 127.5f - 1, values[plane + 1], 1e-6f);
      assertEquals(1, values[2 * plane + 1], 1e-6f);
    }
  }

  @Test
  void aMachineWithoutFontsIsToldWhichPackagesToInstall() {
    InfercException broken =
        assertThrows(
            InfercException.class,
            () ->
                Fonts.families(
                    () -> {
                      throw new InternalError("Fontconfig head is null");
                    }));
    assertTrue(broken.getMessage().contains("Fontconfig head is null"), broken.getMessage());
    assertTrue(broken.remedy().contains("fonts-dejavu-core"), broken.remedy());
    InfercException empty = assertThrows(InfercException.class, () -> Fonts.families(() -> false));
    assertTrue(empty.remedy().contains("fontconfig"), empty.remedy());
  }
}
