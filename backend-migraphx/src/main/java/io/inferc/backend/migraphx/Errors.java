package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import org.jspecify.annotations.Nullable;

/** Says in full what MIGraphX only gives a status for. */
final class Errors {
  private Errors() {}

  /**
   * A model that MIGraphX's reader refuses.
   *
   * @param open whether it was to be read with open dimensions, which few operators have
   */
  static InfercException parse(
      String model, String sizes, boolean open, @Nullable String node, MigraphxCallException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to read the model "
            + model
            + " for the inputs "
            + sizes
            + ", but "
            + e.call()
            + (node == null ? "." : "; the first node it refuses is " + node + ".")
            + " Checked before: the graph is valid ONNX, and the types and sizes of its inputs and"
            + " outputs are ones that MIGraphX has."
            + e.words(),
        (open
                ? "Leave MigraphxOptions.Builder.openDimensions() off, since MIGraphX has fewer"
                    + " operators with open dimensions than with fixed ones. Or: "
                : "")
            + (node == null
                ? "Read what it wrote there; an operator or attribute that MIGraphX lacks has to be"
                    + " replaced in the model, or another target chosen."
                : "Replace that operator in the model by ones that MIGraphX has, upgrade MIGraphX,"
                      + " or choose another target."),
        e);
  }

  /** A model that was read but cannot be compiled. */
  static InfercException compile(
      String model, String sizes, String target, MigraphxCallException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for the inputs "
            + sizes
            + " and the target '"
            + target
            + "', but "
            + e.call()
            + ". Checked before: MIGraphX has read the model, and the target is there."
            + e.words(),
        "Read what it wrote there. Compile for the target 'ref' to tell a model that MIGraphX"
            + " cannot do at all from one that this device cannot; close models that are no longer"
            + " needed if memory ran out.",
        e);
  }

  /** A run that failed. */
  static InfercException run(String model, String sizes, MigraphxCallException e) {
    return new InfercException(
        Stage.RUN,
        "Tried to run the model "
            + model
            + " with the inputs "
            + sizes
            + ", but "
            + e.call()
            + ". Checked before: the names, types, sizes and memory of all inputs."
            + e.words(),
        "Check that the values of the inputs are ones the model was made for (indices in range);"
            + " the session can be used again.",
        e);
  }

  /** A file that could not be written or read by MIGraphX. */
  static InfercException file(
      String asked,
      String model,
      String file,
      String checked,
      String remedy,
      MigraphxCallException e) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to "
            + asked
            + " the model "
            + model
            + ", but for the file "
            + file
            + " "
            + e.call()
            + ". Checked before: "
            + checked
            + "."
            + e.words(),
        remedy,
        e);
  }
}
