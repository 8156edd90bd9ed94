package io.inferc.examples;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command line of a benchmark: options with values, and switches without. */
final class Options {
  private final String usage;
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> switches = new HashSet<>();

  private Options(String usage) {
    this.usage = usage;
  }

  /**
   * Parses a command line.
   *
   * @param usage lists every option, each at the start of a line
   * @param alone the options that have no value
   * @param words the command line
   * @throws UsageException if an option is unknown or has no value
   */
  static Options parse(String usage, List<String> alone, String... words) {
    Options options = new Options(usage);
    Deque<String> rest = new ArrayDeque<>(List.of(words));
    while (!rest.isEmpty()) {
      String word = rest.pop();
      if (alone.contains(word) || word.equals("--help")) {
        options.switches.add(word);
      } else if (word.startsWith("--") && usage.contains("  " + word + " ")) {
        if (rest.isEmpty()) {
          throw new UsageException("The option " + word + " needs a value.", usage);
        }
        options.values.put(word, rest.pop());
      } else {
        throw new UsageException("Unknown option '" + word + "'.", usage);
      }
    }
    return options;
  }

  boolean help() {
    return has("--help");
  }

  boolean has(String option) {
    return switches.contains(option);
  }

  String text(String option, String otherwise) {
    return values.getOrDefault(option, otherwise);
  }

  /** Returns a list of names, each one of those that are possible; all of them by default. */
  List<String> names(String option, List<String> possible) {
    List<String> names = List.of(text(option, String.join(",", possible)).split(",", -1));
    for (String name : names) {
      if (!possible.contains(name)) {
        throw new UsageException(
            "The option " + option + " takes " + possible + ", not '" + name + "'.", usage);
      }
    }
    return names;
  }

  long number(String option, long otherwise) {
    String value = values.get(option);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[1-9]\\d{0,5}")) {
      throw new UsageException(
          "The option " + option + " needs a number from 1 to 999999, not '" + value + "'.", usage);
    }
    return Long.parseLong(value);
  }
}
