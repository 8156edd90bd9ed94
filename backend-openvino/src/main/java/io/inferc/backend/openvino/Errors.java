package io.inferc.backend.openvino;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.spi.OutputShapeException;
import java.util.List;
import java.util.regex.Pattern;

/** Says OpenVINO's errors in full. */
final class Errors {
  private static final String CHECK =
      "OnnxModel.load(path).check() lists what is wrong with a model; if it finds nothing, try"
          + " another version of OpenVINO, or another back end.";

  /** Words of OpenVINO's and what to do about them; the first that occurs counts. */
  private static final List<Remedy> COMPILE_REMEDIES =
      List.of(
          new Remedy(
              "dynamic rank",
              "How many dimensions a tensor has depends on a size that is open, as in a Squeeze"
                  + " without axes: fix that size by a profile (ShapeProfile.fixed), or name the"
                  + " axes."),
          new Remedy(
              "does not support the following ONNX operations|not supported|[Uu]nsupported"
                  + "|No conversion rule",
              "OpenVINO has no such operator: correct the name or the domain, export the model with"
                  + " standard operators, or use another back end."),
          new Remedy(
              "bad_alloc|[Ff]ailed to allocate|[Oo]ut of memory|OUT_OF_HOST_MEMORY",
              "Free memory: close models that are no longer needed, or use a machine with more."),
          new Remedy(
              "NotFound|property|Property|PROPERTY",
              "Correct the option that is named; OpenVINO's documentation lists the properties and"
                  + " values of each device."),
          new Remedy(
              "could not open|external|\\.bin|weights",
              "Keep the files with the model's weights where the exporter wrote them, in the"
                  + " model's folder."));

  /** How OpenVINO, and the check behind a run, say that an output is not as it was bound. */
  private static final Pattern UNFIT_OUTPUT =
      Pattern.compile("set new shape|Shape mismatch: its output");

  private static final List<Remedy> RUN_REMEDIES =
      List.of(
          new Remedy(
              "set new shape|[Ss]hape.*(incompatible|mismatch|not match)|tensor size|larger",
              "The model declares a shape for an output that it does not keep to: give the"
                  + " dimension a symbol of its own in the model, so that its size counts as"
                  + " unknown until the run."),
          new Remedy(
              "bad_alloc|[Ff]ailed to allocate|[Oo]ut of memory",
              "Run smaller batches, or close models that are no longer needed. The session can be"
                  + " used again."));

  private Errors() {}

  private record Remedy(Pattern words, String text) {
    Remedy(String words, String text) {
      this(Pattern.compile(words), text);
    }
  }

  static InfercException compile(String model, String device, CallException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for OpenVINO on "
            + device
            + ", but it was refused: "
            + e.said()
            + ".",
        remedy(e, COMPILE_REMEDIES, CHECK),
        e);
  }

  static InfercException load(String model, CallException e) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the saved model "
            + model
            + " into OpenVINO, but it was refused: "
            + e.said()
            + ".",
        "Save the model again from its source.",
        e);
  }

  static InfercException save(String model, String reason, Throwable e) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to save the model " + model + ", but OpenVINO could not export it: " + reason + ".",
        "Check the free space and the permissions of the folder.",
        e);
  }

  static InfercException damaged(String model, String reason) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the saved model " + model + ", but " + reason + ".",
        "Copy the whole folder again, or save the model again from its source.");
  }

  static InfercException run(String model, CallException e) {
    String problem =
        "Tried to run the model " + model + " in OpenVINO, but it failed: " + e.said() + ".";
    String remedy =
        remedy(
            e,
            RUN_REMEDIES,
            "Check that the values of the inputs are ones the model was made for (indices in range,"
                + " sizes that fit each other); the session can be used again.");
    return UNFIT_OUTPUT.matcher(e.said()).find()
        ? new OutputShapeException(problem, remedy, e)
        : new InfercException(Stage.RUN, problem, remedy, e);
  }

  private static String remedy(CallException e, List<Remedy> remedies, String otherwise) {
    return remedies.stream()
        .filter(r -> r.words().matcher(e.said()).find())
        .map(Remedy::text)
        .findFirst()
        .orElse(otherwise);
  }
}
