package io.inferc.rewrite.half;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.onnx.ModelFormatException;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.OperatorTypes;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.quantize.DynamicQuantization;
import io.inferc.rewrite.quantize.StaticQuantization;
import io.inferc.spi.KernelRules;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.PreferredForm;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Converts a model to FP16 or BF16: its weights and the tensors between its nodes get the type, and
 * casts stand where single and half precision meet.
 *
 * <p>These stay in single precision, each with a note: nodes that the plan keeps there; operators
 * without the type in the ONNX specification at the model's opset, or without a kernel on the
 * target; nodes that contain graphs; weights beyond ±65,504; scales, divisors and epsilons that
 * would vanish, with the normalization around them; arithmetic with integers that are cast to
 * floating point (sizes, positions); sums and norms over many elements; in FP16, nodes whose inputs
 * or outputs exceeded a limit in the reference run, and exponentials, squares and powers that were
 * not measured, with what is computed from them up to what makes it small again; on request,
 * quantized convolutions with their activation functions, see {@link Builder#quantizedEpilogues}.
 * What a DequantizeLinear makes is not cast for those that read it in single precision, but
 * dequantized a second time, so that both kinds of readers fuse with it.
 *
 * <p>Constants of masks that are beyond the type's range become -16,384 in FP16 (-2^126 in BF16):
 * enough for the exponential to be 0, and little enough for two masks and a score to add up without
 * becoming infinite.
 *
 * <pre>{@code
 * OnnxModel half = HalfPrecision.fp16().table(table).build().apply(model, log);
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class HalfPrecision implements GraphPass {
  /** The largest magnitude that inputs and outputs of a node may reach in FP16 by default. */
  public static final float DEFAULT_LIMIT = 512;

  // The newest that OnnxModel.upgradeOpset() writes.
  private static final int NEWEST_OPSET = 21;

  private final HalfOptions options;
  private final boolean upgradeOpset;

  private HalfPrecision(Builder b) {
    options =
        new HalfOptions(
            b.precision,
            b.plan,
            b.table,
            b.limit,
            b.kernels,
            b.arithmetic,
            b.quantizedNodes,
            b.epilogues,
            b.convertInterface);
    upgradeOpset = b.upgradeOpset;
  }

  /**
   * Starts a conversion to IEEE 754 half precision.
   *
   * @return a builder
   */
  public static Builder fp16() {
    return new Builder(NumericPrecision.FP16);
  }

  /**
   * Starts a conversion to bfloat16. Since most operators take it only at newer opsets, the model
   * is upgraded as far as is needed and possible.
   *
   * @return a builder
   */
  public static Builder bf16() {
    return new Builder(NumericPrecision.BF16).upgradeOpset(true);
  }

  @Override
  public String name() {
    return options.precision() == NumericPrecision.FP16 ? "to-fp16" : "to-bf16";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(StaticQuantization.class).follows(DynamicQuantization.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    OperatorTypes operators = new OperatorTypes();
    OnnxModel upgraded = upgradeOpset ? upgrade(model, operators, log) : model;
    HalfGraph graph = new HalfGraph(upgraded, options.target(), operators);
    HalfValues values = new HalfValues(options.target());
    HalfMasks masks = new HalfMasks(graph, values, options.table());
    HalfDecisions decisions = new HalfDecisions(graph, values, masks, options);
    new HalfGrowth(graph, decisions, masks).apply();
    new HalfRegions(graph, decisions, values, masks, options).apply();
    HalfStorage storage = new HalfStorage(graph, decisions, values, options);
    HalfForms forms = new HalfForms(graph, decisions, masks, values, options.convertInterface());
    if (!changes(graph, decisions) && storage.isEmpty()) {
      note(graph, decisions, log);
      return upgraded;
    }
    HalfWriter writer = new HalfWriter(graph, decisions, forms, masks, values, options);
    return upgraded.withGraph(storage.write(writer.write(this, log), this, log));
  }

  private boolean changes(HalfGraph graph, HalfDecisions decisions) {
    for (int i = 0; i < graph.nodes.size(); i++) {
      if (decisions.isHalf(i)) {
        return true;
      }
    }
    return options.convertInterface()
        && graph.graph.inputs().stream()
            .anyMatch(v -> graph.isInput(v.name()) && graph.isSingle(v.name()));
  }

  private void note(HalfGraph graph, HalfDecisions decisions, RewriteLog log) {
    for (int i = 0; i < graph.nodes.size(); i++) {
      String node = graph.nodes.get(i).name();
      decisions.reason(i).ifPresent(r -> log.leftAlone(this, node, r));
    }
  }

  /** Goes to the newest opset that some operator of the model needs for the type. */
  private OnnxModel upgrade(OnnxModel model, OperatorTypes operators, RewriteLog log) {
    HalfGraph graph = new HalfGraph(model, options.target(), operators);
    int wanted = model.opset();
    Set<String> gaining = new TreeSet<>();
    for (int i = 0; i < graph.nodes.size(); i++) {
      if (graph.touchesSingle(i) && !graph.isAdmitted(i)) {
        int needed = graph.firstAdmitting(i).orElse(0);
        if (needed > model.opset() && needed <= NEWEST_OPSET) {
          wanted = Math.max(wanted, needed);
          gaining.add(graph.nodes.get(i).opType());
        }
      }
    }
    if (wanted == model.opset()) {
      return model;
    }
    try {
      OnnxModel upgraded = model.upgradeOpset(wanted);
      log.changed(
          this,
          model.graph().name(),
          "The model was upgraded to opset "
              + wanted
              + ", where "
              + gaining
              + " take "
              + options.target()
              + ".");
      return upgraded;
    } catch (ModelFormatException e) {
      log.leftAlone(this, model.graph().name(), "The opset stays as it is. " + e.getMessage());
      return model;
    }
  }

  /** Builds a {@link HalfPrecision}. */
  public static final class Builder {
    private final NumericPrecision precision;
    private @Nullable LayerPlan plan;
    private @Nullable CalibrationTable table;
    private float limit = DEFAULT_LIMIT;
    private KernelRules kernels = KernelRules.none();
    private boolean arithmetic = true;
    private boolean quantizedNodes = true;
    private boolean epilogues = true;
    private boolean convertInterface;
    private boolean upgradeOpset;

    private Builder(NumericPrecision precision) {
      this.precision = precision;
    }

    /**
     * Sets the plan. A node is converted if the plan has it at this precision or does not mention
     * it; by default all are.
     *
     * @param layers precisions by node name
     * @return this
     */
    public Builder plan(LayerPlan layers) {
      plan = layers;
      return this;
    }

    /**
     * Sets whether nodes that the plan quantizes compute in half precision around their integers,
     * as GPUs do; by default they do.
     *
     * @param convert false to leave them and their Q/DQ in single precision
     * @return this
     */
    public Builder quantizedNodes(boolean convert) {
      quantizedNodes = convert;
      return this;
    }

    /**
     * Sets whether activation functions other than Relu are converted where they stand between a
     * quantized convolution and the next quantization; by default they are.
     *
     * @param convert false to leave them, with the convolution and its Q/DQ, in single precision
     * @return this
     */
    public Builder quantizedEpilogues(boolean convert) {
      epilogues = convert;
      return this;
    }

    /**
     * Sets what was seen of each tensor in the reference run, by tensor name. Without it, operators
     * that overflow easily stay in single precision.
     *
     * @param ranges the table of this model, or of what it was before other passes
     * @return this
     */
    public Builder table(CalibrationTable ranges) {
      table = ranges;
      return this;
    }

    /**
     * Sets the largest magnitude that inputs and outputs of a node may have reached in the
     * reference run for it to be converted to FP16; {@value #DEFAULT_LIMIT} by default. BF16 has
     * the range of FP32, so there it has no effect.
     *
     * @param magnitude more than 0, at most 65,504
     * @return this
     * @throws IllegalArgumentException if it is not
     */
    public Builder limit(float magnitude) {
      if (!(magnitude > 0 && magnitude <= 65504)) {
        throw new IllegalArgumentException(
            "Tried to limit magnitudes in FP16 to "
                + magnitude
                + "; it takes more than 0 and at most 65,504.");
      }
      limit = magnitude;
      return this;
    }

    /**
     * Takes the nodes that the target computes in single precision only, or far slower in half.
     * Where all are, weights are stored in half precision, and cast when the model is loaded.
     *
     * @param form the target's
     * @return this
     */
    public Builder preferredForm(PreferredForm form) {
      kernels = form.halfPrecisionKernels();
      arithmetic = form.halfPrecisionArithmetic();
      return this;
    }

    /**
     * Sets whether the model's own FLOAT32 inputs and outputs change their type, too; by default
     * they keep it.
     *
     * @param convert true to change them
     * @return this
     */
    public Builder convertInterface(boolean convert) {
      convertInterface = convert;
      return this;
    }

    /**
     * Sets whether the model may be upgraded to a newer opset where its operators lack the type; by
     * default only for BF16.
     *
     * @param upgrade true to upgrade
     * @return this
     */
    public Builder upgradeOpset(boolean upgrade) {
      upgradeOpset = upgrade;
      return this;
    }

    /**
     * Finishes the pass.
     *
     * @return the pass
     */
    public HalfPrecision build() {
      return new HalfPrecision(this);
    }
  }
}
