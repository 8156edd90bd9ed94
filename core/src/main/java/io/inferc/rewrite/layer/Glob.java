package io.inferc.rewrite.layer;

/** A name pattern: {@code *} stands for any characters, {@code ?} for one. */
final class Glob {
  private Glob() {}

  static boolean isPattern(String text) {
    return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
  }

  static boolean matches(String pattern, String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int resume = 0;
    while (n < name.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        // What the last star took was too little: let it take one character more.
        p = star + 1;
        n = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  /**
   * Returns how many characters must be inserted, removed or exchanged until the pattern matches,
   * upper and lower case taken as the same.
   */
  static int distance(String pattern, String name, boolean wildcards) {
    int[] above = new int[name.length() + 1];
    for (int n = 0; n <= name.length(); n++) {
      above[n] = n;
    }
    for (int p = 1; p <= pattern.length(); p++) {
      char wanted = pattern.charAt(p - 1);
      boolean star = wildcards && wanted == '*';
      int[] row = new int[name.length() + 1];
      row[0] = above[0] + (star ? 0 : 1);
      for (int n = 1; n <= name.length(); n++) {
        if (star) {
          row[n] = Math.min(above[n], row[n - 1]);
        } else {
          boolean same = (wildcards && wanted == '?') || alike(wanted, name.charAt(n - 1));
          int exchanged = above[n - 1] + (same ? 0 : 1);
          row[n] = Math.min(exchanged, 1 + Math.min(above[n], row[n - 1]));
        }
      }
      above = row;
    }
    return above[name.length()];
  }

  private static boolean alike(char a, char b) {
    return Character.toLowerCase(a) == Character.toLowerCase(b);
  }
}
