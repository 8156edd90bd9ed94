package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.Smoothing;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * table that comes with it. Its ranges are those of what was observed, divided; outliers stand out
 * in them no more, so there is little to clip. Immutable and thread-safe.
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
    return PassNeeds.nothing().requires(UniqueNames.class);
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
    Set<String> before = DoneBefore.of(model, KEY);
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor editor = prepared.graph().edit();
    SmoothingWriter writer = new SmoothingWriter(editor, smoothing);
    Map<String, SmoothingWriter.Division> divisions = new LinkedHashMap<>();
    // Also what was left alone: smoothing what comes later changes the weights that it was judged
    // by.
    Set<String> done = new LinkedHashSet<>();
    for (Node node : prepared.graph().nodes()) {
      for (String tensor : node.outputs()) {
        List<Node> planned = before.contains(tensor) ? List.of() : planned(editor, tensor);
        if (planned.isEmpty()) {
          continue;
        }
        done.add(tensor);
        try {
          ChannelStatistics statistics =
              table
                  .channels(tensor)
                  .filter(s -> s.axis() == -1)
                  .orElseThrow(
                      () ->
                          new CannotQuantizeException(
                              "the magnitudes of its channels are not in the calibration table."));
          TensorRange range = table.range(tensor).orElseGet(() -> whole(statistics));
          divisions.put(tensor, writer.smooth(tensor, statistics, range, planned));
          planned.forEach(
              n -> log.changed(this, n.name(), "Outliers of its input moved into its weights."));
        } catch (CannotQuantizeException e) {
          planned.forEach(
              n -> log.leftAlone(this, n.name(), "Its input is not smoothed: " + e.getMessage()));
        }
      }
    }
    if (divisions.isEmpty()) {
      return new Smoothed(model, table);
    }
    writer.removeUnread();
    divisions.values().forEach(d -> done.add(d.tensor()));
    OnnxModel smoothed = DoneBefore.with(prepared.withGraph(editor.build()), KEY, done);
    return new Smoothed(smoothed, adjusted(smoothed, divisions, writer.scaledInside()));
  }

  /** What the magnitudes alone say of a range. */
  private static TensorRange whole(ChannelStatistics statistics) {
    float largest = 0;
    for (float m : statistics.absMaxima()) {
      largest = Math.max(largest, m);
    }
    return TensorRange.observed(-largest, largest);
  }

  /** The matrix layers that will be quantized and multiply the tensor with weights. */
  private List<Node> planned(GraphEditor editor, String tensor) {
    return editor.consumers(tensor).stream()
        .filter(
            n ->
                plan.precision(n.name()).isInteger() && SmoothingWriter.isLinear(editor, n, tensor))
        .toList();
  }

  private CalibrationTable adjusted(
      OnnxModel model, Map<String, SmoothingWriter.Division> divisions, Set<String> unknown) {
    CalibrationTable.Builder adjusted =
        CalibrationTable.builder(model.digest(), table.method(), table.samples());
    Set<String> gone = new LinkedHashSet<>(unknown);
    divisions.forEach(
        (tensor, division) -> {
          if (division.tensor().equals(tensor)) {
            gone.add(tensor);
          }
          ChannelStatistics statistics = table.channels(tensor).orElseThrow();
          table
              .range(tensor)
              .map(r -> divided(r, statistics.absMaxima(), division.divisor()))
              .ifPresent(r -> adjusted.range(division.tensor(), r));
          adjusted.channels(
              division.tensor(),
              new ChannelStatistics(
                  -1,
                  divided(statistics.means(), division.divisor()),
                  divided(
                      divided(statistics.meanSquares(), division.divisor()), division.divisor()),
                  divided(statistics.absMaxima(), division.divisor())));
        });
    table.ranges().entrySet().stream()
        .filter(e -> !gone.contains(e.getKey()))
        .forEach(e -> adjusted.range(e.getKey(), e.getValue()));
    table.channels().entrySet().stream()
        .filter(e -> !gone.contains(e.getKey()))
        .forEach(e -> adjusted.channels(e.getKey(), e.getValue()));
    return adjusted.build();
  }

  /** Bounds of what was seen, each channel divided by its own number. */
  private static TensorRange divided(TensorRange range, float[] magnitudes, float[] divisor) {
    float min = 0;
    float max = 0;
    for (int j = 0; j < divisor.length; j++) {
      min = Math.min(min, Math.max(-magnitudes[j], range.observedMin()) / divisor[j]);
      max = Math.max(max, Math.min(magnitudes[j], range.observedMax()) / divisor[j]);
    }
    return TensorRange.observed(min, max);
  }

  private static float[] divided(float[] values, float[] divisor) {
    float[] divided = new float[values.length];
    for (int j = 0; j < divided.length; j++) {
      divided[j] = values[j] / divisor[j];
    }
    return divided;
  }
}
