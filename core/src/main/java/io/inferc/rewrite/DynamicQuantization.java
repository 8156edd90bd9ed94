package io.inferc.rewrite;

import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;

/**
 * Computes matrix products in integers, with scales of the activations worked out at run time:
 * {@code MatMul(x, W)} becomes {@code Cast(MatMulInteger(DynamicQuantizeLinear(x), W8)) * (scale of
 * x * scales of W)}, all standard operators.
 *
 * <p>It needs no calibration, and is the more accurate way where the range of activations varies
 * with the input, as in transformers. Weights are symmetric INT8 with a scale for each output
 * channel. An activation is quantized once, however many products read it. MatMul and Gemm with
 * constant weights take part where the plan says {@link NumericPrecision#INT8_DYNAMIC}, and Conv
 * too if it is asked for by name in the plan; the rest is noted.
 *
 * <p>The result has at least opset 11. Immutable and thread-safe.
 *
 * <pre>{@code
 * OnnxModel small = new DynamicQuantization(dialect, plan).apply(model, new RewriteLog());
 * }</pre>
 */
public final class DynamicQuantization implements GraphPass {
  private static final int OPSET = 11;

  private final QuantizationDialect dialect;
  private final LayerPlan plan;

  /**
   * Creates the pass.
   *
   * @param dialect the form of the runtime
   * @param plan which nodes shall be {@link NumericPrecision#INT8_DYNAMIC}
   */
  public DynamicQuantization(QuantizationDialect dialect, LayerPlan plan) {
    this.dialect = dialect;
    this.plan = plan;
  }

  @Override
  public String name() {
    return "quantize-dynamic";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    if (!plan.uses(NumericPrecision.INT8_DYNAMIC)) {
      return model;
    }
    Preparation.noteUnreachable(this, model, plan, NumericPrecision.INT8_DYNAMIC, log);
    OnnxModel prepared = Preparation.prepare(model, OPSET);
    GraphEditor editor = prepared.graph().edit();
    DynamicWriter writer =
        new DynamicWriter(editor, dialect.reducedWeightRange(), dialect.perChannelWeights());
    boolean changed = false;
    for (Node node : prepared.graph().nodes()) {
      if (plan.precision(node.name()) != NumericPrecision.INT8_DYNAMIC || !MatrixLayer.is(node)) {
        continue;
      }
      try {
        writer.write(MatrixLayer.of(editor, node, dialect));
        log.changed(this, node.name(), "Its product is computed in INT8 with dynamic scales.");
        changed = true;
      } catch (CannotQuantizeException e) {
        log.leftAlone(this, node.name(), e.note());
      }
    }
    if (!changed) {
      return model;
    }
    writer.removeUnread();
    return prepared.withGraph(editor.build());
  }
}
