package io.inferc.backend.onnxruntime;

import ai.onnxruntime.OrtException;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;

/** Says ONNX Runtime's errors in full. */
final class Errors {
  private Errors() {}

  static InfercException compile(String model, OrtException e) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + " for ONNX Runtime, but it was refused: "
            + said(e)
            + ".",
        remedy(e),
        e);
  }

  static InfercException run(String model, OrtException e) {
    return new InfercException(
        Stage.RUN,
        "Tried to run the model " + model + " in ONNX Runtime, but it failed: " + said(e) + ".",
        "Check that the values of the inputs are ones the model was made for (indices in range,"
            + " sizes that fit each other); the session can be used again.",
        e);
  }

  /** The runtime's sentence without its code in front and its full stop behind. */
  static String said(OrtException e) {
    String message = String.valueOf(e.getMessage()).strip();
    int at = message.indexOf("message:");
    String text = at >= 0 ? message.substring(at + "message:".length()).strip() : message;
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  private static String remedy(OrtException e) {
    String said = said(e);
    if (said.contains("not a registered function/op") || said.contains("NOT_IMPLEMENTED")) {
      return "ONNX Runtime has no such operator at this opset and type: correct its name, register a"
          + " custom operator, or export the model with standard operators.";
    }
    if (said.contains("opset") && said.contains("support")) {
      return "The model is newer than this ONNX Runtime: export it at an older opset, or use a newer"
          + " runtime.";
    }
    return "OnnxModel.load(path).check() lists what is wrong with a model; if it finds nothing, try"
        + " Optimization.BASIC and another version of ONNX Runtime.";
  }
}
