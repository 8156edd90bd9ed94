package io.inferc.rewrite.cleanup;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import java.util.List;

/**
 * Takes constants off the inputs of a model. Older exporters declare each weight as an input too,
 * with the weight as its default, and runtimes must then expect another value with each request:
 * they neither fold nor fuse such constants, and nothing could be quantized.
 *
 * <p>Requests to a compiled model cannot name such inputs, so that nothing is lost there. A model
 * that is written for other programs no longer takes them, which the note says.
 */
public final class FixedConstants implements GraphPass {
  /** Before it each constant had to be declared as an input, without meaning it. */
  private static final int FIRST_IR_WITH_DEFAULTS = 4;

  private static final int SHOWN = 5;

  /** Creates the pass. */
  public FixedConstants() {}

  @Override
  public String name() {
    return "fix-constants";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    if (model.irVersion() < FIRST_IR_WITH_DEFAULTS) {
      return model;
    }
    List<String> constants =
        model.graph().inputs().stream()
            .map(ValueInfo::name)
            .filter(i -> model.graph().initializer(i).isPresent())
            .toList();
    if (constants.isEmpty()) {
      return model;
    }
    GraphEditor editor = model.graph().edit();
    constants.forEach(editor::removeInput);
    log.changed(
        this,
        "graph '" + model.graph().name() + "'",
        constants.size()
            + " constants were inputs too, whose values a caller could replace; now they are fixed:"
            + " "
            + String.join(", ", constants.subList(0, Math.min(SHOWN, constants.size())))
            + (constants.size() > SHOWN ? ", …" : "."));
    return model.withGraph(editor.build());
  }
}
