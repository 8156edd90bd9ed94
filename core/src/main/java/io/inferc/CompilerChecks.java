package io.inferc;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.spi.BackendRegistry;
import io.inferc.spi.Capabilities;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PrecisionSupport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a compiler refuses before a back end sees it. */
final class CompilerChecks {
  private static final Set<String> TENSORS = Set.of("tensor", "untyped");
  private static final Set<String> RETURNED = Set.of("tensor", "untyped", "sequence", "map");

  private final BackendRegistry.Opened opened;
  private final Precision precision;

  CompilerChecks(BackendRegistry.Opened opened, Precision precision) {
    this.opened = opened;
    this.precision = precision;
  }

  private Capabilities capabilities() {
    return opened.backend().capabilities(opened.choice());
  }

  /**
   * Finds how the precision is asked for.
   *
   * @throws InfercException if the target cannot have it
   */
  PrecisionSupport support() {
    Capabilities capabilities = capabilities();
    String asked = "Tried to compile for " + opened.choice() + " at " + precision;
    PrecisionSupport support = capabilities.precisions().get(precision.numeric());
    boolean restPossible =
        precision.rest() == NumericPrecision.FP32
            || capabilities.precisions().containsKey(precision.rest());
    if (precision.numeric().isWeightOnly()) {
      refuse(asked, capabilities);
    }
    if (support == null || !restPossible) {
      throw new InfercException(
          Stage.COMPILE,
          asked + ", but there inferc can have " + capabilities.precisions().keySet() + ".",
          "Ask for one of these, or for another target.");
    }
    if (support == PrecisionSupport.HINT && precision.settings().needsModel()) {
      throw new InfercException(
          Stage.COMPILE,
          asked
              + ", but there "
              + precision.numeric()
              + " is a hint to the runtime, which decides on layers, inputs and outputs itself.",
          "Leave out the rules for layers and the conversion of inputs and outputs.");
    }
    return support;
  }

  private void refuse(String asked, Capabilities capabilities) {
    Optional<String> why =
        WeightOnlyRewriting.refusal(
            capabilities.preferredForm().weightOnly().orElse(null),
            precision.settings().weights().orElseThrow());
    if (why.isPresent()) {
      throw new InfercException(
          Stage.COMPILE,
          asked + ", but " + why.get(),
          "Ask for what there is, for one of "
              + capabilities.precisions().keySet()
              + ", or for another target.");
    }
  }

  /**
   * Checks that the target can have a model of another format than ONNX.
   *
   * @param rewritten whether the precision asks for rewriting
   * @throws ModelFormatException if it cannot
   */
  void readable(ForeignModel model, boolean rewritten) {
    String asked =
        "Tried to compile " + model.path() + " for " + opened.choice() + " at " + precision;
    String what = "it is " + model.format().description();
    if (!capabilities().foreignFormats().contains(model.format())) {
      throw new ModelFormatException(
          asked + ", but " + what + ", which that back end does not read.",
          "Export the model to ONNX with the tool that made it; Models.importModel(path) lists the"
              + " back ends that read it as it is.");
    }
    if (rewritten) {
      throw new ModelFormatException(
          asked + ", but " + what + ", which inferc cannot rewrite to that precision.",
          "Ask for FP32 or for a precision that is a hint to the runtime, or export the model to"
              + " ONNX with the tool that made it.");
    }
  }

  /**
   * Checks that a model takes tensors alone, and returns nothing that the back end cannot.
   *
   * @throws InfercException if it does, with the inputs or outputs by name
   */
  void passable(OnnxModel model, String name) {
    List<ValueInfo> inputs = others(model.graph().requiredInputs(), TENSORS);
    if (!inputs.isEmpty()) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to compile the model "
              + name
              + ", but its inputs "
              + inputs
              + " are no tensors, and a session takes tensors alone.",
          "Export the model with tensors as inputs, and make the rest of them inside of it, for"
              + " example with SequenceConstruct.");
    }
    boolean more = capabilities().otherOutputs();
    List<ValueInfo> outputs = others(model.graph().outputs(), more ? RETURNED : TENSORS);
    if (!outputs.isEmpty()) {
      throw new InfercException(
          Stage.IMPORT,
          "Tried to compile the model "
              + name
              + " for "
              + opened.choice()
              + ", but its outputs "
              + outputs
              + " are no tensors, which that back end cannot return.",
          "Export the model with tensors as outputs: a classifier with zipmap=False, a sequence"
              + " with ConcatFromSequence, an optional with OptionalGetElement."
              + (more ? "" : " ONNX Runtime can return sequences."));
    }
  }

  private static List<ValueInfo> others(List<ValueInfo> values, Set<String> kinds) {
    return values.stream().filter(v -> !kinds.contains(v.kind())).toList();
  }

  /** Whether a file that is to be written shall be ONNX. */
  static boolean isOnnx(Path file) {
    return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  /**
   * Checks that a model can be written so that other programs read it.
   *
   * @param hint whether the precision is a hint to the runtime
   * @throws InfercException if the target has no such format, or it cannot hold what is asked for
   */
  void exportable(String model, Path file, boolean hint) {
    String asked = "Tried to export " + model + " to " + file + " for " + opened.choice();
    if (hint) {
      throw new InfercException(
          Stage.IMPORT,
          asked + " at " + precision + ", but there that is a hint, which no file keeps.",
          "Export it at FP32, and give the hint when the exported model is compiled.");
    }
    if (!isOnnx(file) && capabilities().exportFormat().isEmpty()) {
      throw new InfercException(
          Stage.IMPORT,
          asked + ", but for that target inferc writes ONNX alone.",
          "Give the file a name that ends in .onnx; CompiledModel.save keeps a compiled model.");
    }
  }

  /**
   * Checks that a model of another format can become what a file shall be.
   *
   * @throws ModelFormatException if it cannot
   */
  void convertible(ForeignModel model, Path file) {
    if (isOnnx(file)) {
      throw new ModelFormatException(
          "Tried to export "
              + model.path()
              + " to "
              + file
              + ", but it is "
              + model.format().description()
              + ", which inferc does not convert to ONNX.",
          "Export the model to ONNX with the tool that made it.");
    }
  }
}
