package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Multiplies weights that meet large inputs, and divides these, before weights alone become
 * integers: what is larger within a block loses less of itself to rounding (Lin et al., "AWQ:
 * Activation-aware Weight Quantization for On-Device LLM Compression and Acceleration", 2023).
 *
 * <p>Channel {@code j} of an activation is divided by {@code s[j] = m[j]^alpha}, where {@code m} is
 * the root of the mean square of its values (the paper has the mean of their magnitudes, which
 * differs little and is not in a calibration table), scaled so that the largest and the smallest of
 * the channels are as far from 1. Alpha goes from 0 to 1 in steps of 0.05, and the one is taken
 * with which rounding changes the products least: {@link RoundedProducts} says by how much. Where
 * they would change hardly less than without, nothing is scaled. The division goes where that of
 * {@link SmoothQuant} goes; where it takes a multiplication at run time, the change must fall by 5
 * %.
 *
 * <p>Weights that are read elsewhere too, as those of tied embeddings, are left alone: scaled, they
 * would be there twice. Immutable and thread-safe.
 */
public final class ActivationAwareScaling implements GraphPass {
  private static final String KEY = "inferc.activation-aware";

  private final CalibrationTable table;
  private final LayerPlan plan;
  private final Map<NumericPrecision, WeightOnlyQuantization.Way> ways;
  private final Consumer<CalibrationTable> adjustedTable;

  /**
   * Creates the pass.
   *
   * @param table statistics of the channels of the inputs of matrix layers
   * @param plan which nodes will have weights as integers
   * @param ways how
   * @param adjustedTable takes the table that fits the model, each time the pass was applied
   */
  public ActivationAwareScaling(
      CalibrationTable table,
      LayerPlan plan,
      Map<NumericPrecision, WeightOnlyQuantization.Way> ways,
      Consumer<CalibrationTable> adjustedTable) {
    this.table = table;
    this.plan = plan;
    this.ways = Map.copyOf(ways);
    this.adjustedTable = adjustedTable;
  }

  @Override
  public String name() {
    return "scale-weights";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().requires(UniqueNames.class);
  }

  @Override
  public Optional<String> notApplicable(OnnxModel model) {
    return ways.keySet().stream().anyMatch(plan::uses)
        ? needs().unmetBy(model)
        : Optional.of("No layer is planned with weights alone as integers.");
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    OnnxModel scaled = model;
    CalibrationTable adjusted = table;
    for (Map.Entry<NumericPrecision, WeightOnlyQuantization.Way> way : ways.entrySet()) {
      SmoothQuant.Smoothed result =
          new ChannelScaling(
                  this,
                  adjusted,
                  KEY,
                  new ActivationAwareSearch(way.getValue()),
                  (editor, node) ->
                      plan.precision(node.name()) == way.getKey() && hasOwnWeights(editor, node),
                  "Its weights are scaled by the size of the inputs that they meet.")
              .apply(scaled, log);
      scaled = result.model();
      adjusted = result.table();
    }
    adjustedTable.accept(adjusted);
    return scaled;
  }

  /** Tells whether nothing but products of the same activation reads a layer's weights. */
  private static boolean hasOwnWeights(GraphEditor editor, Node node) {
    String activation = node.inputs().get(0);
    String tensor = node.inputs().get(1);
    while (true) {
      List<Node> readers = editor.consumers(tensor);
      boolean own =
          readers.size() <= 1
              || readers.stream().allMatch(r -> SmoothingWriter.isLinear(editor, r, activation));
      Optional<Node> made = editor.producer(tensor);
      if (!own || made.isEmpty()) {
        return own;
      }
      if (Constants.isNode(made.get()) || !StoredWeights.isPassed(made.get())) {
        return true;
      }
      tensor = made.get().inputs().get(0);
    }
  }
}
