package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Models of one operator between two layers that are quantized, for each value of its attributes:
 * an integer kernel that does not compute what the operator says shows in them.
 */
public final class OperatorCases {
  /** What stands before and behind the operator, and the shape of what it reads. */
  public enum Place {
    /** Convolutions; 8 channels of 9 by 10. */
    IMAGE(2, 8, 9, 10),
    /** Convolutions; 8 channels of 12. */
    LINE(2, 8, 12),
    /** Convolutions; 8 channels of 4 by 5 by 6. */
    VOLUME(1, 8, 4, 5, 6),
    /** Matrix products; 6 rows of 16. */
    ROWS(6, 16),
    /** Matrix products; 2 texts of 5 tokens of 16. */
    TOKENS(2, 5, 16),
    /** Matrix products; one vector of 16. */
    VECTOR(16);

    private final long[] dims;

    Place(long... dims) {
      this.dims = dims;
    }

    private boolean isConvolution() {
      return ordinal() <= VOLUME.ordinal();
    }

    private int channels() {
      return (int) dims[isConvolution() ? 1 : dims.length - 1];
    }
  }

  /**
   * A model with one input {@code x} and one output.
   *
   * @param name what stands in it
   * @param model the model
   * @param place the place of the operator
   */
  public record Case(String name, OnnxModel model, Place place) {
    /** Inputs drawn from a normal distribution. */
    public Dataset samples(int count) {
      return Dataset.generated(count, this::inputs);
    }

    /** The inputs of a sample. */
    public Map<String, Tensor> inputs(long sample) {
      return Map.of("x", tensor(sample));
    }

    /** Tells whether convolutions stand around the operator, and no matrix products. */
    public boolean isOfConvolutions() {
      return place.isConvolution();
    }

