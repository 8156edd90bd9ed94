package io.inferc.rewrite;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Folds multiplications by constants and additions of constants around a convolution into its
 * weights and bias.
 *
 * <p>After the convolution, constants of one element or of one for each channel fold always. Before
 * it, a factor folds if it has one element, and a summand if, besides, the convolution does not
 * pad: padding adds zeros after the sum. Where only the factor can go, {@code s * x + t} becomes
 * {@code s * (x + t / s)} to let it.
 *
 * <p>Networks with re-parameterised branches (Ding et al., "RepVGG", 2021) and learnable affine
 * layers are exported with such nodes, each of them a pass over the tensor.
 */
public final class AffineFolding implements GraphPass {
  /** Creates the pass. */
  public AffineFolding() {}

  @Override
  public String name() {
    return "fold-affine";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    GraphEditor editor = null;
    boolean changed = false;
    for (Node node : model.graph().nodes()) {
      if (!GraphView.is(node, "Conv")) {
        continue;
      }
      editor = editor == null ? model.graph().edit() : editor;
      Folding folding = Folding.of(editor, node);
      if (folding == null) {
        continue;
      }
      boolean folded = false;
      while (folding.foldReader() || folding.foldInput()) {
        folded = true;
      }
      if (folded) {
        folding.write();
        log.changed(this, node.name(), "Constants beside it were folded into its weights.");
        changed = true;
      }
    }
    if (editor == null) {
      return model;
    }
    editor.giveBack();
    return changed ? model.withGraph(editor.build()) : model;
  }

  /** One convolution while constants are folded into it. */
  private static final class Folding {
    private final GraphEditor editor;
    private final Node before;
    private Node conv;
    private final float[] weights;
    private final long[] dims;
    private float[] bias;

    private Folding(GraphEditor editor, Node conv, Initializer weights, float[] bias) {
      this.editor = editor;
      before = conv;
      this.conv = conv;
      this.weights = weights.floats();
      dims = weights.dims();
      this.bias = bias;
    }

    static @Nullable Folding of(GraphEditor editor, Node node) {
      Node conv = editor.current(node).orElseThrow();
      Optional<Initializer> weights = Constants.floats(editor, conv.inputs().get(1));
      if (weights.isEmpty() || weights.get().dims().length < 3) {
        return null;
      }
      int channels = Math.toIntExact(weights.get().dims()[0]);
      float[] bias = new float[channels];
      if (conv.input(2).isPresent()) {
        Optional<Initializer> constant = Constants.floats(editor, conv.input(2).get());
        if (constant.isEmpty()) {
          return null;
        }
        bias = constant.get().floats();
      }
      return new Folding(editor, conv, weights.get(), bias);
    }

    /** Folds the one node that reads the result, if it can be folded. */
    boolean foldReader() {
      String result = conv.outputs().get(0);
      List<Node> readers = editor.consumers(result);
      if (readers.size() != 1 || editor.isOutput(result)) {
        return false;
      }
      Node reader = readers.get(0);
      Affine affine = Affine.of(editor, reader, result, bias.length, dims.length);
      if (affine == null) {
        return false;
      }
      int perChannel = weights.length / bias.length;
      for (int c = 0; c < bias.length; c++) {
        float scale = affine.scale(c);
        for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
          weights[i] *= scale;
        }
        bias[c] = bias[c] * scale + affine.shift(c);
      }
      editor.remove(reader);
      change(conv.toBuilder().outputs(reader.outputs().get(0)).build());
      return true;
    }

    /** Folds the node that makes the input, if nobody else reads it and it can be folded. */
    boolean foldInput() {
      String input = conv.inputs().get(0);
      Node maker = editor.producer(input).orElse(null);
      if (maker == null || editor.consumers(input).size() != 1 || editor.isOutput(input)) {
        return false;
      }
      for (String x : maker.inputs()) {
        Affine affine = Affine.of(editor, maker, x, 1, dims.length);
        if (affine == null) {
          continue;
        }
        float scale = affine.scale(0);
        float shift = affine.shift(0);
        if (shift == 0) {
          scaleWeights(scale);
          editor.remove(maker);
          change(withInput(x));
          return true;
        }
        return scale == 1 && foldShift(maker, x, shift);
      }
      return false;
    }

