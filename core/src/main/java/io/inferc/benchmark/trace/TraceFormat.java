package io.inferc.benchmark.trace;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** What reading and writing share of the format that the package describes. */
final class TraceFormat {
  static final byte[] MAGIC = "inferctr".getBytes(StandardCharsets.US_ASCII);
  static final int VERSION = 1;

  /** The magic and the version. */
  static final int START_BYTES = MAGIC.length + Integer.BYTES;

  static final byte HEADER = 1;
  static final byte SHAPES = 2;
  static final byte REQUESTS = 3;
  static final byte PAYLOAD = 4;
  static final byte COUNTS = 5;
  static final byte END = 6;

  /** Kind, length and their checksum. */
  static final int HEAD_BYTES = 1 + Integer.BYTES + Integer.BYTES;

  /** What a block takes beside its body. */
  static final int FRAME_BYTES = HEAD_BYTES + Integer.BYTES;

  static final int EVENT_BYTES = Long.BYTES + Long.BYTES + Integer.BYTES + 1;
  static final int COUNTS_BYTES = 4 * Long.BYTES;
  static final int FAILED = 1;

  static final int MOST_BODY_BYTES = 1 << 24;
  static final int MOST_HEADER_BYTES = 1 << 20;
  private static final int MOST_PAYLOAD_BYTES = 1 << 30;
  static final int MOST_INPUTS = 1 << 16;
  static final int MOST_RANK = 1 << 10;

  static final String SUFFIX = ".inferctrace";
  static final Pattern FILE_NAME = Pattern.compile("trace-(\\d{13,})-(\\d{6,})\\.inferctrace");
  static final String LOCK_NAME = ".inferc-trace-lock";

  private TraceFormat() {}

  static String fileName(BigInteger millis, int number) {
    return String.format(Locale.ROOT, "trace-%013d-%06d%s", millis, number, SUFFIX);
  }

  /** How long a block's body may be. */
  static int mostBytes(byte kind) {
    return switch (kind) {
      case HEADER -> MOST_HEADER_BYTES;
      case PAYLOAD -> MOST_PAYLOAD_BYTES;
      default -> MOST_BODY_BYTES;
    };
  }

  static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /** The checksum of a block's kind and length. */
  static int headChecksum(byte kind, int length) {
    ByteBuffer head = ByteBuffer.allocate(1 + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return checksum(head.put(kind).putInt(length).flip());
  }
}
