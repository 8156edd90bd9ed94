package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Computes matrix products in integers, with scales of the activations worked out at run time:
 * {@code MatMul(x, W)} becomes {@code Cast(MatMulInteger(DynamicQuantizeLinear(x), W8)) * (scale of
 * x * scales of W)}, all standard operators.
 *
 * <p>It needs no calibration, and is the more accurate way where the range of activations varies
 * with the input, as in transformers. Weights are symmetric INT8 with a scale for each output
 * channel. An activation is quantized once, however many products read it. MatMul and Gemm with
 * constant weights take part where the plan says {@link NumericPrecision#INT8_DYNAMIC}, and Conv
 * too if it is asked for by name in the plan; the rest is noted. An LSTM becomes {@code
 * DynamicQuantizeLSTM} where the dialect has it, an operator of ONNX Runtime. A Gather of a large
 * table gets it as integers with a scale for each row. Layers inside of If, Loop and Scan are
 * reached too; their integers are constants of the main graph.
 *
 * <p>The result has at least opset 11. Immutable and thread-safe.
 *
 * <pre>{@code
 * OnnxModel small = new DynamicQuantization(dialect, plan).apply(model, new RewriteLog());
 * }</pre>
 */
@SuppressWarnings("ReferenceEquality") // An untouched node is the same object.
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
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .requires(UniqueNames.class)
        .follows(SmoothQuant.class)
        .follows(StaticQuantization.class);
  }

  @Override
  public Optional<String> notApplicable(OnnxModel model) {
    return plan.uses(NumericPrecision.INT8_DYNAMIC)
        ? needs().unmetBy(model)
        : Optional.of("No layer is planned at INT8 with dynamic scales.");
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Map<String, String> why = new HashMap<>();
    DynamicLayers.visit(model, dialect, n -> {}, (node, reason) -> why.put(node.name(), reason));
    Preparation.noteUnreachable(this, model, plan, NumericPrecision.INT8_DYNAMIC, why, log);
    OnnxModel prepared = Preparation.prepare(model, OPSET);
    GraphEditor main = prepared.graph().edit();
    LayerPlan alone =
        SharedWeights.leftAlone(this, prepared, plan, NumericPrecision.INT8_DYNAMIC, log);
    Run run = new Run(new DynamicWeights(main, dialect), alone, log);
    if (!run.rewrite(prepared.graph(), new VisibleTensors(main, null))) {
      return model;
    }
    OnnxModel quantized = prepared.withGraph(main.build());
    return run.contrib && !quantized.opsets().containsKey(DynamicWriter.CONTRIB)
        ? quantized.withOpset(DynamicWriter.CONTRIB, 1)
        : quantized;
  }

  /** One pass over all graphs of a model. */
  private final class Run {
    private final DynamicWeights weights;
    private final LayerPlan plan;
    private final RewriteLog log;
    private final Set<String> replaced = new HashSet<>();
    private boolean contrib;

    Run(DynamicWeights weights, LayerPlan plan, RewriteLog log) {
      this.weights = weights;
      this.plan = plan;
      this.log = log;
    }

    /** Rewrites a graph under edit, and those inside its nodes; false if nothing changed. */
    boolean rewrite(Graph graph, VisibleTensors visible) {
      GraphEditor editor = visible.graph();
      DynamicWriter writer = new DynamicWriter(editor, weights, replaced);
      boolean changed = false;
      for (Node node : graph.nodes()) {
        Node inside = inside(node, visible);
        if (inside != node) {
          editor.replace(node, inside);
          changed = true;
        } else if (plan.precision(node.name()) == NumericPrecision.INT8_DYNAMIC
            && (DynamicLayers.is(node) || EmbeddingTable.is(node))) {
          changed |= quantize(node, visible, writer);
        }
      }
      if (changed) {
        writer.removeUnread();
      }
      return changed;
    }

    private boolean quantize(Node node, VisibleTensors visible, DynamicWriter writer) {
      try {
        if (EmbeddingTable.is(node)) {
          writer.write(EmbeddingTable.of(visible, node, dialect));
          log.changed(
              DynamicQuantization.this, node.name(), "Its table is INT8, with a scale a row.");
        } else if (RecurrentLayer.is(node)) {
          writer.write(RecurrentLayer.of(visible, node, dialect));
          contrib = true;
          log.changed(
              DynamicQuantization.this, node.name(), "It computes in INT8 with dynamic scales.");
        } else {
          writer.write(MatrixLayer.of(visible, node, dialect));
          log.changed(
              DynamicQuantization.this,
              node.name(),
              "Its product is computed in INT8 with dynamic scales.");
        }
        return true;
      } catch (CannotQuantizeException e) {
        log.leftAlone(DynamicQuantization.this, node.name(), e.note());
        return false;
      }
    }

    /** Returns a node whose graphs are rewritten, or the very same one. */
    private Node inside(Node node, VisibleTensors around) {
      Node.Builder changed = null;
      for (Attribute attribute : node.hasSubgraphs() ? node.attributes() : List.<Attribute>of()) {
        if (attribute.kind() == Attribute.Kind.GRAPH) {
          Graph before = attribute.asGraph();
          GraphEditor editor = before.edit();
          if (rewrite(before, new VisibleTensors(editor, around))) {
            changed = changed == null ? node.toBuilder() : changed;
            changed.attribute(Attribute.of(attribute.name(), editor.build()));
          }
        }
      }
      return changed == null ? node : changed.build();
    }
  }
}
