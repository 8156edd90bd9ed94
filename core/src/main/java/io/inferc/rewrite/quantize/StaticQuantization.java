package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.KernelRules;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.OperatorUse;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes QuantizeLinear and DequantizeLinear where a runtime needs them to compute nodes in 8-bit
 * integers, with scales from calibration.
 *
 * <p>The nodes are those that the plan says are {@link NumericPrecision#INT8}. Convolutions and
 * matrix products read quantized activations and INT8 weights with a scale for each output channel.
 * Operators without weights (Add, Concat, pooling and the like) take part where all their inputs
 * come from quantized nodes, and operators that only move elements pass integers on with the scale
 * of their input. Types, zero points, what is quantized of results, residual additions and biases
 * is the dialect's. A node that cannot be done is left alone, with a note of why.
 *
 * <p>The table must be of this model, or of one with the same tensor names and values: that is for
 * the caller to check, with {@link CalibrationTable#requireFor} on the model that was calibrated.
 * The result has at least opset 13, the first with scales for each channel. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * OnnxModel quantized =
 *     new StaticQuantization(table, dialect, plan).apply(model, new RewriteLog());
 * }</pre>
 */
public final class StaticQuantization implements GraphPass {
  private static final int OPSET = 13;

  private final CalibrationTable table;
  private final QuantizationDialect dialect;
  private final LayerPlan plan;

  /**
   * Creates the pass.
   *
   * @param table the ranges of activations
   * @param dialect the form of the runtime
   * @param plan which nodes shall be {@link NumericPrecision#INT8}
   */
  public StaticQuantization(CalibrationTable table, QuantizationDialect dialect, LayerPlan plan) {
    this.table = table;
    this.dialect = dialect;
    this.plan = plan;
  }

  @Override
  public String name() {
    return "quantize-static";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .requires(UniqueNames.class)
        .follows(SmoothQuant.class)
        .follows(BiasCorrection.class);
  }

  @Override
  public Optional<String> notApplicable(OnnxModel model) {
    return plan.uses(NumericPrecision.INT8)
        ? needs().unmetBy(model)
        : Optional.of("No layer is planned at INT8 with calibrated scales.");
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Preparation.noteUnreachable(this, model, plan, NumericPrecision.INT8, Map.of(), log);
    OnnxModel prepared = Preparation.prepare(model, OPSET);
    LayerPlan alone = SharedWeights.leftAlone(this, prepared, plan, NumericPrecision.INT8, log);
    return quantize(prepared, alone, log).orElse(model);
  }

  /** Keeps scales from operators that the runtime moves them past wrongly. */
  private void holdBack(
      Graph graph, QuantizedRegions regions, GraphFacts facts, GraphEditor editor) {
    KernelRules rules = dialect.kernels().directInputs();
    if (rules.operators().isEmpty()) {
      return;
    }
    Set<String> fromLayers = new HashSet<>();
    regions.layers().forEach(layer -> fromLayers.addAll(layer.node().outputs()));
    for (Node node : graph.nodes()) {
      boolean follows = node.reads().stream().anyMatch(fromLayers::contains);
      if (follows) {
        fromLayers.addAll(node.outputs());
      }
      OperatorUse use = facts.use(node);
      if (follows
          && use.type(0).filter(DataType.FLOAT32::equals).isPresent()
          && rules.refusal(use).isPresent()) {
        DetachedResult.writeBefore(editor, node);
      }
    }
  }

  /** Keeps operators apart from a quantization in whose integers the runtime would compute them. */
  private void separate(
      Graph graph, QuantizedRegions regions, GraphFacts facts, GraphEditor editor) {
    KernelRules rules = dialect.kernels().quantizedResults();
    if (rules.operators().isEmpty()) {
      return;
    }
    Set<String> toLayers = new HashSet<>();
    regions.layers().forEach(layer -> toLayers.addAll(layer.node().reads()));
    List<Node> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().stream().anyMatch(toLayers::contains)) {
        toLayers.addAll(node.reads());
        if (facts.type(node.outputs().get(0)).filter(DataType.FLOAT32::equals).isPresent()
            && rules.refusal(facts.use(node)).isPresent()) {
          DetachedResult.writeBehind(editor, node);
        }
      }
    }
  }

  private Optional<OnnxModel> quantize(OnnxModel model, LayerPlan plan, RewriteLog log) {
    GraphEditor editor = model.graph().edit();
    GraphFacts facts = GraphFacts.of(model);
    Map<String, String> leftAlone = new LinkedHashMap<>();
    QuantizedRegions regions =
        new QuantizedRegions(
                editor,
                facts,
                ScorePaths.of(model.graph()),
                model.graph().nodes(),
                dialect,
                plan,
                table::range,
                (node, why) -> leftAlone.put(node.name(), why))
            .analyze();
    QdqWriter writer = new QdqWriter(model.graph(), editor, dialect, regions);
    for (MatrixLayer layer : regions.layers()) {
      try {
        writer.writeConstants(layer);
      } catch (CannotQuantizeException e) {
        // What stands around the layer was decided with it, so decide again without it.
        String node = layer.node().name();
        log.leftAlone(this, node, e.note());
        LayerDecision kept = new LayerDecision(NumericPrecision.FP32, e.note());
        return quantize(model, plan.with(node, kept), log);
      }
    }
    leftAlone.forEach((node, why) -> log.leftAlone(this, node, why));
    if (regions.layers().isEmpty()) {
      return Optional.empty();
    }
    writer.writeActivations();
    KernelRules direct = dialect.kernels().directReaders();
    for (MatrixLayer layer : regions.layers()) {
      if (direct.refusal(facts.use(layer.node())).isPresent()) {
        DetachedResult.write(editor, layer.node());
      }
      log.changed(this, layer.node().name(), "It computes in INT8 with calibrated scales.");
    }
    holdBack(model.graph(), regions, facts, editor);
    separate(model.graph(), regions, facts, editor);
    for (Node node : regions.active()) {
      log.changed(this, node.name(), "It takes and gives integers, as the layers around it do.");
    }
    return Optional.of(model.withGraph(editor.build()));
  }
}
