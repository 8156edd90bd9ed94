package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Holds a program to what it was compiled or loaded for, so that no run hands native code memory of
 * another type or size than it expects.
 */
final class ProgramCheck {
  private final String model;
  private final List<TensorSpec> inputs;
  private final int outputs;

  ProgramCheck(String model, List<TensorSpec> inputs, int outputs) {
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

  private InfercException mismatch(String found) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to use the model " + model + ", but MIGraphX's program has " + found + ".",
        "Choose another target for this model, or compile it again if it was loaded from files.");
  }
}
