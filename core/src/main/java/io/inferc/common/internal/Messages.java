package io.inferc.common.internal;

import java.util.Objects;

/** What texts that come from outside are cut to before they are read or said. */
public final class Messages {
  private Messages() {}

  /**
   * Cuts text in the middle. A name may be as long as a file; what is at both ends tells names
   * apart, and runtimes say first what they tried and last what was wrong.
   *
   * @param text any text
   * @param longest how many characters may stay, 2 or more
   * @return the text, or its beginning and its end with an ellipsis between them
   */
  public static String cut(String text, int longest) {
    Objects.requireNonNull(text, "text");
    return text.length() <= longest
        ? text
        : text.substring(0, longest / 2) + " … " + text.substring(text.length() - longest / 2);
  }
}
