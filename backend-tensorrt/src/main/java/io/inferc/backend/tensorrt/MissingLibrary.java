package io.inferc.backend.tensorrt;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads which library the loader did not find out of what it says. */
final class MissingLibrary {
  private static final Pattern NOT_FOUND =
      Pattern.compile("(lib[\\w+.-]*\\.so[.\\d]*): cannot open shared object file");

  private MissingLibrary() {}

  /** The name of the library, empty if the loader complained of something else. */
  static Optional<String> name(String text) {
    Matcher found = NOT_FOUND.matcher(text);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
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
