package io.inferc.backend.tensorrt;

import java.util.Optional;

/** Reads which library the loader did not find out of what it says. */
final class MissingLibrary {
  private static final String NOT_FOUND = ": cannot open shared object file";

  private MissingLibrary() {}

  /** The name of the library, empty if the loader complained of something else. */
  static Optional<String> name(String text) {
    int at = text.indexOf(NOT_FOUND);
    while (at >= 0) {
      int start = at;
      while (start > 0 && isOfName(text.charAt(start - 1))) {
        start--;
      }
      String name = text.substring(start, at);
      int lib = name.indexOf("lib");
      if (lib >= 0 && endsAsLibrary(name)) {
        return Optional.of(name.substring(lib));
      }
      at = text.indexOf(NOT_FOUND, at + 1);
    }
    return Optional.empty();
  }

  /** Whether a name ends in .so, or in .so and a version. */
  private static boolean endsAsLibrary(String name) {
    int so = name.lastIndexOf(".so");
    return so >= 3
        && name.substring(so + ".so".length()).chars().allMatch(c -> isDigit(c) || c == '.');
  }

  private static boolean isOfName(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || "_+.-".indexOf(c) >= 0;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** What the loader said first, which is the innermost cause. */
  static String said(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
