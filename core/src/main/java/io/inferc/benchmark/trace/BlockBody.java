package io.inferc.benchmark.trace;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads a block whose checksum was right, but which anybody may have written. */
final class BlockBody {
  private final ByteBuffer bytes;
  private final TraceDamage damage;

  BlockBody(ByteBuffer bytes, TraceDamage damage) {
    this.bytes = bytes;
    this.damage = damage;
  }

  RuntimeException wrong(String found) {
    return damage.altered(found);
  }

  /** Any 64 bits. */
  long number() {
    require(Long.BYTES);
    return bytes.getLong();
  }

  /** A number that is 0 or more. */
  long size() {
    long size = number();
    if (size < 0) {
      throw wrong("the number " + size + " is negative");
    }
    return size;
  }

  /** A number from 0 to below a bound of at most 128. */
  int oneOf(int bound) {
    require(1);
    int value = bytes.get();
    if (value < 0 || value >= bound) {
      throw wrong("the code " + (value & 0xFF) + " stands for nothing");
    }
    return value;
  }

  /** How many things follow of which each takes at least so many bytes, 1 or more. */
  int count(int leastBytes) {
    require(Integer.BYTES);
    int count = bytes.getInt();
    if (count < 0 || (long) count * leastBytes > bytes.remaining()) {
      throw wrong(
          "it tells of " + Integer.toUnsignedString(count) + " things and has no room for them");
    }
    return count;
  }

  int unsignedInt(int most) {
    require(Integer.BYTES);
    int value = bytes.getInt();
    if (value < 0 || value > most) {
      throw wrong("the number " + Integer.toUnsignedString(value) + " is more than " + most);
    }
    return value;
  }

  int unsignedShort(int most) {
    require(Short.BYTES);
    int value = bytes.getShort() & 0xFFFF;
    if (value > most) {
      throw wrong("the number " + value + " is more than " + most);
    }
    return value;
  }

  String text() {
    int length = count(1);
    ByteBuffer text = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw wrong("a text is not UTF-8");
    }
  }

  void requireEnd() {
    if (bytes.hasRemaining()) {
      throw wrong(bytes.remaining() + " bytes are left over");
    }
  }

  private void require(int count) {
    if (bytes.remaining() < count) {
      throw wrong("it ends too early");
    }
  }
}
