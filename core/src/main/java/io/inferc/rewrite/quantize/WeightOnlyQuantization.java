package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.WeightOnlyForm;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores weights of matrix products, and tables, as integers of 4 or 8 bits in blocks, and leaves
 * activations floating-point numbers.
 *
 * <p>What reads them is an operator of ONNX Runtime, or a DequantizeLinear in front of the product,
 * as the form of the runtime says. Products and tables of the main graph take part where the plan
 * says {@link NumericPrecision#WEIGHTS4} or {@link NumericPrecision#WEIGHTS8}; those in functions
 * and in the graphs of If, Loop and Scan stay, since runtimes see no constants there, and are
 * noted.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * OnnxModel small =
 *     new WeightOnlyQuantization(form, options, plan).apply(model, new RewriteLog());
 * }</pre>
 */
public final class WeightOnlyQuantization implements GraphPass {
  private static final int BLOCKS = 21;

  /**
   * How the weights of a number of bits are written.
   *
   * @param options how they become integers
   * @param variant the block size, and how activations are multiplied
   */
  public record Way(WeightQuantization options, WeightOnlyForm.Variant variant) {}

  private final WeightOnlyForm form;
  private final Map<NumericPrecision, Way> ways;
  private final LayerPlan plan;
  private final @Nullable CalibrationTable table;

  /**
   * Creates the pass.
   *
   * @param form what the runtime has
   * @param ways how each precision among the plan's is written
   * @param plan which nodes shall be WEIGHTS4 or WEIGHTS8
   * @param table statistics of the channels of activations, for ways that take them; null for none
   */
  public WeightOnlyQuantization(
      WeightOnlyForm form,
      Map<NumericPrecision, Way> ways,
      LayerPlan plan,
      @Nullable CalibrationTable table) {
    this.form = form;
    this.ways = Map.copyOf(ways);
    this.plan = plan;
    this.table = table;
  }

  @Override
  public String name() {
    return "quantize-weights";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .requires(UniqueNames.class)
        .follows(SmoothQuant.class)
        .follows(ActivationAwareScaling.class)
        .follows(StaticQuantization.class)
        .follows(DynamicQuantization.class);
  }

  @Override
  public Optional<String> notApplicable(OnnxModel model) {
    return ways.keySet().stream().anyMatch(plan::uses)
        ? needs().unmetBy(model)
        : Optional.of("No layer is planned with weights alone as integers.");
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    boolean standard = form.product() == WeightOnlyForm.Product.DEQUANTIZE_LINEAR;
    OnnxModel prepared = Preparation.prepare(model, standard ? BLOCKS : 0);
    Map<String, String> why = new HashMap<>();
    for (Node node : InnerGraphs.nodes(model)) {
      why.put(node.name(), "it is inside a graph of If, Loop or Scan.");
    }
    Preparation.noteUnreachable(this, model, plan, ways.keySet().iterator().next(), why, log);
    LayerPlan alone = plan;
    for (NumericPrecision precision : ways.keySet()) {
      alone = SharedWeights.leftAlone(this, prepared, alone, precision, log);
    }
    GraphEditor editor = prepared.graph().edit();
    WeightOnlyWriter writer = new WeightOnlyWriter(editor, form, this::meanSquares);
    boolean changed = false;
    for (Node node : prepared.graph().nodes()) {
      Way way = ways.get(alone.precision(node.name()));
      if (way != null && (WeightOnlyLayer.is(node) || DynamicLayers.is(node))) {
        changed |= quantize(editor, node, way, writer, log);
      }
    }
    if (!changed) {
      editor.giveBack();
      return model;
    }
    writer.removeUnread();
    OnnxModel quantized = prepared.withGraph(editor.build());
    return writer.usesContrib() && !quantized.opsets().containsKey(DynamicWriter.CONTRIB)
        ? quantized.withOpset(DynamicWriter.CONTRIB, 1)
        : quantized;
  }

  private Optional<float[]> meanSquares(String tensor) {
    return Optional.ofNullable(table)
        .flatMap(t -> t.channels(tensor))
        .filter(s -> s.axis() == -1)
        .map(ChannelStatistics::meanSquares);
  }

  private boolean quantize(
      GraphEditor editor, Node node, Way way, WeightOnlyWriter writer, RewriteLog log) {
    WeightQuantization options = way.options();
    try {
      WeightOnlyLayer layer =
          WeightOnlyLayer.of(editor, node, form, options, way.variant().block());
      writer.write(layer, options, way.variant());
      log.changed(this, node.name(), said(layer, options));
      return true;
    } catch (CannotQuantizeException e) {
      log.leftAlone(this, node.name(), e.note());
      return false;
    }
  }

  private String said(WeightOnlyLayer layer, WeightQuantization options) {
    if (layer.block() == 0) {
      return "Its table is INT8, with a scale a row.";
    }
    return (WeightOnlyLayer.isProduct(layer.node()) ? "Its weights are " : "Its table is ")
        + options.bits()
        + "-bit integers in blocks of "
        + layer.block()
        + (options.hasZeroPoints(form.zeroPoints()) ? ", with zero points." : ".");
  }
}
