package io.inferc.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What is known of a compiled model from how it was made; saved models keep it.
 *
 * @param precision the precision that was asked for, for example {@code INT8, the rest FP16}
 * @param weightBytes the bytes of all constants of the model that the runtime was given, after
 *     rewriting; empty for models of other formats than ONNX
 * @param warnings what a user should know, in whole sentences
 */
public record ModelFacts(String precision, OptionalLong weightBytes, List<String> warnings) {
  private static final ModelFacts UNKNOWN =
      new ModelFacts("unknown", OptionalLong.empty(), List.of());

  public ModelFacts {
    Objects.requireNonNull(warnings, "warnings");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(weightBytes, "weightBytes");
    warnings = List.copyOf(warnings);
  }

  /**
   * Adds a warning.
   *
   * @param warning what a user should know, in whole sentences
   * @return these facts and the warning
   */
  public ModelFacts with(String warning) {
    Objects.requireNonNull(warning, "warning");
    List<String> all = new ArrayList<>(warnings);
    all.add(warning);
    return new ModelFacts(precision, weightBytes, all);
  }

  /**
   * Returns the facts of a model of which nothing is known.
   *
   * @return no precision, no size, no warnings
   */
  public static ModelFacts unknown() {
    return UNKNOWN;
  }
}
