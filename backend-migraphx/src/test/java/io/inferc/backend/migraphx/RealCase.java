package io.inferc.backend.migraphx;

import io.inferc.Compiler;
import io.inferc.Layers;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.calibrate.RangeObserver;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.testing.RealModels;
import java.util.Map;

/** A real model and one size of its inputs that the reference target computes in seconds. */
enum RealCase {
  CLASSIFICATION(RealModels.OCR_CLASSIFICATION, 48, 160, 10),
  RECOGNITION(RealModels.OCR_RECOGNITION, 48, 64, 10),
  RECOGNITION_V3(RealModels.OCR_RECOGNITION_V3, 48, 64, 10),
  DETECTION(RealModels.OCR_DETECTION, 160, 160, 16),
  DETECTION_V3(RealModels.OCR_DETECTION_V3, 160, 160, 34),
  MINILM(RealModels.MINILM, 0, RealInputs.TOKENS, 10);

  static final Target TARGET = RealLibrary.target();

  // How many layers stay in single precision was chosen with the sample 0, so the figures are from
  // another one; those after it are for calibrating.
  private static final int JUDGED = 1;

  private final RealModels model;
  private final int height;
  private final int length;
  private final int firstKept;

  RealCase(RealModels model, int height, int length, int firstKept) {
    this.model = model;
    this.height = height;
    this.length = length;
    this.firstKept = firstKept;
  }

  private boolean isText() {
    return height == 0;
  }

  OnnxModel onnx() {
    return OnnxModel.load(model.path());
  }

  /** What is computed, for a table. */
  String describe() {
    return isText() ? "1 x " + length + " tokens" : "1 x 3 x " + height + " x " + length;
  }

  private ShapeProfile profile() {
    ShapeProfile profile = ShapeProfile.named("one");
    if (isText()) {
      for (String input : new String[] {"input_ids", "attention_mask", "token_type_ids"}) {
        profile = profile.input(input, Range.exactly(1), Range.exactly(length));
      }
      return profile;
    }
    return profile.input(
        "x", Range.exactly(1), Range.exactly(3), Range.exactly(height), Range.exactly(length));
  }

  private Map<String, Tensor> judged() {
    return isText() ? RealInputs.sentence(JUDGED) : picture(JUDGED * RealInputs.LINE_HEIGHT);
  }

  private Map<String, Tensor> picture(int firstRow) {
    return Map.of("x", RealInputs.picture(firstRow, height, length));
  }

  /** Samples that share nothing with the judged one. */
  private Dataset calibration() {
    if (isText()) {
      int first = JUDGED + 1;
      return Dataset.generated(
          RealInputs.SENTENCES - first, i -> RealInputs.sentence((int) i + first));
    }
    int line = RealInputs.LINE_HEIGHT;
    // A single line is read as a whole; a picture with several may begin anywhere.
    int step = height == line ? line : line / 6;
    int first = JUDGED * line + height;
    int count = (RealInputs.ROWS - height - first) / step + 1;
    return Dataset.generated(count, i -> picture(first + (int) i * step));
  }

  Compiler compiler(Target target, Precision precision) {
    return Compiler.forTarget(target).precision(precision).profile(profile()).sessions(1).build();
  }

  /** The model with static Q/DQ as the MIGraphX back end asks for it. */
  OnnxModel quantized() {
    Precision int8 =
        Precision.int8(calibration())
            .observer(RangeObserver.percentile())
            .keep(Layers.first(firstKept), DataType.FLOAT32)
            .keep(Layers.last(1), DataType.FLOAT32);
    ModelRewriter rewriter = compiler(TARGET, int8).rewriter(onnx());
    return rewriter.rewrite(rewriter.plan());
  }

  /** Answers of the model as exported, by ONNX Runtime on the CPU in single precision. */
  Map<String, Tensor> expected() {
    return expected(onnx());
  }

  /** Answers of any form of the model, by ONNX Runtime on the CPU. */
  Map<String, Tensor> expected(OnnxModel form) {
    return run(compiler(Target.onnxRuntime(), Precision.fp32()).compile(form));
  }

  /** Runs a model on this case's input and closes it. */
  Map<String, Tensor> run(CompiledModel compiled) {
    Map<String, Tensor> inputs = judged();
    try (compiled) {
      return compiled.run(inputs);
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }
}
