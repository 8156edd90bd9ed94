package io.inferc.examples;

import java.util.Locale;

/** Compares texts that were read with what they say. */
final class ReadingErrors {
  private long lines;
  private long exact;
  private long characters;
  private long edits;

  /** Adds a line. */
  void add(String truth, String read) {
    lines++;
    exact += truth.equals(read) ? 1 : 0;
    characters += truth.length();
    edits += distance(truth, read);
  }

  /** The fraction of lines read without an error; 1 if there are none. */
  double exactMatch() {
    return lines == 0 ? 1 : exact / (double) lines;
  }

  /** Insertions, deletions and replacements for each character of the truth; 0 without any. */
  double characterErrorRate() {
    return characters == 0 ? 0 : edits / (double) characters;
  }

  /** The edit distance of Levenshtein (1966). */
  static int distance(String a, String b) {
    int[] above = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[b.length()];
  }

  /** Returns text such as {@code 99.5 % of 400 lines right}. */
  String exact() {
    return String.format(Locale.ROOT, "%.1f %% of %d lines right", 100 * exactMatch(), lines);
  }

  /** Returns the same with the character error rate. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, character error rate %.2f %%", exact(), 100 * characterErrorRate());
  }
}
