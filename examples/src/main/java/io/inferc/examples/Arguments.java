package io.inferc.examples;

import io.inferc.backend.tensorrt.TensorRtOptions;
import io.inferc.runtime.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of every example that optimizes a model and reports on it. */
final class Arguments {
  private static final String DEFAULT_REPORT = "target/inferc-report";
  private static final int QUICK_LEVEL = 1;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      defaultValue = "onnxruntime",
      converter = TargetName.class,
      description =
          "Where to run: onnxruntime, openvino, tensorrt, migraphx or auto (default:"
              + " ${DEFAULT-VALUE}).")
  private Target target = Target.onnxRuntime();

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = {
        "One of ${COMPLETION-CANDIDATES}.",
        "int8-smooth moves outliers into weights first, int8-fp16 has FP16 between the integers"
            + " too, for GPUs, and search looks for the fastest mix of layers (default: int8 for"
            + " text embeddings, search for OCR)."
      })
  private Optional<NamedPrecision> precision = Optional.empty();

  @Option(
      names = "--report",
      paramLabel = "DIR",
      defaultValue = DEFAULT_REPORT,
      converter = CheckedPaths.Folder.class,
      description = "Where the report goes (default: ${DEFAULT-VALUE}).")
  private Path report = Path.of(DEFAULT_REPORT);

  @Option(names = "--quick", description = "Measure for seconds only; the figures are then rough.")
  private boolean quick;

  @Option(
      names = "--samples",
      paramLabel = "N",
      converter = PositiveCount.class,
      description = "Judge and measure with N samples at most, for targets that are slow.")
  private Optional<Integer> samples = Optional.empty();

  /** Returns the command line of an example, as one types it behind a class path. */
  static String line(Class<?> example, CommandLine.ParseResult parsed) {
    return Stream.concat(Stream.of("java", example.getName()), parsed.originalArgs().stream())
        .map(w -> w.matches("[\\w./:=,+-]+") ? w : "'" + w.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }

  /** Where the model shall run; TensorRT builds for minutes at its usual level, not if quick. */
  Target target() {
    return quick && target.equals(Target.tensorRt())
        ? target.options(TensorRtOptions.builder().builderLevel(QUICK_LEVEL).build())
        : target;
  }

  /** The precision, or empty for the example's own choice. */
  Optional<NamedPrecision> precision() {
    return precision;
  }

  /** Whether to measure for a short time only, when the figures do not matter. */
  boolean quick() {
    return quick;
  }

  /** Returns a number of samples, or fewer if {@code --samples} says so. */
  int atMost(int own) {
    return Math.min(own, samples.orElse(own));
  }

  /**
   * Returns where the report goes.
   *
   * @param name the name of its files, without what tells HTML from JSON
   * @throws TypeConversionException if something is in their way
   */
  ReportFiles report(String name) {
    return ReportFiles.in(report, name);
  }

  /** The name of a back end, or {@code auto}. */
  static final class TargetName implements ITypeConverter<Target> {
    private static final List<String> NAMES =
        List.of("onnxruntime", "openvino", "tensorrt", "migraphx", "auto");

    @Override
    public Target convert(String name) {
      if (!NAMES.contains(name)) {
        throw new TypeConversionException("'" + name + "' is none of " + String.join(", ", NAMES));
      }
      return name.equals("auto") ? Target.auto() : Target.backend(name);
    }
  }
}
