package io.inferc.backend.migraphx;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operators that MIGraphX's parser knows. Its C interface does not tell, and writes to standard
 * error where a parse fails, so they are asked of the C++ function {@code get_onnx_operators()}
 * that it publishes beside it.
 *
 * <p>The function returns a vector of strings, both laid out as the ABI tag {@code cxx11} in its
 * symbol promises. Where it is not found, or what it gives does not look like operators, nothing is
 * known.
 */
final class ParsedOperators {
  private static final Pattern NUMBERS = Pattern.compile("^(\\d+)\\.(\\d+)\\.(\\d+)");
  private static final Pattern NAME = Pattern.compile("\\w+");
  private static final int VECTOR_BYTES = 24;
  private static final int STRING_BYTES = 32;
  private static final int MOST_OPERATORS = 4096;
  private static final int LONGEST_NAME = 256;

  private ParsedOperators() {}

  /**
   * Asks the library.
   *
   * @param library MIGraphX's C library, which brings the parser's
   * @param version its version
   * @return operator types; empty if they are not known
   */
  static Set<String> of(NativeLibrary library, String version) {
    Optional<String> symbol = symbol(version);
    if (symbol.isEmpty()) {
      return Set.of();
    }
    Function function;
    try {
      function = library.getFunction(symbol.get());
    } catch (UnsatisfiedLinkError e) {
      return Set.of();
    }
    // What it fills in is kept for good, as the library is: a few kilobytes, asked for once.
    try (Memory vector = new Memory(VECTOR_BYTES)) {
      vector.clear();
      function.invokeVoid(new Object[] {vector});
      return read(vector.getPointer(0), vector.getPointer(Long.BYTES));
    }
  }

  /** The function's name in the library, which has the version in it; empty without a version. */
  static Optional<String> symbol(String version) {
    Matcher numbers = NUMBERS.matcher(version);
    if (!numbers.find()) {
      return Optional.empty();
    }
    String space = "version_" + numbers.group(1) + "_" + numbers.group(2) + "_" + numbers.group(3);
    return Optional.of("_ZN8migraphx" + space.length() + space + "18get_onnx_operatorsB5cxx11Ev");
  }

  /** Reads what stands between two addresses; empty if that is no list of operators. */
  static Set<String> read(Pointer begin, Pointer end) {
    long bytes = Pointer.nativeValue(end) - Pointer.nativeValue(begin);
    if (bytes <= 0 || bytes % STRING_BYTES != 0 || bytes / STRING_BYTES > MOST_OPERATORS) {
      return Set.of();
    }
    Set<String> operators = new HashSet<>();
    for (long at = 0; at < bytes; at += STRING_BYTES) {
      Pointer text = begin.getPointer(at);
      long length = begin.getLong(at + Long.BYTES);
      if (Pointer.nativeValue(text) == 0 || length < 1 || length > LONGEST_NAME) {
        return Set.of();
      }
      String name =
          new String(text.getByteArray(0, Math.toIntExact(length)), StandardCharsets.UTF_8);
      if (!NAME.matcher(name).matches()) {
        return Set.of();
      }
      operators.add(name);
    }
    return operators.contains("Conv") && operators.contains("Relu")
        ? Set.copyOf(operators)
        : Set.of();
  }
}
