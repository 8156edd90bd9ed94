package io.inferc.examples;

import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The command line of an example.
 *
 * @param target where the model shall run
 * @param report the folder for the report
 * @param quick true to measure for a short time only, when the figures do not matter
 */
record Arguments(Target target, Path report, boolean quick) {
  static final String USAGE =
      """
      Options:
        --target NAME   where to run: onnxruntime (default), openvino, tensorrt, migraphx or auto
        --report DIR    where the report goes (default: target/inferc-report)
        --quick         measure for seconds only; the figures are then rough
        --help          this text""";

  /** Parses; empty if help was asked for. */
  static Optional<Arguments> parse(String... words) {
    Target target = Target.onnxRuntime();
    Path report = Path.of("target", "inferc-report");
    boolean quick = false;
    Deque<String> rest = new ArrayDeque<>(List.of(words));
    while (!rest.isEmpty()) {
      String word = rest.pop();
      switch (word) {
        case "--target" -> {
          String name = value(word, rest);
          target = name.equals("auto") ? Target.auto() : Target.backend(name);
        }
        case "--report" -> report = Path.of(value(word, rest));
        case "--quick" -> quick = true;
        case "--help", "-h" -> {
          return Optional.empty();
        }
        default -> throw new IllegalArgumentException("Unknown option '" + word + "'.\n" + USAGE);
      }
    }
    return Optional.of(new Arguments(target, report, quick));
  }

  private static String value(String option, Deque<String> rest) {
    if (rest.isEmpty()) {
      throw new IllegalArgumentException("The option " + option + " needs a value.\n" + USAGE);
    }
    return rest.pop();
  }
}
