package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Holds a program to what it was compiled or loaded for, so that no run hands native code memory of
 * another type or size than it expects.
 */
final class ProgramCheck {
  // What MIGraphX calls the memory that it is given for outputs; the bare name is of old versions.
  private static final Predicate<String> OUTPUT_PARAMETER =
      Pattern.compile("main:#output_.*|output(_\\d+)?").asMatchPredicate();

  private final String model;
  private final List<TensorSpec> inputs;
  private final int outputs;
  private final boolean outputsAsParameters;

  /**
   * Creates a check.
   *
   * @param model the model's name, for messages
   * @param inputs the model's inputs
   * @param outputs how many outputs it has
   * @param outputsAsParameters whether programs were compiled to write their outputs to memory that
   *     they are given as further parameters
   */
  ProgramCheck(String model, List<TensorSpec> inputs, int outputs, boolean outputsAsParameters) {
    this.outputsAsParameters = outputsAsParameters;
    this.model = model;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  void check(ProgramKey key, Program program) {
    Set<String> left = new HashSet<>(program.inputs().keySet());
    for (int i = 0; i < inputs.size(); i++) {
      TensorSpec input = inputs.get(i);
      NativeShape found = program.inputs().get(input.name());
      left.remove(input.name());
      if (found == null) {
        continue;
      }
      boolean fits =
          found.type() == input.type()
              && (key.isProfile() || (!found.dynamic() && found.hasSizes(key.sizes().get(i))));
      if (!fits) {
        throw mismatch(
            "the input '" + input.name() + "' as " + found + " where " + input + " was given");
      }
    }
    if (outputsAsParameters) {
      checkSizes(program, left);
      left.removeIf(OUTPUT_PARAMETER);
    }
    if (!left.isEmpty()) {
      throw mismatch("inputs that the model does not have: " + left);
    }
    if (program.outputs().size() != outputs) {
      throw mismatch(program.outputs().size() + " outputs in place of " + outputs);
    }
    for (int i = 0; i < outputs; i++) {
      if (program.outputs().get(i).type() == null) {
        throw mismatch("the output number " + i + " as " + program.outputs().get(i));
      }
    }
  }

  /** Memory is set aside before a run, so that all sizes must be known, and types too. */
  private void checkSizes(Program program, Set<String> parameters) {
    for (String name : parameters) {
      NativeShape shape = program.inputs().get(name);
      if (shape == null || shape.dynamic() || shape.type() == null) {
        throw mismatch(
            "the parameter '" + name + "' as " + shape + ", without known type and sizes");
      }
    }
    for (NativeShape output : program.outputs()) {
      if (output.dynamic()) {
        throw mismatch("an output whose size only the run tells, which asynchronous runs have not");
      }
    }
  }

  private InfercException mismatch(String found) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to use the model " + model + ", but MIGraphX's program has " + found + ".",
        "Choose another target for this model, or compile it again if it was loaded from files.");
  }
}
