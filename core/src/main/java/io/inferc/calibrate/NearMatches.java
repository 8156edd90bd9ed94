package io.inferc.calibrate;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names a user may have meant. */
final class NearMatches {
  private static final int SHOWN = 3;

  private NearMatches() {}

  /** Returns the closest names, nearest first: by containment, then by edit distance. */
  static List<String> of(String asked, Collection<String> names) {
    String wanted = asked.toLowerCase(Locale.ROOT);
    return names.stream()
        .map(name -> new Ranked(name, score(wanted, name.toLowerCase(Locale.ROOT))))
        .sorted(Comparator.comparingInt(Ranked::score).thenComparing(Ranked::name))
        .limit(SHOWN)
        .map(Ranked::name)
        .toList();
  }

  private record Ranked(String name, int score) {}

  private static int score(String wanted, String name) {
    int difference = Math.abs(wanted.length() - name.length());
    if (!wanted.isEmpty() && !name.isEmpty() && (name.contains(wanted) || wanted.contains(name))) {
      return 1 + difference / 8;
    }
    return distance(wanted, name);
  }

  /** The least number of insertions, deletions and replacements (V. Levenshtein, 1966). */
  private static int distance(String a, String b) {
    int[] former = new int[b.length() + 1];
    for (int j = 0; j < former.length; j++) {
      former[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[former.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = former[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(former[j], row[j - 1]) + 1);
      }
      former = row;
    }
    return former[b.length()];
  }
}
