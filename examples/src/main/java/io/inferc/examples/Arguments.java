package io.inferc.examples;

import io.inferc.backend.tensorrt.TensorRtOptions;
import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The command line of an example.
 *
 * @param target where the model shall run
 * @param report the folder for the report
 * @param quick true to measure for a short time only, when the figures do not matter
 * @param model which of the example's models, or empty if it has only one
 * @param precision one of {@link #PRECISIONS}, or empty for the example's own choice
 * @param samples how many samples to judge and measure with at most, or empty for the example's own
 *     number
 */
record Arguments(
    Target target,
    Path report,
    boolean quick,
    String model,
    Optional<String> precision,
    OptionalInt samples) {
  static final List<String> PRECISIONS =
      List.of("fp32", "fp16", "int8", "int8-smooth", "int8-fp16", "int8-dynamic", "search");

  private static final int QUICK_LEVEL = 1;

  static final String USAGE =
      """
      Options:
        --target NAME   where to run: onnxruntime (default), openvino, tensorrt, migraphx or auto
        --precision P   fp32, fp16, int8, int8-smooth (outliers moved into weights first),
                        int8-fp16 (FP16 between the integers too, for GPUs), int8-dynamic,
                        or search for the fastest mix of layers
                        (default: int8 for text embeddings, search for OCR)
        --report DIR    where the report goes (default: target/inferc-report)
        --quick         measure for seconds only; the figures are then rough
        --samples N     judge and measure with N samples at most, for targets that are slow
        --help          this text""";

  /** The usage of an example with several models. */
  static String usage(List<String> models) {
    return models.isEmpty()
        ? USAGE
        : USAGE
            + "\n  --model NAME    which model: "
            + String.join(" or ", models)
            + " (default: "
            + models.get(0)
            + ")";
  }

  /** Parses; empty if help was asked for. */
  static Optional<Arguments> parse(String... words) {
    return parse(List.of(), words);
  }

  /**
   * Parses the command line of an example with several models; empty if help was asked for.
   *
   * @param models their names, the default first
   * @param words the command line
   */
  static Optional<Arguments> parse(List<String> models, String... words) {
    String usage = usage(models);
    String model = models.isEmpty() ? "" : models.get(0);
    Target target = Target.onnxRuntime();
    Path report = Path.of("target", "inferc-report");
    boolean quick = false;
    Optional<String> precision = Optional.empty();
    OptionalInt samples = OptionalInt.empty();
    Deque<String> rest = new ArrayDeque<>(List.of(words));
    while (!rest.isEmpty()) {
      String word = rest.pop();
      switch (word) {
        case "--target" -> {
          String name = value(word, rest, usage);
          target = name.equals("auto") ? Target.auto() : Target.backend(name);
        }
        case "--report" -> report = Path.of(value(word, rest, usage));
        case "--quick" -> quick = true;
        case "--precision" -> {
          precision = Optional.of(value(word, rest, usage));
          if (!PRECISIONS.contains(precision.get())) {
            throw new UsageException(
                "There is no precision called '" + precision.get() + "'.", usage);
          }
        }
        case "--samples" -> samples = OptionalInt.of(count(value(word, rest, usage), usage));
        case "--model" -> {
          if (models.isEmpty()) {
            throw unknown(word, usage);
          }
          model = value(word, rest, usage);
          if (!models.contains(model)) {
            throw new UsageException("There is no model called '" + model + "'.", usage);
          }
        }
        case "--help", "-h" -> {
          return Optional.empty();
        }
        default -> throw unknown(word, usage);
      }
    }
    return Optional.of(
        new Arguments(withOptions(target, quick), report, quick, model, precision, samples));
  }

  /** TensorRT builds for minutes at its usual level, which a quick run must not. */
  private static Target withOptions(Target target, boolean quick) {
    boolean alone = target.equals(Target.tensorRt());
    return alone && quick
        ? target.options(TensorRtOptions.builder().builderLevel(QUICK_LEVEL).build())
        : target;
  }

  /** Returns a number of samples, or fewer if {@code --samples} says so. */
  int atMost(int own) {
    return samples.isPresent() ? Math.min(own, samples.getAsInt()) : own;
  }

  private static int count(String text, String usage) {
    if (!text.matches("[1-9]\\d{0,5}")) {
      throw new UsageException(
          "The option --samples needs a number from 1 to 999999, not '" + text + "'.", usage);
    }
    return Integer.parseInt(text);
  }

  private static UsageException unknown(String option, String usage) {
    return new UsageException("Unknown option '" + option + "'.", usage);
  }

  private static String value(String option, Deque<String> rest, String usage) {
    if (rest.isEmpty()) {
      throw new UsageException("The option " + option + " needs a value.", usage);
    }
    return rest.pop();
  }
}
