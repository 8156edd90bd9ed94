package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** What every call has in common: text, results through pointers, errors. */
final class Calls {
  // The last error is kept for real failures only; for a null pointer it would be an older one's.
  static final int INVALID_C_PARAM = -14;

  // Where OpenVINO was built and the nesting of its checks say nothing to a reader. What is between
  // quotes may be as long as a file: a group that can be given back takes stack for each character.
  private static final Pattern NOISE =
      Pattern.compile(
          "Exception from \\S+:\\d+:\\s*"
              + "|Check '(?:[^'\\\\]|\\\\.)*+' failed at \\S+:\\d+:\\s*"
              + "|\\[ ?GENERAL_ERROR ?\\]\\s*");

  private static final int LONGEST_MESSAGE = 1200;

  private Calls() {}

  /** Copies text to native memory, as OpenVINO takes it. */
  static Memory text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Memory memory = new Memory(bytes.length + 1L);
    memory.write(0, bytes, 0, bytes.length);
    memory.setByte(bytes.length, (byte) 0);
    return memory;
  }

  /** Memory for one pointer, one size or one number, at first zero. */
  static Memory cell() {
    return cells(1);
  }

  /** Memory for some 8-byte values, at first zero. */
  static Memory cells(int count) {
    Memory memory = new Memory(8L * Math.max(1, count));
    memory.clear();
    return memory;
  }

  /** Copies sizes to native memory. */
  static Memory sizes(long[] sizes) {
    Memory memory = cells(sizes.length);
    memory.write(0, sizes, 0, sizes.length);
    return memory;
  }

  /** Reads a handle that a call has made. */
  static Pointer handle(Pointer cell) {
    Pointer handle = cell.getPointer(0);
    if (handle == null) {
      throw new CallException("it reported success and returned nothing");
    }
    return handle;
  }

  /** Reads text that a call has made, and frees it. */
  static String takeText(Pointer cell) {
    Pointer text = handle(cell);
    try {
      return read(text);
    } finally {
      OpenVinoC.ov_free(text);
    }
  }

  static String read(Pointer text) {
    return text.getString(0, StandardCharsets.UTF_8.name());
  }

  /**
   * Checks the result of a call.
   *
   * @throws CallException if it failed
   */
  static void check(int status) {
    if (status != 0) {
      throw new CallException(reason(status));
    }
  }

  private static String reason(int status) {
    if (status != INVALID_C_PARAM) {
      Pointer message = OpenVinoC.ov_get_last_err_msg();
      if (message != null) {
        try {
          String said = plain(read(message));
          if (!said.isEmpty()) {
            return said;
          }
        } finally {
          OpenVinoC.ov_free(message);
        }
      }
    }
    Pointer name = OpenVinoC.ov_get_error_info(status);
    return (name == null ? "status" : read(name)) + " (" + status + ")";
  }

  /** Takes the places in OpenVINO's source out of its message and makes one line of it. */
  static String plain(String message) {
    Set<String> lines = new LinkedHashSet<>();
    NOISE.matcher(message).replaceAll("").lines().map(String::strip).forEach(lines::add);
    lines.remove("");
    String text = String.join("; ", lines);
    if (text.length() > LONGEST_MESSAGE) {
      text = text.substring(0, LONGEST_MESSAGE) + " …";
    }
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
