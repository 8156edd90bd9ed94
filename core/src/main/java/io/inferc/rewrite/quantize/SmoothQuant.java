package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.Smoothing;
import java.util.function.Consumer;

/**
 * Moves outliers from activations into weights, where each channel has a scale of its own anyway
 * (Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language
 * Models", 2023).
 *
 * <p>Channel {@code j} of an activation is divided by {@code s[j] = max|x[j]|^alpha /
 * max|W[j]|^(1-alpha)}, and row {@code j} of all matrices it is multiplied with is multiplied by
 * the same number. The division goes into what makes the activation: the scale and bias of a layer
 * normalization (as one operator or written out), a multiplication by a constant vector, or the
 * weights and bias of another matrix layer, if all readers are matrix layers. Otherwise a
 * multiplication before the quantized layers does it, which costs a pass over the activation at run
 * time. Convolutions and inputs of the graph are left alone.
 *
 * <p>No alpha suits every activation: in all-MiniLM-L6-v2 the one that loses least is 0.75 or more,
 * and with the 0.5 of the paper layers behind Gelu lose more than without smoothing. So the noise
 * that rounding the activation and the weights adds to the products is worked out from the
 * statistics of the channels, and each activation gets the alpha with the least. Where the noise
 * would hardly fall (by 1 dB; by {@link Smoothing#leastGain} if it takes a multiplication at run
 * time), nothing changes.
 *
 * <p>The model computes the same as before, but its activations have other ranges, so it needs the
 * table that comes with it. Its ranges are those of what was observed, divided, and half a bit
 * wider. Before smoothing only outliers reach the ends of a range, and every other channel has room
 * beyond what was seen of it; afterwards nearly all channels end where the range does, so that a
 * rare token would be cut off in any of them. Immutable and thread-safe.
 *
 * <pre>{@code
 * SmoothQuant.Smoothed smoothed = new SmoothQuant(table, plan).smooth(model, log);
 * OnnxModel quantized =
 *     new StaticQuantization(smoothed.table(), dialect, plan).apply(smoothed.model(), log);
 * }</pre>
 */
public final class SmoothQuant implements GraphPass {
  private static final String KEY = "inferc.smoothed";

  private final CalibrationTable table;
  private final LayerPlan plan;
  private final Smoothing smoothing;
  private final Consumer<CalibrationTable> adjustedTable;

  /**
   * A model whose outliers were moved, and the calibration that fits it.
   *
   * @param model the changed model
   * @param table its ranges: a table for that model's digest
   */
  public record Smoothed(OnnxModel model, CalibrationTable table) {}

  /**
   * Creates the pass with the alpha for each activation that lowers the noise most.
   *
   * @param table ranges, and statistics of the channels of the inputs of matrix layers
   * @param plan which nodes will be INT8 or INT8_DYNAMIC
   */
  public SmoothQuant(CalibrationTable table, LayerPlan plan) {
    this(table, plan, Smoothing.best());
  }

  /**
   * Creates the pass.
   *
   * @param table ranges, and statistics of the channels of the inputs of matrix layers
   * @param plan which nodes will be INT8 or INT8_DYNAMIC
   * @param smoothing by which alpha, and what a multiplication at run time must be worth
   */
  public SmoothQuant(CalibrationTable table, LayerPlan plan, Smoothing smoothing) {
    this(table, plan, smoothing, adjusted -> {});
  }

  /**
   * Creates the pass for a pipeline.
   *
   * @param table ranges, and statistics of the channels of the inputs of matrix layers
   * @param plan which nodes will be INT8 or INT8_DYNAMIC
   * @param smoothing by which alpha, and what a multiplication at run time must be worth
   * @param adjustedTable takes the table that fits the model, each time the pass was applied
   */
  public SmoothQuant(
      CalibrationTable table,
      LayerPlan plan,
      Smoothing smoothing,
      Consumer<CalibrationTable> adjustedTable) {
    this.table = table;
    this.plan = plan;
    this.smoothing = smoothing;
    this.adjustedTable = adjustedTable;
  }

  @Override
  public String name() {
    return "smooth-activations";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().requires(UniqueNames.class).follows(ActivationAwareScaling.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Smoothed smoothed = smooth(model, log);
    adjustedTable.accept(smoothed.table());
    return smoothed.model();
  }

  /**
   * Rewrites a model and its calibration.
   *
   * @param model the model that was calibrated, or one with the same tensors
   * @param log takes what was changed, and what was left alone and why
   * @return the changed model with its table; the very objects if there was nothing to change
   */
  public Smoothed smooth(OnnxModel model, RewriteLog log) {
    return new ChannelScaling(
            this,
            table,
            KEY,
            new SmoothingSearch(smoothing),
            (editor, node) -> plan.precision(node.name()).isInteger(),
            "Outliers of its input moved into its weights.")
        .apply(model, log);
  }
}