    private Tensor tensor(long seed) {
      Random random = new Random(seed);
      float[] values = new float[(int) Arrays.stream(place.dims).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return Tensor.of(values, place.dims);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private final List<Case> cases = new ArrayList<>();

  private OperatorCases() {}

  /** Returns all cases. */
  public static List<Case> all() {
    OperatorCases all = new OperatorCases();
    for (int opset : new int[] {13, 18, 21}) {
      all.pooling(opset);
      all.resizing(opset);
      all.moving(opset);
      all.computing(opset);
      all.layers(opset);
    }
    return all.cases;
  }

  private void pooling(int opset) {
    for (String op : new String[] {"AveragePool", "MaxPool"}) {
      for (long ceil = 0; ceil <= 1; ceil++) {
        pool(
            op,
            opset,
            Place.IMAGE,
            ints("kernel_shape", 3, 3),
            ints("strides", 2, 2),
            num("ceil_mode", ceil));
        pool(
            op,
            opset,
            Place.IMAGE,
            ints("kernel_shape", 3, 2),
            ints("strides", 2, 3),
            ints("pads", 1, 0, 1, 1),
            num("ceil_mode", ceil));
        pool(
            op,
            opset,
            Place.LINE,
            ints("kernel_shape", 5),
            ints("strides", 3),
            ints("pads", 2, 2),
            num("ceil_mode", ceil));
        pool(
            op,
            opset,
            Place.VOLUME,
            ints("kernel_shape", 2, 2, 2),
            ints("strides", 2, 2, 2),
            ints("pads", 1, 0, 1, 0, 1, 0),
            num("ceil_mode", ceil));
        if (op.equals("AveragePool")) {
          pool(
              op,
              opset,
              Place.IMAGE,
              ints("kernel_shape", 3, 3),
              ints("strides", 2, 2),
              ints("pads", 1, 1, 1, 1),
              num("ceil_mode", ceil),
              num("count_include_pad", 1));
          pool(
              op,
              opset,
              Place.LINE,
              ints("kernel_shape", 5),
              ints("strides", 3),
              ints("pads", 2, 2),
              num("ceil_mode", ceil),
              num("count_include_pad", 1));
        }
      }
      for (String pad : new String[] {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
        pool(
            op,
            opset,
            Place.IMAGE,
            ints("kernel_shape", 3, 2),
            ints("strides", 2, 2),
            text("auto_pad", pad));
      }
      pool(op, opset, Place.IMAGE, ints("kernel_shape", 2, 2));
      if (op.equals("MaxPool") || opset >= 19) {
        pool(op, opset, Place.IMAGE, ints("kernel_shape", 2, 2), ints("dilations", 1, 1));
        pool(op, opset, Place.IMAGE, ints("kernel_shape", 2, 3), ints("dilations", 2, 3));
        pool(
            op,
            opset,
            Place.IMAGE,
            ints("kernel_shape", 2, 2),
            ints("dilations", 2, 1),
            ints("strides", 2, 2),
            ints("pads", 1, 0, 1, 0),
            num("ceil_mode", 1));
        pool(op, opset, Place.LINE, ints("kernel_shape", 3), ints("dilations", 2));
      }
    }
    pool("MaxPool", opset, Place.IMAGE, ints("kernel_shape", 2, 2), num("storage_order", 1));
    for (String op : new String[] {"GlobalAveragePool", "GlobalMaxPool"}) {
      pool(op, opset, Place.IMAGE);
      pool(op, opset, Place.LINE);
      pool(op, opset, Place.VOLUME);
    }
    add(
        "MaxPool with indices",
        opset,
        Place.IMAGE,
        8,
        List.of(),
        node("MaxPool", List.of("a"), List.of("m", "i"), ints("kernel_shape", 2, 2)),
        node("Cast", List.of("i"), List.of("f"), num("to", 1)),
        node("Mul", List.of("f", "tiny"), List.of("g")),
        node("Add", List.of("m", "g"), List.of("b")));
  }

  private void pool(String op, int opset, Place place, Attribute... attributes) {
    add(
        op + Arrays.toString(attributes),
        opset,
        place,
        8,
        List.of(),
        node(op, List.of("a"), List.of("b"), attributes));
  }

  private void resizing(int opset) {
    for (String mode : new String[] {"nearest", "linear", "cubic"}) {
      for (String coordinates :
          new String[] {
            "half_pixel",
            "pytorch_half_pixel",
            "align_corners",
            "asymmetric",
            "half_pixel_symmetric"
          }) {
        if (coordinates.equals("half_pixel_symmetric") && opset < 19) {
          continue;
        }
        for (String rounding :
            new String[] {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
          if (!mode.equals("nearest") && !rounding.equals("floor")) {
            continue;
          }
          resize(
              opset,
              Place.IMAGE,
              "scales",
              new float[] {1, 1, 2, 1.5f},
              text("mode", mode),
              text("coordinate_transformation_mode", coordinates),
              text("nearest_mode", rounding));
        }
        resize(
            opset,
            Place.IMAGE,
            "sizes",
            new float[] {2, 8, 5, 20},
            text("mode", mode),
            text("coordinate_transformation_mode", coordinates));
        if (!mode.equals("cubic")) {
          resize(
              opset,
              Place.LINE,
              "scales",
              new float[] {1, 1, 2},
              text("mode", mode),
              text("coordinate_transformation_mode", coordinates));
          resize(
              opset,
              Place.VOLUME,
              "scales",
              new float[] {1, 1, 2, 2, 2},
              text("mode", mode),
              text("coordinate_transformation_mode", coordinates));
        }
      }
      if (opset >= 18) {
        resize(
            opset,
            Place.IMAGE,
            "scales",
            new float[] {2, 2},
            text("mode", mode),
            ints("axes", 2, 3));
        resize(
            opset,
            Place.IMAGE,
            "sizes",
            new float[] {20, 12},
            text("mode", mode),
            ints("axes", 3, 2));
        for (String policy : new String[] {"stretch", "not_larger", "not_smaller"}) {
          resize(
              opset,
              Place.IMAGE,
              "sizes",
              new float[] {13, 15},
              text("mode", mode),
              ints("axes", 2, 3),
              text("keep_aspect_ratio_policy", policy));
        }
        if (!mode.equals("nearest")) {
          resize(
              opset,
              Place.IMAGE,
              "sizes",
              new float[] {2, 8, 4, 5},
              text("mode", mode),
              num("antialias", 1));
        }
      }
      if (mode.equals("cubic")) {
        // ONNX Runtime refuses it elsewhere.
        resize(
            opset,
            Place.IMAGE,
            "scales",
            new float[] {1, 1, 2, 2},
            text("mode", mode),
            num("exclude_outside", 1));
      }
      resize(
          opset,
          Place.IMAGE,
          "scales",
          new float[] {1, 1, 2, 2},
          text("mode", mode),
          Attribute.of("cubic_coeff_a", -0.5f));
    }
    add(
        "Resize tf_crop_and_resize",
        opset,
        Place.IMAGE,
        8,
        List.of(
            Initializer.floats("roi", new float[] {0, 0, 0.2f, -0.3f, 1, 1, 0.9f, 1.2f}, 8),
            Initializer.floats("scales", new float[] {1, 1, 2, 2}, 4)),
        node(
            "Resize",
            List.of("a", "roi", "scales"),
            List.of("b"),
            text("coordinate_transformation_mode", "tf_crop_and_resize"),
            Attribute.of("extrapolation_value", 0.3f)));
  }

  private void resize(int opset, Place place, String how, float[] values, Attribute... attributes) {
    boolean scales = how.equals("scales");
    Initializer size =
        scales ? Initializer.floats("size", values, values.length) : longs("size", toLongs(values));
    List<String> inputs = scales ? List.of("a", "", "size") : List.of("a", "", "", "size");
    add(
        "Resize " + how + Arrays.toString(values) + Arrays.toString(attributes),
        opset,
        place,
        8,
        List.of(size),
        node("Resize", inputs, List.of("b"), attributes));
  }

  private static long[] toLongs(float[] values) {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = (long) values[i];
    }
    return longs;
  }

  private void moving(int opset) {
    for (long axis : new long[] {1, 2, -1, -3}) {
      add(
          "Concat axis " + axis,
          opset,
          Place.IMAGE,
          axis == 1 || axis == -3 ? 16 : 8,
          List.of(),
          node("Concat", List.of("a", "a2"), List.of("b"), num("axis", axis)));
      add(
          "Concat of itself, axis " + axis,
          opset,
          Place.IMAGE,
          axis == 1 || axis == -3 ? 24 : 8,
          List.of(),
          node("Concat", List.of("a", "a2", "a"), List.of("b"), num("axis", axis)));
    }
    add(
        "Concat with a constant",
        opset,
        Place.TOKENS,
        18,
        List.of(floats("k", 7, 2, 5, 2)),
        node("Concat", List.of("a", "k"), List.of("b"), num("axis", -1)));
    for (long axis : new long[] {0, 1, 2, -1}) {
      Attribute a = num("axis", axis);
      Attribute[] attributes =
          opset >= 18 ? new Attribute[] {a, num("num_outputs", 2)} : new Attribute[] {a};
      add(
          "Split axis " + axis,
          opset,
          axis == 0 ? Place.IMAGE : Place.LINE,
          axis == 1 ? 4 : 8,
          List.of(),
          node("Split", List.of("a"), List.of("s", "t"), attributes),
          node("Add", List.of("s", "t"), List.of("b")));
      long n = axis == 0 ? 2 : axis == 1 ? 8 : 12;
      add(
          "Split uneven, axis " + axis,
          opset,
          axis == 0 ? Place.IMAGE : Place.LINE,
          axis == 1 ? (int) n - 1 : 8,
          List.of(longs("parts", n - 1, 1)),
          node("Split", List.of("a", "parts"), List.of("b", "t"), a));
    }
    add(
        "Transpose",
        opset,
        Place.TOKENS,
        5,
        List.of(),
        node("Transpose", List.of("a"), List.of("b"), ints("perm", 0, 2, 1)));
    add(
        "Transpose reversed",
        opset,
        Place.ROWS,
        6,
        List.of(),
        node("Transpose", List.of("a"), List.of("b")));
    add(
        "Reshape",
        opset,
        Place.TOKENS,
        8,
        List.of(longs("to", 0, -1, 8)),
        node("Reshape", List.of("a", "to"), List.of("b")));
    if (opset >= 14) {
      add(
          "Reshape allowzero",
          opset,
          Place.TOKENS,
          8,
          List.of(longs("to", 2, 10, 8)),
          node("Reshape", List.of("a", "to"), List.of("b"), num("allowzero", 1)));
    }
    for (long axis : new long[] {0, 1, 2, -1}) {
      add(
          "Flatten axis " + axis,
          opset,
          Place.TOKENS,
          axis == 0 ? 160 : axis == 1 ? 80 : 16,
          List.of(),
          node("Flatten", List.of("a"), List.of("b"), num("axis", axis)));
      add(
          "Gather axis " + axis,
          opset,
          Place.TOKENS,
          axis == 2 || axis == -1 ? 3 : 16,
          List.of(longs("at", axis == 0 ? new long[] {1, 0, -1} : new long[] {2, 0, -1})),
          node("Gather", List.of("a", "at"), List.of("b"), num("axis", axis)));
    }
    add(
        "Gather one",
        opset,
        Place.TOKENS,
        16,
        List.of(Initializer.longs("at", new long[] {1})),
        node("Gather", List.of("a", "at"), List.of("b"), num("axis", 1)));
    add(
        "Slice",
        opset,
        Place.TOKENS,
        6,
        List.of(longs("s", 1, -1), longs("e", 4, -13), longs("x_", 1, 2), longs("st", 2, -2)),
        node("Slice", List.of("a", "s", "e", "x_", "st"), List.of("b")));
    add(
        "Tile",
        opset,
        Place.TOKENS,
        32,
        List.of(longs("r", 1, 2, 2)),
        node("Tile", List.of("a", "r"), List.of("b")));
    add(
        "Expand",
        opset,
        Place.TOKENS,
        16,
        List.of(longs("r", 3, 1, 1, 1)),
        node("Expand", List.of("a", "r"), List.of("b")));
    if (opset >= 13) {
      add(
          "Unsqueeze and Squeeze",
          opset,
          Place.TOKENS,
          16,
          List.of(longs("x1", 1, -1), longs("x2", -1)),
          node("Unsqueeze", List.of("a", "x1"), List.of("u")),
          node("Squeeze", List.of("u", "x2"), List.of("b")));
      add(
          "Squeeze of all",
          opset,
          Place.TOKENS,
          16,
          List.of(longs("x1", 1)),
          node("Unsqueeze", List.of("a", "x1"), List.of("u")),
          node("Squeeze", List.of("u"), List.of("b")));
    } else {
      add(
          "Unsqueeze and Squeeze",
          opset,
          Place.TOKENS,
          16,
          List.of(),
          node("Unsqueeze", List.of("a"), List.of("u"), ints("axes", 1)),
          node("Squeeze", List.of("u"), List.of("b"), ints("axes", 1)));
    }
    for (String mode : new String[] {"constant", "reflect", "edge"}) {
      add(
          "Pad " + mode,
          opset,
          Place.IMAGE,
          8,
          List.of(longs("p", 0, 0, 1, 2, 0, 0, 3, 0), Initializer.floats("v", new float[] {0.7f})),
          node(
              "Pad",
              mode.equals("constant") ? List.of("a", "p", "v") : List.of("a", "p"),
              List.of("b"),
              text("mode", mode)));
      add(
          "Pad negative " + mode,
          opset,
          Place.IMAGE,
          8,
          List.of(longs("p", 0, 0, -1, 2, 0, 0, 3, -2)),
          node("Pad", List.of("a", "p"), List.of("b"), text("mode", mode)));
      if (opset >= 18) {
        add(
            "Pad axes " + mode,
            opset,
            Place.IMAGE,
            8,
            List.of(longs("p", 1, 2, 3, 0), longs("x_", 3, 2)),
            node("Pad", List.of("a", "p", "", "x_"), List.of("b"), text("mode", mode)));
      }
    }
    for (String mode : new String[] {"DCR", "CRD"}) {
      add(
          "DepthToSpace " + mode,
          opset,
          Place.IMAGE,
          2,
          List.of(),
          node(
              "DepthToSpace", List.of("a"), List.of("b"), num("blocksize", 2), text("mode", mode)));
    }
  }

  private void computing(int opset) {
    for (String op : new String[] {"Add", "Sub", "Mul", "Div"}) {
      String other = op.equals("Div") ? "far" : "a2";
      List<Node> before =
          op.equals("Div")
              ? List.of(
                  node("Abs", List.of("a2"), List.of("abs")),
                  node("Add", List.of("abs", "one"), List.of("far")))
              : List.of();
      binary(
          op + " of two",
          opset,
          Place.IMAGE,
          List.of(),
          before,
          node(op, List.of("a", other), List.of("b")));
      binary(
          op + " of itself",
          opset,
          Place.IMAGE,
          List.of(),
          List.of(),
          node(op, List.of("a", op.equals("Div") ? "one" : "a"), List.of("b")));
      binary(
          op + " of a scalar",
          opset,
          Place.IMAGE,
          List.of(Initializer.floats("k", new float[] {1.7f})),
          List.of(),
          node(op, List.of("a", "k"), List.of("b")));
      binary(
          op + " of channels",
          opset,
          Place.IMAGE,
          List.of(positive("k", 3, 1, 8, 1, 1)),
          List.of(),
          node(op, List.of("a", "k"), List.of("b")));
      binary(
          op + " of a row",
          opset,
          Place.TOKENS,
          List.of(positive("k", 3, 16)),
          List.of(),
          node(op, List.of("a", "k"), List.of("b")));
      binary(
          op + " on a constant",
          opset,
          Place.TOKENS,
          List.of(positive("k", 3, 5, 16)),
          op.equals("Div")
              ? List.of(
                  node("Abs", List.of("a"), List.of("abs")),
                  node("Add", List.of("abs", "one"), List.of("d")))
              : List.of(),
          node(op, List.of("k", op.equals("Div") ? "d" : "a"), List.of("b")));
      binary(
          op + " broadcast up",
          opset,
          Place.TOKENS,
          List.of(positive("k", 3, 3, 1, 1, 16)),
          List.of(),
          node(op, List.of("a", "k"), List.of("b")));
    }
    for (long axis : new long[] {1, 2, -1}) {
      for (String op : new String[] {"Softmax", "LogSoftmax"}) {
        add(
            op + " axis " + axis,
            opset,
            Place.TOKENS,
            16,
            List.of(),
            node(op, List.of("a"), List.of("b"), num("axis", axis)));
        add(
            op + " of an image, axis " + axis,
            opset,
            Place.IMAGE,
            8,
            List.of(),
            node(op, List.of("a"), List.of("b"), num("axis", axis)));
      }
    }
    add(
        "Softmax of no axis",
        opset,
        Place.TOKENS,
        16,
        List.of(),
        node("Softmax", List.of("a"), List.of("b")));
    for (float alpha : new float[] {0.01f, 0.3f, -0.5f, 1.5f}) {
      add(
          "LeakyRelu " + alpha,
          opset,
          Place.IMAGE,
          8,
          List.of(),
          node("LeakyRelu", List.of("a"), List.of("b"), Attribute.of("alpha", alpha)));
    }
    for (String op :
        new String[] {
          "Sigmoid",
          "Tanh",
          "LeakyRelu",
          "Relu",
          "Elu",
          "Exp",
          "Neg",
          "Abs",
          "HardSigmoid",
          "Softplus",
          "Identity",
          "Erf"
        }) {
      add(op, opset, Place.IMAGE, 8, List.of(), node(op, List.of("a"), List.of("b")));
    }
    clip(opset, "Clip", "lo", "hi", -0.6f, 0.9f);
    clip(opset, "Clip of six", "lo", "hi", 0, 6);
    clip(opset, "Clip above zero", "lo", "hi", 0.2f, 0.9f);
    clip(opset, "Clip below zero", "lo", "hi", -0.9f, -0.2f);
    clip(opset, "Clip of one bound", "lo", "", 0, 0);
    clip(opset, "Clip of the other bound", "", "hi", 0, 0.4f);
    Initializer mask =
        Initializer.longs(
            "m", DataType.BOOL, new long[] {1, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1}, 16);
    add(
        "Where of two",
        opset,
        Place.TOKENS,
        16,
        List.of(mask),
        node("Where", List.of("m", "a", "a2"), List.of("b")));
    add(
        "Where of a scalar",
        opset,
        Place.TOKENS,
        16,
        List.of(mask, Initializer.floats("k", new float[] {0.5f})),
        node("Where", List.of("m", "a", "k"), List.of("b")));
    add(
        "Where broadcast",
        opset,
        Place.TOKENS,
        16,
        List.of(mask, floats("k", 5, 3, 1, 5, 16)),
        node("Where", List.of("m", "k", "a"), List.of("b")));
    for (String op : new String[] {"ReduceMean", "ReduceMax", "ReduceSum"}) {
      boolean input = opset >= 18 || (op.equals("ReduceSum") && opset >= 13);
      for (long keep = 0; keep <= 1; keep++) {
        add(
            op + " keepdims " + keep,
            opset,
            Place.TOKENS,
            16,
            List.of(longs("x_", 1)),
            input
                ? node(op, List.of("a", "x_"), List.of("b"), num("keepdims", keep))
                : node(op, List.of("a"), List.of("b"), ints("axes", 1), num("keepdims", keep)));
      }
    }
    add(
        "hard swish",
        opset,
        Place.IMAGE,
        8,
        List.of(
            Initializer.floats("three", new float[] {3}),
            Initializer.floats("six", new float[] {6}),
            Initializer.floats("zero", new float[] {0})),
        node("Add", List.of("a", "three"), List.of("t")),
        node("Clip", List.of("t", "zero", "six"), List.of("u")),
        node("Mul", List.of("a", "u"), List.of("v")),
        node("Div", List.of("v", "six"), List.of("b")));
  }

  private void binary(
      String name,
      int opset,
      Place place,
      List<Initializer> constants,
      List<Node> before,
      Node node) {
    List<Node> nodes = new ArrayList<>(before);
    nodes.add(node);
    add(name, opset, place, place.channels(), constants, nodes.toArray(Node[]::new));
  }

  private void clip(int opset, String name, String low, String high, float min, float max) {
    List<String> inputs = high.isEmpty() ? List.of("a", low) : List.of("a", low, high);
    add(
        name,
        opset,
        Place.IMAGE,
        8,
        List.of(
            Initializer.floats("lo", new float[] {min}),
            Initializer.floats("hi", new float[] {max})),
        node("Clip", inputs, List.of("b")));
  }

  private void layers(int opset) {
    conv(opset, Place.IMAGE, new long[] {8, 8, 3, 3});
    conv(opset, Place.IMAGE, new long[] {8, 1, 3, 3}, num("group", 8), ints("pads", 1, 1, 1, 1));
    conv(opset, Place.IMAGE, new long[] {8, 2, 3, 3}, num("group", 4), ints("strides", 2, 1));
    conv(
        opset,
        Place.IMAGE,
        new long[] {8, 8, 2, 3},
        ints("dilations", 2, 2),
        ints("pads", 1, 0, 2, 1));
    conv(opset, Place.LINE, new long[] {8, 8, 3}, ints("strides", 2), ints("pads", 1, 0));
    conv(opset, Place.LINE, new long[] {8, 1, 3}, num("group", 8));
    conv(opset, Place.VOLUME, new long[] {8, 8, 2, 2, 2}, ints("pads", 1, 0, 0, 0, 1, 0));
    conv(opset, Place.VOLUME, new long[] {8, 4, 2, 2, 2}, num("group", 2));
    for (String pad : new String[] {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
      conv(
          opset,
          Place.IMAGE,
          new long[] {8, 8, 2, 3},
          text("auto_pad", pad),
          ints("strides", 2, 2));
    }
    transposed(opset, Place.IMAGE, 8, new long[] {8, 8, 3, 3}, ints("strides", 2, 2));
    transposed(
        opset, Place.IMAGE, 8, new long[] {8, 4, 2, 2}, num("group", 2), ints("strides", 2, 2));
    transposed(
        opset, Place.IMAGE, 8, new long[] {8, 1, 2, 2}, num("group", 8), ints("strides", 2, 2));
    transposed(
        opset,
        Place.IMAGE,
        5,
        new long[] {8, 5, 3, 3},
        ints("strides", 2, 2),
        ints("output_padding", 1, 1),
        ints("pads", 1, 1, 1, 1));
    transposed(
        opset,
        Place.IMAGE,
        8,
        new long[] {8, 8, 3, 3},
        ints("strides", 2, 2),
        ints("dilations", 2, 1));
    transposed(
        opset,
        Place.IMAGE,
        8,
        new long[] {8, 8, 3, 3},
        ints("strides", 2, 2),
        ints("output_shape", 18, 20));
    for (String pad : new String[] {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
      transposed(
          opset,
          Place.IMAGE,
          8,
          new long[] {8, 8, 3, 3},
          text("auto_pad", pad),
          ints("strides", 2, 2));
    }
    transposed(opset, Place.LINE, 8, new long[] {8, 8, 4}, ints("strides", 2), ints("pads", 1, 1));
    transposed(opset, Place.VOLUME, 8, new long[] {8, 8, 2, 2, 2}, ints("strides", 2, 2, 2));
    for (Place place : new Place[] {Place.ROWS, Place.TOKENS, Place.VECTOR}) {
      add(
          "MatMul of " + place,
          opset,
          place,
          12,
          List.of(floats("k", 3, 16, 12)),
          node("MatMul", List.of("a", "k"), List.of("b")));
      add(
          "MatMul with a bias of " + place,
          opset,
          place,
          12,
          List.of(floats("k", 3, 16, 12), floats("kb", 4, 12)),
          node("MatMul", List.of("a", "k"), List.of("t")),
          node("Add", List.of("kb", "t"), List.of("b")));
      add(
          "MatMul by a vector of " + place,
          opset,
          place,
          0,
          List.of(floats("k", 3, 16)),
          node("MatMul", List.of("a", "k"), List.of("b")));
    }
    add(
        "MatMul of batched weights",
        opset,
        Place.TOKENS,
        12,
        List.of(floats("k", 3, 2, 16, 12)),
        node("MatMul", List.of("a", "k"), List.of("b")));
    add(
        "MatMul of weights for the batch",
        opset,
        Place.TOKENS,
        12,
        List.of(floats("k", 3, 1, 16, 12)),
        node("MatMul", List.of("a", "k"), List.of("b")));
    add(
        "MatMul from the left",
        opset,
        Place.TOKENS,
        16,
        List.of(floats("k", 3, 7, 5)),
        node("MatMul", List.of("k", "a"), List.of("b")));
    add(
        "MatMul of two",
        opset,
        Place.TOKENS,
        5,
        List.of(),
        node("Transpose", List.of("a2"), List.of("t"), ints("perm", 0, 2, 1)),
        node("MatMul", List.of("a", "t"), List.of("b")));
    add(
        "MatMul of two vectors",
        opset,
        Place.VECTOR,
        0,
        List.of(),
        node("MatMul", List.of("a", "a2"), List.of("b")));
    for (float alpha : new float[] {1, 0.5f}) {
      for (long transposed = 0; transposed <= 1; transposed++) {
        Initializer k = transposed == 1 ? floats("k", 3, 12, 16) : floats("k", 3, 16, 12);
        gemm(
            opset, k, floats("kb", 4, 12), num("transB", transposed), Attribute.of("alpha", alpha));
        gemm(opset, k, floats("kb", 4, 12), num("transB", transposed), Attribute.of("beta", alpha));
        gemm(opset, k, floats("kb", 4, 1), num("transB", transposed), Attribute.of("beta", alpha));
        gemm(opset, k, floats("kb", 4, 6, 12), num("transB", transposed));
        gemm(opset, k, floats("kb", 4, 6, 1), num("transB", transposed));
      }
    }
    add(
        "Gemm of a transposed activation",
        opset,
        Place.ROWS,
        12,
        List.of(floats("k", 3, 6, 12), floats("kb", 4, 12)),
        node("Gemm", List.of("a", "k", "kb"), List.of("b"), num("transA", 1)));
    add(
        "Gemm without a bias",
        opset,
        Place.ROWS,
        12,
        List.of(floats("k", 3, 16, 12)),
        node("Gemm", List.of("a", "k"), List.of("b")));
    add(
        "Gemm of two",
        opset,
        Place.ROWS,
        6,
        List.of(),
        node("Gemm", List.of("a", "a2"), List.of("b"), num("transB", 1)));
    add(
        "Gemm with a computed bias",
        opset,
        Place.ROWS,
        16,
        List.of(floats("k", 3, 16, 16)),
        node("Gemm", List.of("a", "k", "a2"), List.of("b")));
  }

  private void conv(int opset, Place place, long[] weights, Attribute... attributes) {
    add(
        "Conv " + Arrays.toString(weights) + Arrays.toString(attributes),
        opset,
        place,
        (int) weights[0],
        List.of(floats("k", 3, weights), floats("kb", 4, weights[0])),
        node("Conv", List.of("a", "k", "kb"), List.of("b"), attributes));
    add(
        "Conv without a bias " + Arrays.toString(weights) + Arrays.toString(attributes),
        opset,
        place,
        (int) weights[0],
        List.of(floats("k", 3, weights)),
        node("Conv", List.of("a", "k"), List.of("b"), attributes));
  }

  private void transposed(
      int opset, Place place, int channels, long[] weights, Attribute... attributes) {
    add(
        "ConvTranspose " + Arrays.toString(weights) + Arrays.toString(attributes),
        opset,
        place,
        channels,
        List.of(floats("k", 3, weights), floats("kb", 4, channels)),
        node("ConvTranspose", List.of("a", "k", "kb"), List.of("b"), attributes));
  }

  private void gemm(int opset, Initializer k, Initializer kb, Attribute... attributes) {
    add(
        "Gemm " + Arrays.toString(kb.dims()) + Arrays.toString(attributes),
        opset,
        Place.ROWS,
        12,
        List.of(k, kb),
        node("Gemm", List.of("a", "k", "kb"), List.of("b"), attributes));
  }

  /** Adds a case; a model behind the operator is left out where it has no channels. */
  private void add(
      String name,
      int opset,
      Place place,
      int channels,
      List<Initializer> constants,
      Node... nodes) {
    GraphBuilder graph =
        Graph.builder("case").input(TensorSpec.of("x", DataType.FLOAT32, place.dims));
    constants.forEach(graph::initializer);
    graph.initializer(Initializer.floats("one", new float[] {1}));
    graph.initializer(Initializer.floats("tiny", new float[] {0.001f}));
    layer(graph, place, "before", "x", "a", place.channels(), place.channels());
    if (Arrays.stream(nodes).anyMatch(n -> n.inputs().contains("a2"))) {
      layer(graph, place, "beside", "x", "a2", place.channels(), place.channels());
    }
    Arrays.stream(nodes).forEach(graph::node);
    if (channels == 0) {
      graph.output(ValueInfo.untyped("b"));
    } else {
      layer(graph, place, "behind", "b", "y", channels, 4);
      graph.output(ValueInfo.untyped("y"));
    }
    cases.add(new Case("opset " + opset + ", " + name, OnnxModel.of(graph.build(), opset), place));
  }

  private static void layer(
      GraphBuilder graph, Place place, String name, String input, String output, int in, int out) {
    long[] dims = place.isConvolution() ? new long[place.dims.length] : new long[] {in, out};
    if (place.isConvolution()) {
      Arrays.fill(dims, 1);
      dims[0] = out;
      dims[1] = in;
    }
    graph.initializer(floats(name + "_w", name.hashCode(), dims));
    graph.node(
        node(
                place.isConvolution() ? "Conv" : "MatMul",
                List.of(input, name + "_w"),
                List.of(output))
            .toBuilder()
            .name(name)
            .build());
  }

  private static Initializer floats(String name, long seed, long... dims) {
    float[] values = draw(seed, dims);
    long inner =
        dims.length == 2 ? dims[0] : Arrays.stream(dims).skip(1).reduce(1, (a, b) -> a * b);
    for (int i = 0; i < values.length; i++) {
      values[i] /= (float) Math.sqrt(Math.max(1, inner));
    }
    return Initializer.floats(name, values, dims);
  }

  private static Initializer positive(String name, long seed, long... dims) {
    float[] values = draw(seed, dims);
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + Math.abs(values[i]);
    }
    return Initializer.floats(name, values, dims);
  }

  private static float[] draw(long seed, long... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Initializer longs(String name, long... values) {
    return Initializer.longs(name, values, values.length);
  }

  private static Node node(
      String op, List<String> inputs, List<String> outputs, Attribute... attributes) {
    return NetworkWriter.node(
        op,
        op.toLowerCase(java.util.Locale.ROOT) + "_" + outputs.get(0),
        inputs,
        outputs,
        attributes);
  }

  private static Attribute num(String name, long value) {
    return Attribute.of(name, value);
  }

  private static Attribute ints(String name, long... values) {
    return Attribute.ofInts(name, values);
  }

  private static Attribute text(String name, String value) {
    return Attribute.of(name, value);
  }
}
