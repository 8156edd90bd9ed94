package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.GraphView;
import io.inferc.rewrite.internal.ModelRewrite;
import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folds multiplications by constants and additions of constants around a convolution into its
 * weights and bias, in double precision, rounded once.
 *
 * <p>After the convolution, constants of one element or of one for each channel fold always. Before
 * it, a factor folds if it has one element, and a summand if, besides, the convolution does not
 * pad: padding adds zeros after the sum. Where only the factor can go, {@code s * x + t} becomes
 * {@code s * (x + t / s)} to let it. Nothing folds where a weight would leave the range in which
 * FLOAT32 is precise, or where the constant may give x more dimensions than it has. Models before
 * opset 7 are left alone: their arithmetic broadcasts otherwise.
 *
 * <p>Networks with re-parameterised branches (Ding et al., "RepVGG", 2021) and learnable affine
 * layers are exported with such nodes, each of them a pass over the tensor.
 */
public final class AffineFolding implements GraphPass {
  private static final int SMALLEST_OPSET = 7;
  private static final Set<String> STARTS = Set.of("Conv");

  /** From here on, what is lost below the smallest normal number does not count beside it. */
  private static final double SMALLEST = Float.MIN_NORMAL * 0x1p24;

  /** Creates the pass. */
  public AffineFolding() {}

