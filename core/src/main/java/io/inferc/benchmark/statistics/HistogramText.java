package io.inferc.benchmark.statistics;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.HdrHistogram.Histogram;

/** HdrHistogram's compressed form in Base64. */
final class HistogramText {
  static final int DIGITS = 3;

  private static final int COMPRESSED_HEADER = 8;
  private static final int HEADER = 40;
  private static final int DIGITS_AT = 12;

  private HistogramText() {}

  static String write(Histogram histogram) {
    ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int length = histogram.encodeIntoCompressedByteBuffer(buffer);
    return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
  }

  static Histogram read(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.strip());
      requireDigits(bytes);
      Histogram histogram = Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes), 0);
      histogram.setAutoResize(true);
      return histogram;
    } catch (DataFormatException | RuntimeException e) {
      throw new IllegalArgumentException(
          "Tried to read a histogram of latencies from "
              + text.length()
              + " characters, but they hold none: "
              + e.getMessage()
              + ". Give it the whole text that LatencyHistogram.encode() returned.",
          e);
    }
  }

  /**
   * Looks at the digits before the counts are set aside, whose number they decide: five digits ask
   * for a hundred times the memory of three.
   */
  private static void requireDigits(byte[] bytes) throws DataFormatException {
    if (bytes.length < COMPRESSED_HEADER) {
      throw new IllegalArgumentException("the header is missing");
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes, COMPRESSED_HEADER, bytes.length - COMPRESSED_HEADER);
      byte[] header = new byte[HEADER];
      if (inflater.inflate(header) < HEADER) {
        throw new IllegalArgumentException("the header is cut off");
      }
      int digits = ByteBuffer.wrap(header).getInt(DIGITS_AT);
      if (digits != DIGITS) {
        throw new IllegalArgumentException("it has " + digits + " digits instead of " + DIGITS);
      }
    } finally {
      inflater.end();
    }
  }
}
