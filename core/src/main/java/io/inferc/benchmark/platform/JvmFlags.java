package io.inferc.benchmark.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The options of the JVM that may be shown. A switch or a size gives nothing away; texts may be
 * passwords, paths or commands, so of those there is only the name.
 */
final class JvmFlags {
  private static final Pattern PLAIN =
      Pattern.compile(
          "-XX:[+-]\\w+|-XX:\\w+=\\d+(\\.\\d+)?[kKmMgGtT]?|-X(mx|ms|mn|ss)\\d+[kKmMgGtT]?"
              + "|-X(int|comp|mixed|batch)|-(server|client|ea|da|esa|dsa)"
              + "|--enable-native-access=[\\w.,-]+");
  private static final Pattern NAME = Pattern.compile("-D[^=\\s]+|-X?[^=:\\s]+(:[^=:/\\\\\\s]+)?");

  private JvmFlags() {}

  static List<String> shown(List<String> arguments) {
    List<String> shown = new ArrayList<>();
    for (String argument : arguments) {
      if (PLAIN.matcher(argument).matches()) {
        shown.add(argument);
      } else {
        shown.add(name(argument));
      }
    }
    return shown;
  }

  private static String name(String argument) {
    if (argument.startsWith("-javaagent:") || argument.startsWith("-agentpath:")) {
      return argument.substring(0, argument.indexOf(':')) + ":…";
    }
    var name = NAME.matcher(argument);
    if (!name.lookingAt()) {
      return "…";
    }
    return name.end() == argument.length() ? argument : name.group() + "=…";
  }
}
