package io.inferc.backend.onnxruntime;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes off what the optimizer appends to the names of what it fuses, copies, lays out or keeps
 * apart: {@code _token_12}, {@code /duplicated}, {@code _nchwc}, {@code /GeluFusion/}.
 */
final class AppendedNames {
  /** No optimizer appends as often; a name may be as long as a file. */
  private static final int MOST = 32;

  private static final List<String> ENDINGS = List.of("/duplicated", "_nchwc");
  private static final String TOKEN = "_token_";
  private static final String FUSION = "Fusion/";

  private AppendedNames() {}

  /** A name and what it was before, the longest first. */
  static List<String> of(String name) {
    List<String> names = new ArrayList<>();
    String rest = name;
    for (int i = 0; i < MOST; i++) {
      names.add(rest);
      String shorter = shorter(rest);
      if (shorter.length() == rest.length()) {
        break;
      }
      rest = shorter;
    }
    return names;
  }

  /** A name without its last ending; the name itself if it has none. */
  static String shorter(String name) {
    for (String ending : ENDINGS) {
      if (name.endsWith(ending)) {
        return name.substring(0, name.length() - ending.length());
      }
    }
    int end = name.length();
    while (end > 0 && isDigit(name.charAt(end - 1))) {
      end--;
    }
    if (end < name.length() && name.startsWith(TOKEN, end - TOKEN.length())) {
      return name.substring(0, end - TOKEN.length());
    }
    if (name.endsWith(FUSION)) {
      int word = name.length() - FUSION.length();
      int start = word;
      while (start > 0 && isWord(name.charAt(start - 1))) {
        start--;
      }
      if (start < word && start > 0 && name.charAt(start - 1) == '/') {
        return name.substring(0, start - 1);
      }
    }
    return name;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWord(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }
}
