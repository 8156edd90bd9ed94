package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.Messages;
import io.inferc.spi.OutputShapeException;
import java.util.List;
import java.util.regex.Pattern;

/** Says ONNX Runtime's errors in full. */
final class Errors {
  private static final String CHECK =
      "OnnxModel.load(path).check() lists what is wrong with a model; if it finds nothing, try"
          + " Optimization.BASIC and another version of ONNX Runtime.";

  /** Words of ONNX Runtime's and what to do about them; the first that occurs counts. */
  private static final List<Remedy> COMPILE_REMEDIES =
      List.of(
          new Remedy(
              "No Op registered for|not a registered function/op",
              "ONNX Runtime has no operator of that name in that domain and opset: correct the name"
                  + " or the domain, or export the model with standard operators."),
          new Remedy(
              "Could not find an implementation|NOT_IMPLEMENTED",
              "ONNX Runtime knows the operator, but not for these element types on this device:"
                  + " cast its inputs to FLOAT32 in the model, or choose another device."),
          new Remedy(
              "IR version|opset.*(support|development)",
              "The model is newer than this ONNX Runtime: export it at an older opset, or use a"
                  + " newer version of the artifact com.microsoft.onnxruntime:onnxruntime."),
          new Remedy(
              "Type Error|[Ii]nvalid model|INVALID_GRAPH|does not match expected type",
              "The model contradicts the ONNX specification at the place named: export it again, or"
                  + " correct that node or declaration."),
          new Remedy(
              "Invalid ONNXType",
              "The model takes or returns an optional value, which the Java API lacks: have it take"
                  + " and return tensors, for example with OptionalGetElement."),
          new Remedy(
              "[Ee]xternal",
              "Keep the files with the model's weights where the exporter wrote them, in the"
                  + " model's folder."),
          new Remedy(
              "bad_alloc|[Ff]ailed to allocate|[Oo]ut of memory",
              "Free memory: close models that are no longer needed, or use a machine with more."));

  /** How ONNX Runtime says that an output differs from the tensor bound to it. */
  private static final Pattern UNFIT_OUTPUT =
      Pattern.compile("pre-allocated|but the computed output shape");

  private static final List<Remedy> RUN_REMEDIES =
      List.of(
          new Remedy(
              UNFIT_OUTPUT,
              "The model declares a shape for that output that it does not keep to: give the"
                  + " dimension a symbol of its own in the model, so that its size counts as"
                  + " unknown until the run."),
          new Remedy(
              "bad_alloc|[Ff]ailed to allocate|[Oo]ut of memory",
              "Run smaller batches, or close models that are no longer needed. The session can be"
                  + " used again."));

  // Messages repeat names of the model, which may be as long as a file.
  private static final int LONGEST_MESSAGE = 4000;

  // Where ONNX Runtime was built and where a model lay for a moment say nothing to a reader.
  private static final Pattern LOCATION =
      Pattern.compile(
          "^Load model from \\S+ failed:\\s*"
              + "|\\[ONNXRuntimeError\\] : \\d+ : \\w+ : "
              + "|(?<!\\S)\\S*/onnxruntime/core/\\S+:\\d+ [^)]*\\) ");

  private Errors() {}

  private record Remedy(Pattern words, String text) {
    Remedy(String words, String text) {
      this(Pattern.compile(words), text);
    }
  }

  static InfercException compile(String model, OrtException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for ONNX Runtime, but it was refused: "
            + said(e)
            + ".",
        remedy(e, COMPILE_REMEDIES, CHECK),
        e);
  }

  static InfercException load(String model, OrtException e) {
    return new InfercException(
        Stage.ARTIFACT,
        "Tried to load the saved model "
            + model
            + " into ONNX Runtime, but it was refused: "
            + said(e)
            + ".",
        "Save the model again from its source.",
        e);
  }

  static InfercException settings(String model, OrtException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to set the options of the model "
            + model
            + " in ONNX Runtime, but they were refused: "
            + said(e)
            + ".",
        "Correct the option that is named; ONNX Runtime's documentation lists the keys and values"
            + " of its session configuration and of each execution provider.",
        e);
  }

  static InfercException run(String model, OrtException e) {
    String problem =
        "Tried to run the model " + model + " in ONNX Runtime, but it failed: " + said(e) + ".";
    String remedy =
        remedy(
            e,
            RUN_REMEDIES,
            "Check that the values of the inputs are ones the model was made for (indices in range,"
                + " sizes that fit each other); the session can be used again.");
    return UNFIT_OUTPUT.matcher(said(e)).find()
        ? new OutputShapeException(problem, remedy, e)
        : new InfercException(Stage.RUN, problem, remedy, e);
  }

  /** The runtime's sentence without its code in front and its full stop behind. */
  static String said(OrtException e) {
    return plain(String.valueOf(e.getMessage()));
  }

  static String plain(String said) {
    int at = said.indexOf("message:");
    String text = (at >= 0 ? said.substring(at + "message:".length()) : said).strip();
    // Cut first, since patterns with two ends take the square of a text's length.
    String plain = LOCATION.matcher(Messages.cut(text, LONGEST_MESSAGE)).replaceAll("").strip();
    return plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain;
  }

  private static String remedy(OrtException e, List<Remedy> remedies, String otherwise) {
    String said = said(e);
    return remedies.stream()
        .filter(r -> r.words().matcher(said).find())
        .map(Remedy::text)
        .findFirst()
        .orElse(otherwise);
  }
}
