package io.inferc.benchmark.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The kinds of requests that were met, by number. */
final class Kinds {
  /** So many kinds that nobody reads their figures: the rest count as one. */
  static final int MOST = 1000;

  private static final String OTHERS = "(others)";

  private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
  private final List<String> names = new ArrayList<>();

  int number(String kind) {
    Integer known = numbers.get(kind);
    return known != null ? known : add(kind);
  }

  private synchronized int add(String kind) {
    Integer known = numbers.get(kind);
    if (known != null) {
      return known;
    }
    if (names.size() >= MOST) {
      return names.size() > MOST ? MOST : name(OTHERS);
    }
    return name(kind);
  }

  private int name(String kind) {
    names.add(kind);
    numbers.put(kind, names.size() - 1);
    return names.size() - 1;
  }

  synchronized List<String> names() {
    return List.copyOf(names);
  }
}