  @Override
  public String name() {
    return "fold-affine";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing()
        .opset(SMALLEST_OPSET)
        .follows(HardSwishFusion.class)
        .follows(BatchNormFolding.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(
        this,
        model,
        log,
        (graph, scope) -> ModelRewrite.fuse(graph, scope, STARTS, AffineFolding::fold));
  }

  private static boolean fold(Node conv, GraphView view) {
    Folding folding = Folding.of(view, conv);
    if (folding == null) {
      return false;
    }
    boolean folded = false;
    while (folding.foldReader() || folding.foldInput()) {
      folded = true;
    }
    if (folded) {
      folding.write();
      view.scope().changed(conv, "Constants beside it were folded into its weights.");
    }
    return folded;
  }

  /** One convolution while constants are folded into it. */
  private static final class Folding {
    private final GraphView view;
    private final GraphEditor editor;
    private final Node before;
    private final long[] dims;
    private final int perChannel;
    private Node conv;
    private double[] weights;
    private double[] bias;

    private Folding(GraphView view, Node conv, Initializer weights, double[] bias) {
      this.view = view;
      editor = view.editor();
      before = conv;
      this.conv = conv;
      this.weights = weights.doubles();
      dims = weights.dims();
      perChannel = this.weights.length / bias.length;
      this.bias = bias;
    }

    static @Nullable Folding of(GraphView view, Node conv) {
      Initializer weights = single(view, conv, 1).orElse(null);
      if (weights == null || weights.dims().length < 3 || weights.elementCount() == 0) {
        return null;
      }
      double[] bias = new double[Math.toIntExact(weights.dims()[0])];
      if (conv.input(2).isPresent()) {
        Initializer constant = single(view, conv, 2).orElse(null);
        if (constant == null || constant.elementCount() != bias.length) {
          return null;
        }
        bias = constant.doubles();
      }
      return new Folding(view, conv, weights, bias);
    }

    private static Optional<Initializer> single(GraphView view, Node node, int input) {
      return view.constant(node, input).filter(c -> c.type() == DataType.FLOAT32);
    }

    /** Folds the one node that reads the result, if it can be folded. */
    boolean foldReader() {
      String result = conv.outputs().get(0);
      Node reader = view.soleReader(result).orElse(null);
      if (reader == null) {
        return false;
      }
      ChannelAffine affine = ChannelAffine.of(view, reader, result, bias.length, dims.length);
      if (affine == null) {
        return false;
      }
      double[] shifted = bias.clone();
      for (int c = 0; c < bias.length; c++) {
        shifted[c] = bias[c] * affine.scale(c) + affine.shift(c);
      }
      if (!take(scaled(affine), shifted)) {
        return false;
      }
      editor.remove(reader);
      change(conv.toBuilder().outputs(reader.outputs().get(0)).build());
      return true;
    }

    private double[] scaled(ChannelAffine affine) {
      double[] scaled = weights.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= affine.scale(i / perChannel);
      }
      return scaled;
    }

    /**
     * Takes other weights and biases if FLOAT32 holds those of each channel as precisely as before.
     */
    private boolean take(double[] otherWeights, double[] otherBias) {
      for (int c = 0; c < otherBias.length; c++) {
        double largest = largest(otherWeights, c);
        // A channel that was all but zero before is dead, and stays so.
        boolean lost = largest != 0 && largest < SMALLEST && largest(weights, c) >= SMALLEST;
        if (lost || !(largest <= Float.MAX_VALUE) || !(Math.abs(otherBias[c]) <= Float.MAX_VALUE)) {
          return false;
        }
      }
      weights = otherWeights;
      bias = otherBias;
      return true;
    }

    private double largest(double[] of, int channel) {
      double largest = 0;
      for (int i = channel * perChannel; i < (channel + 1) * perChannel; i++) {
        largest = Math.max(largest, Math.abs(of[i]));
      }
      return largest;
    }

    /** Folds the node that makes the input, if nobody else reads it and it can be folded. */
    boolean foldInput() {
      Node maker = soleMaker(conv.inputs().get(0));
      if (maker == null) {
        return false;
      }
      for (String x : maker.inputs()) {
        ChannelAffine affine = ofInput(maker, x);
        if (affine == null) {
          continue;
        }
        double shift = affine.shift(0);
        if (shift != 0) {
          return pads() ? foldScaleBehindShift(maker, x, shift) : foldShift(maker, x, shift);
        }
        if (!take(scaled(affine), bias)) {
          return false;
        }
        editor.remove(maker);
        change(withInput(x));
        return true;
      }
      return false;
    }

    private @Nullable Node soleMaker(String tensor) {
      return view.soleReader(tensor).isPresent() ? editor.producer(tensor).orElse(null) : null;
    }

    /** What a node does to x, if x has all the dimensions of the result. */
    private @Nullable ChannelAffine ofInput(Node maker, String x) {
      ChannelAffine affine = ChannelAffine.of(view, maker, x, 1, dims.length);
      boolean keepsRank =
          affine != null
              && (affine.rank() < dims.length || view.shapes().leastRank(x) == dims.length);
      return keepsRank ? affine : null;
    }

    private boolean foldShift(Node maker, String x, double shift) {
      double[] shifted = bias.clone();
      for (int i = 0; i < weights.length; i++) {
        shifted[i / perChannel] += weights[i] * shift;
      }
      if (!take(weights, shifted)) {
        return false;
      }
      editor.remove(maker);
      change(withInput(x));
      return true;
    }

    /** Turns {@code s * x + t} into {@code s * (x + t / s)}, with s folded. */
    private boolean foldScaleBehindShift(Node add, String product, double shift) {
      Node mul = soleMaker(product);
      if (mul == null) {
        return false;
      }
      for (String x : mul.inputs()) {
        ChannelAffine affine = ofInput(mul, x);
        if (affine == null || affine.shift(0) != 0 || affine.scale(0) == 0) {
          continue;
        }
        double scale = affine.scale(0);
        double moved = shift / scale;
        boolean precise = Math.abs(moved) >= SMALLEST && Math.abs(moved) <= Float.MAX_VALUE;
        if (!precise || Math.abs(scale) == 1 || !take(scaled(affine), bias)) {
          return false;
        }
        String constant = view.scope().freshName(add.outputs().get(0) + "_shift");
        editor.putInitializer(Initializer.floats(constant, new float[] {(float) moved}));
        editor.remove(mul);
        editor.replace(add, add.toBuilder().opType("Add").inputs(x, constant).build());
        return true;
      }
      return false;
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
      String weightName = view.scope().freshName(before.inputs().get(1) + "_folded");
      String biasName = view.scope().freshName(before.inputs().get(1) + "_folded_bias");
      editor.putInitializer(Initializer.floats(weightName, rounded(weights), dims));
      editor.putInitializer(Initializer.floats(biasName, rounded(bias), bias.length));
      String input = conv.inputs().get(0);
      change(conv.toBuilder().inputs(input, weightName, biasName).build());
    }

    private static float[] rounded(double... values) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) values[i];
      }
      return rounded;
    }
  }
}
