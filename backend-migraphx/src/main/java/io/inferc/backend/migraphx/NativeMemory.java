package io.inferc.backend.migraphx;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;

/** Memory for the arguments and results of a few calls. Closing it frees it. For one thread. */
final class NativeMemory implements AutoCloseable {
  private final Memory memory;

  private NativeMemory(long bytes) {
    memory = new Memory(Math.max(8, bytes));
    memory.clear();
  }

  /** Room for pointers or sizes, all zero. */
  static NativeMemory words(int count) {
    return new NativeMemory(8L * count);
  }

  /** Sizes, as C's {@code size_t}. */
  static NativeMemory sizes(long[] values) {
    NativeMemory made = words(values.length);
    for (int i = 0; i < values.length; i++) {
      made.memory.setLong(8L * i, values[i]);
    }
    return made;
  }

  /** Text in UTF-8, ended by a zero byte. */
  static NativeMemory text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    NativeMemory made = new NativeMemory(bytes.length + 1L);
    made.memory.write(0, bytes, 0, bytes.length);
    return made;
  }

  long address() {
    return address(0);
  }

  long address(int word) {
    return Pointer.nativeValue(memory) + 8L * word;
  }

  long pointer(int word) {
    return memory.getLong(8L * word);
  }

  void setPointer(int word, long value) {
    memory.setLong(8L * word, value);
  }

  int integer(int word) {
    return memory.getInt(8L * word);
  }

  boolean bool(int word) {
    return memory.getByte(8L * word) != 0;
  }

  /** Reads text that native code owns. */
  static String textAt(long address) {
    return new Pointer(address).getString(0, StandardCharsets.UTF_8.name());
  }

  /** Reads sizes that native code owns. */
  static long[] sizesAt(long address, int count) {
    return count == 0 ? new long[0] : new Pointer(address).getLongArray(0, count);
  }

  @Override
  public void close() {
    memory.close();
  }
}