    private boolean foldShift(Node maker, String x, float shift) {
      if (pads()) {
        return foldScaleBehindShift(maker, x, shift);
      }
      int perChannel = weights.length / bias.length;
      for (int c = 0; c < bias.length; c++) {
        double sum = 0;
        for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
          sum += weights[i];
        }
        bias[c] += (float) (sum * shift);
      }
      editor.remove(maker);
      change(withInput(x));
      return true;
    }

    /** Turns {@code s * x + t} into {@code s * (x + t / s)}, with s folded. */
    private boolean foldScaleBehindShift(Node add, String product, float shift) {
      Node mul = editor.producer(product).orElse(null);
      if (mul == null || editor.consumers(product).size() != 1 || editor.isOutput(product)) {
        return false;
      }
      for (String x : mul.inputs()) {
        Affine affine = Affine.of(editor, mul, x, 1, dims.length);
        if (affine == null || affine.shift(0) != 0 || affine.scale(0) == 0) {
          continue;
        }
        float scale = affine.scale(0);
        float moved = shift / scale;
        if (!Float.isFinite(moved) || Math.abs(scale) == 1) {
          return false;
        }
        scaleWeights(scale);
        String constant = editor.freshName(add.outputs().get(0) + "_shift");
        editor.putInitializer(Initializer.floats(constant, new float[] {moved}));
        editor.remove(mul);
        editor.replace(add, add.toBuilder().opType("Add").inputs(x, constant).build());
        return true;
      }
      return false;
    }

    private void scaleWeights(float scale) {
      for (int i = 0; i < weights.length; i++) {
        weights[i] *= scale;
      }
    }

    private boolean pads() {
      String auto = conv.attribute("auto_pad").map(Attribute::asString).orElse("NOTSET");
      long[] pads = conv.attribute("pads").map(Attribute::asInts).orElse(new long[0]);
      return auto.startsWith("SAME")
          || (auto.equals("NOTSET") && Arrays.stream(pads).anyMatch(p -> p != 0));
    }

    private Node withInput(String x) {
      String[] inputs = conv.inputs().toArray(String[]::new);
      inputs[0] = x;
      return conv.toBuilder().inputs(inputs).build();
    }

    private void change(Node changed) {
      editor.replace(conv, changed);
      conv = changed;
    }

    void write() {
      String weightName = editor.freshName(before.inputs().get(1) + "_folded");
      String biasName = editor.freshName(before.inputs().get(1) + "_folded_bias");
      editor.putInitializer(Initializer.floats(weightName, weights, dims));
      editor.putInitializer(Initializer.floats(biasName, bias, bias.length));
      String input = conv.inputs().get(0);
      change(conv.toBuilder().inputs(input, weightName, biasName).build());
    }
  }

  /** What a node does to one of its inputs, for each channel: multiply, then add. */
  private static final class Affine {
    private final float[] values;
    private final boolean scales;

    private Affine(float[] values, boolean scales) {
      this.values = values;
      this.scales = scales;
    }

    float scale(int channel) {
      return scales ? values[values.length == 1 ? 0 : channel] : 1;
    }

    float shift(int channel) {
      return scales ? 0 : values[values.length == 1 ? 0 : channel];
    }

    static @Nullable Affine of(GraphEditor editor, Node node, String x, int channels, int rank) {
      if (!node.domain().isEmpty() || node.inputs().size() != 2) {
        return null;
      }
      boolean first = node.inputs().get(0).equals(x);
      String other = node.inputs().get(first ? 1 : 0);
      Initializer constant = Constants.floats(editor, other).orElse(null);
      if (other.equals(x) || constant == null || !fits(constant, channels, rank)) {
        return null;
      }
      float[] values = constant.floats();
      switch (node.opType()) {
        case "Mul" -> {
          return finite(values, true);
        }
        case "Add" -> {
          return finite(values, false);
        }
        case "Sub" -> {
          return first ? finite(map(values, v -> -v), false) : null;
        }
        case "Div" -> {
          return first ? finite(map(values, v -> 1 / v), true) : null;
        }
        default -> {
          return null;
        }
      }
    }

    private static @Nullable Affine finite(float[] values, boolean scales) {
      for (float v : values) {
        if (!Float.isFinite(v)) {
          return null;
        }
      }
      return new Affine(values, scales);
    }

    private interface FloatMap {
      float apply(float value);
    }

    private static float[] map(float[] values, FloatMap f) {
      float[] mapped = new float[values.length];
      for (int i = 0; i < mapped.length; i++) {
        mapped[i] = f.apply(values[i]);
      }
      return mapped;
    }

    /** One element, or one for each channel in the place of the channels; never of higher rank. */
    private static boolean fits(Initializer constant, int channels, int rank) {
      long[] dims = constant.dims();
      if (dims.length > rank) {
        return false;
      }
      if (constant.elementCount() == 1) {
        return true;
      }
      int channelAxis = dims.length - (rank - 1);
      return channels > 1
          && constant.elementCount() == channels
          && channelAxis >= 0
          && channelAxis < dims.length
          && dims[channelAxis] == channels;
    }
  }
}
