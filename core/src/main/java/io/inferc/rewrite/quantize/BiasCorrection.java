package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Adds to the biases of layers what rounding their weights will take from the mean of their
 * outputs: {@code (W - rounded W) * mean of x}, for each output channel (Nagel et al., "Data-Free
 * Quantization Through Weight Equalization and Bias Correction", 2019, section 4.2, with means that
 * were observed).
 *
 * <p>It comes before {@link StaticQuantization} or {@link DynamicQuantization}, with the same
 * dialect and plan, and changes no weights. The table stays good for the changed model. Needed are
 * the channels' means of the layers' inputs: {@link QuantizableLayers#tensors} says which to ask
 * for. That a convolution pads with zeros, whatever the mean, is neglected. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * OnnxModel corrected = new BiasCorrection(table, dialect, plan).apply(model, log);
 * OnnxModel quantized = new StaticQuantization(table, dialect, plan).apply(corrected, log);
 * }</pre>
 */
public final class BiasCorrection implements GraphPass {
  private static final String KEY = "inferc.bias-corrected";

  private final CalibrationTable table;
  private final QuantizationDialect dialect;
  private final LayerPlan plan;

  /**
   * Creates the pass.
   *
   * @param table statistics of the channels of activations
   * @param dialect says how weights will be rounded
   * @param plan which nodes will be {@link NumericPrecision#INT8} or {@link
   *     NumericPrecision#INT8_DYNAMIC}
   */
  public BiasCorrection(CalibrationTable table, QuantizationDialect dialect, LayerPlan plan) {
    this.table = table;
    this.dialect = dialect;
    this.plan = plan;
  }

  @Override
  public String name() {
    return "correct-biases";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().requires(UniqueNames.class).follows(SmoothQuant.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Set<String> before = DoneBefore.of(model, KEY);
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor editor = prepared.graph().edit();
    List<String> corrected = new ArrayList<>();
    List<String> replaced = new ArrayList<>();
    for (Node node : prepared.graph().nodes()) {
      if (!MatrixLayer.is(node)
          || before.contains(node.name())
          || !plan.precision(node.name()).isInteger()) {
        continue;
      }
      try {
        MatrixLayer layer = MatrixLayer.of(editor, node, dialect);
        float[] shift = shift(layer);
        if (layer.bias() != null) {
          replaced.add(layer.bias().name());
        }
        write(editor, layer, shift);
        corrected.add(node.name());
        log.changed(this, node.name(), "Its bias makes up for what rounding shifts its outputs.");
      } catch (CannotQuantizeException e) {
        log.leftAlone(this, node.name(), "Its bias stays as it is: " + e.getMessage());
      }
    }
    if (corrected.isEmpty()) {
      return model;
    }
    Preparation.removeUnread(editor, replaced);
    return DoneBefore.with(prepared.withGraph(editor.build()), KEY, corrected);
  }

  /** What the outputs' means lose, for each channel. */
  private float[] shift(MatrixLayer layer) {
    Node node = layer.node();
    Initializer weights = layer.weights();
    if (weights == null) {
      throw new CannotQuantizeException("it multiplies two activations.");
    }
    if (node.opType().equals("ConvTranspose")) {
      throw new CannotQuantizeException("its outputs sum different numbers of weights.");
    }
    if (layer.hasOddBias() || (node.opType().equals("MatMul") && layer.bias() == null)) {
      throw new CannotQuantizeException("it has no bias of one constant for each channel.");
    }
    if (Preparation.number(node, "alpha", 1) != 1 || Preparation.number(node, "beta", 1) != 1) {
      throw new CannotQuantizeException("its product or bias is scaled.");
    }
    String input = node.inputs().get(0);
    ChannelStatistics statistics =
        table
            .channels(input)
            .filter(s -> s.axis() == layer.inputAxis())
            .orElseThrow(
                () ->
                    new CannotQuantizeException(
                        "the means of '" + input + "' are not in the calibration table."));
    return shift(layer, weights, statistics.means());
  }

  private float[] shift(MatrixLayer layer, Initializer weights, float[] means) {
    long[] dims = weights.dims();
    int axis = layer.axis();
    int inputs = Math.toIntExact(dims[1 - axis]);
    int outputs = layer.channels();
    int group = (int) layer.node().intAttribute("group", 1);
    if (means.length != inputs * group || outputs % group != 0) {
      throw new CannotQuantizeException(
          "its weights have "
              + inputs * group
              + " inputs, and means are known of "
              + means.length
              + ".");
    }
    float[] exact = weights.floats();
    float[] rounded =
        QuantizedWeights.of(
                weights, dialect.perChannelWeights() ? axis : -1, dialect.reducedWeightRange())
            .dequantized();
    int inner = exact.length / (inputs * outputs);
    double[] sums = new double[outputs];
    for (int i = 0; i < exact.length; i++) {
      int second = i / inner % (int) dims[1];
      int first = i / inner / (int) dims[1];
      int output = axis == 0 ? first : second;
      int input = (axis == 0 ? second : first) + output / (outputs / group) * inputs;
      sums[output] += ((double) exact[i] - rounded[i]) * means[input];
    }
    float[] shift = new float[outputs];
    for (int c = 0; c < outputs; c++) {
      shift[c] = (float) sums[c];
    }
    return shift;
  }

  private static void write(GraphEditor editor, MatrixLayer layer, float[] shift) {
    Node node = editor.current(layer.node()).orElseThrow();
    Initializer bias = layer.bias();
    float[] values = bias == null ? new float[shift.length] : bias.floats();
    for (int c = 0; c < shift.length; c++) {
      values[c] += shift[c];
    }
    String hint = bias == null ? node.inputs().get(1) + "_bias" : bias.name();
    String name = editor.freshName(hint + "_corrected");
    editor.putInitializer(Initializer.floats(name, values, values.length));
    if (layer.add() != null) {
      String before = Objects.requireNonNull(bias).name();
      Node add = editor.current(layer.add()).orElseThrow();
      editor.replace(add, add.mapReads(n -> n.equals(before) ? name : n));
    } else {
      editor.replace(
          node, node.toBuilder().inputs(node.inputs().get(0), node.inputs().get(1), name).build());
    }
  }
}
