package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Small models with attributes and arguments that no exporter writes: each asks a runtime to divide
 * by zero, to read beyond a tensor, or for more than there is.
 */
public final class HostileModels {
  private static final long HUGE = 1L << 40;

  private final Map<String, OnnxModel> models = new LinkedHashMap<>();

  private HostileModels() {}

  /** All of them, by a name that says what is odd. */
  public static Map<String, OnnxModel> all() {
    HostileModels made = new HostileModels();
    made.integers();
    made.attention();
    made.shapes();
    made.windows();
    made.indices();
    made.sequences();
    made.signals();
    return made.models;
  }

  private static Initializer longs(long... values) {
    return Initializer.longs("c", values, values.length);
  }

  private static Initializer scalar(long value) {
    return Initializer.longs("c", new long[] {value});
  }

  private static Initializer ints(long... values) {
    return Initializer.longs("c", DataType.INT32, values, values.length);
  }

  private static Initializer floats(float... values) {
    return Initializer.floats("c", values, values.length);
  }

  private static Attribute a(String name, long value) {
    return Attribute.of(name, value);
  }

  private static Attribute as(String name, long... values) {
    return Attribute.ofInts(name, values);
  }

  private static TensorSpec x(long... sizes) {
    return TensorSpec.of("x", DataType.FLOAT32, sizes);
  }

  private void add(
      String name, int opset, String op, TensorSpec x, DataType result, Object... more) {
    add(name, opset, op, List.of(x), result, more);
  }

  /** One node: its inputs are the given ones, then constants; what else is given are attributes. */
  private void add(
      String name, int opset, String op, List<TensorSpec> given, DataType result, Object... more) {
    GraphBuilder graph = Graph.builder("g");
    Node.Builder node = Node.builder(op).name("odd");
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String input = "x" + i;
      graph.input(
          TensorSpec.of(
              input,
              given.get(i).type(),
              given.get(i).shape().toString().replace("[", "").replace("]", "")));
      inputs.add(input);
    }
    for (Object o : more) {
      if (o instanceof Initializer constant) {
        String input = "c" + inputs.size();
        graph.initializer(constant.withName(input));
        inputs.add(input);
      } else if (o instanceof Attribute attribute) {
        node.attribute(attribute);
      } else {
        inputs.add(String.valueOf(o));
      }
    }
    graph
        .node(node.inputs(inputs.toArray(new String[0])).outputs("y").build())
        .output(new TensorSpec("y", result, TensorShape.unknownRank()));
    models.put(name, OnnxModel.of(graph.build(), opset));
  }

  private void integers() {
    for (DataType type : List.of(DataType.INT32, DataType.INT64)) {
      long least = type == DataType.INT32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
      Initializer minimum = Initializer.longs("m", type, new long[] {least}, 1);
      TensorSpec x = TensorSpec.of("x", type, 1);
      for (String op : List.of("Div", "Mod")) {
        for (long divisor : new long[] {0, -1}) {
          Initializer constant = Initializer.longs("d", type, new long[] {divisor}, 1);
          add(
              op + " of the smallest " + type + " by " + divisor,
              17,
              op,
              List.of(),
              type,
              minimum,
              constant);
          add(op + " of zero " + type + " by " + divisor, 17, op, x, type, constant);
        }
      }
    }
    add(
        "Pow of integers to -1",
        17,
        "Pow",
        TensorSpec.of("x", DataType.INT32, 1),
        DataType.INT32,
        ints(-1));
    add(
        "BitShift by 200",
        17,
        "BitShift",
        TensorSpec.of("x", DataType.UINT64, 1),
        DataType.UINT64,
        Initializer.longs("c", DataType.UINT64, new long[] {200}, 1),
        Attribute.of("direction", "LEFT"));
    add("Range of step 0", 17, "Range", List.of(), DataType.INT64, scalar(0), scalar(9), scalar(0));
    add(
        "Range of 2^62",
        17,
        "Range",
        List.of(),
        DataType.INT64,
        scalar(0),
        scalar(1L << 62),
        scalar(1));
    add(
        "Range of not a number",
        17,
        "Range",
        List.of(),
        DataType.FLOAT32,
        Initializer.floats("c", new float[] {0}),
        Initializer.floats("c", new float[] {Float.NaN}),
        Initializer.floats("c", new float[] {0}));
  }

  private void attention() {
    List<TensorSpec> qkv = List.of(x(1, 4, 6), x(1, 4, 6), x(1, 4, 6));
    for (long[] heads : new long[][] {{0, 0}, {-1, -1}, {4, 4}, {7, 7}, {6, 4}, {1L << 33, 1}}) {
      add(
          "Attention of heads " + Arrays.toString(heads),
          23,
          "Attention",
          qkv,
          DataType.FLOAT32,
          a("q_num_heads", heads[0]),
          a("kv_num_heads", heads[1]));
    }
    add("Attention without heads", 23, "Attention", qkv, DataType.FLOAT32);
    add(
        "Attention of mode 99",
        23,
        "Attention",
        qkv,
        DataType.FLOAT32,
        a("q_num_heads", 2),
        a("kv_num_heads", 2),
        a("qk_matmul_output_mode", 99));
    add(
        "Attention of softmax precision 99",
        23,
        "Attention",
        qkv,
        DataType.FLOAT32,
        a("q_num_heads", 2),
        a("kv_num_heads", 2),
        a("softmax_precision", 99));
    add(
        "Attention of other sizes",
        23,
        "Attention",
        List.of(x(1, 4, 6), x(2, 3, 6), x(1, 4, 4)),
        DataType.FLOAT32,
        a("q_num_heads", 2),
        a("kv_num_heads", 2));
    add("Attention of rank 1", 23, "Attention", List.of(x(4), x(4), x(4)), DataType.FLOAT32);
    add(
        "RotaryEmbedding of 0 heads",
        23,
        "RotaryEmbedding",
        List.of(x(1, 2, 4), x(4, 2), x(4, 2), TensorSpec.of("p", DataType.INT64, 1, 2)),
        DataType.FLOAT32,
        a("num_heads", 0));
    add(
        "RotaryEmbedding of -3 dimensions",
        23,
        "RotaryEmbedding",
        List.of(x(1, 2, 4), x(4, 2), x(4, 2), TensorSpec.of("p", DataType.INT64, 1, 2)),
        DataType.FLOAT32,
        a("num_heads", 1),
        a("rotary_embedding_dim", -3));
    for (long axis : new long[] {2, -3, 1_000_000_000}) {
      add(
          "LayerNormalization of axis " + axis,
          17,
          "LayerNormalization",
          x(2, 3),
          DataType.FLOAT32,
          floats(1, 1, 1),
          a("axis", axis));
    }
    add(
        "LayerNormalization of a short scale",
        17,
        "LayerNormalization",
        x(2, 3),
        DataType.FLOAT32,
        floats(1),
        floats(1, 2, 3, 4, 5));
    add(
        "LayerNormalization of nothing",
        17,
        "LayerNormalization",
        x(2, 0),
        DataType.FLOAT32,
        Initializer.floats("c", new float[0], 0));
    add(
        "GroupNormalization of 3 groups in 4",
        21,
        "GroupNormalization",
        x(1, 4, 2),
        DataType.FLOAT32,
        floats(1, 1, 1, 1),
        floats(0, 0, 0, 0),
        a("num_groups", 3));
    add(
        "InstanceNormalization of a short scale",
        17,
        "InstanceNormalization",
        x(1, 4, 2),
        DataType.FLOAT32,
        floats(1),
        floats(0));
    add(
        "BatchNormalization of a short scale",
        17,
        "BatchNormalization",
        x(1, 4, 2),
        DataType.FLOAT32,
        floats(1),
        floats(0),
        floats(0),
        floats(0));
    add("LRN of 0", 17, "LRN", x(1, 4, 2, 2), DataType.FLOAT32, a("size", 0));
    add("LRN of -3", 17, "LRN", x(1, 4, 2, 2), DataType.FLOAT32, a("size", -3));
    add("LRN of 2", 17, "LRN", x(1, 4, 2, 2), DataType.FLOAT32, a("size", 2));
  }

  private void shapes() {
    add("Split of -1", 17, "Split", x(4), DataType.FLOAT32, longs(-1));
    add("Split of 9", 17, "Split", x(4), DataType.FLOAT32, longs(9));
    add("Split into -1", 18, "Split", x(4), DataType.FLOAT32, a("num_outputs", -1));
    add("Split into 0", 18, "Split", x(4), DataType.FLOAT32, a("num_outputs", 0));
    add("Split into 2^40", 18, "Split", x(4), DataType.FLOAT32, a("num_outputs", HUGE));
    add("Split of axis 9", 18, "Split", x(4), DataType.FLOAT32, a("num_outputs", 1), a("axis", 9));
    for (long k : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, HUGE, -HUGE}) {
      add("Trilu of " + k, 17, "Trilu", x(3, 3), DataType.FLOAT32, scalar(k));
      add(
          "Trilu from below of " + k,
          17,
          "Trilu",
          x(3, 3),
          DataType.FLOAT32,
          scalar(k),
          a("upper", 0));
      add("EyeLike of " + k, 17, "EyeLike", x(3, 3), DataType.FLOAT32, a("k", k));
    }
    add("Trilu of rank 1", 17, "Trilu", x(3), DataType.FLOAT32, scalar(0));
    add("Reshape to -2", 17, "Reshape", x(4), DataType.FLOAT32, longs(-2));
    add("Reshape to two -1", 17, "Reshape", x(4), DataType.FLOAT32, longs(-1, -1));
    add(
        "Reshape to 0 and -1",
        17,
        "Reshape",
        x(4),
        DataType.FLOAT32,
        longs(0, 0, -1),
        a("allowzero", 1));
    add("Reshape beyond 2^64", 17, "Reshape", x(4), DataType.FLOAT32, longs(HUGE, HUGE, HUGE, -1));
    add("Expand to -1", 17, "Expand", x(1), DataType.FLOAT32, longs(-1));
    add("Expand to 2^40", 17, "Expand", x(1), DataType.FLOAT32, longs(HUGE));
    add("Expand beyond 2^64", 17, "Expand", x(1), DataType.FLOAT32, longs(HUGE, HUGE));
    add("Tile -1 times", 17, "Tile", x(2), DataType.FLOAT32, longs(-1));
    add("Tile 2^62 times", 17, "Tile", x(2), DataType.FLOAT32, longs(1L << 62));
    add("ConstantOfShape of 2^40", 17, "ConstantOfShape", List.of(), DataType.FLOAT32, longs(HUGE));
    add("ConstantOfShape of -1", 17, "ConstantOfShape", List.of(), DataType.FLOAT32, longs(-1));
    add(
        "ConstantOfShape beyond 2^64",
        17,
        "ConstantOfShape",
        List.of(),
        DataType.FLOAT32,
        longs(1L << 32, 1L << 32, 4));
    add("Pad by -9", 17, "Pad", x(4), DataType.FLOAT32, longs(-9, 0));
    add("Pad by 2^62", 17, "Pad", x(4), DataType.FLOAT32, longs(1L << 62, 1L << 62));
    for (String mode : List.of("reflect", "edge", "wrap")) {
      add(
          "Pad by 99, " + mode,
          19,
          "Pad",
          x(4),
          DataType.FLOAT32,
          longs(99, 99),
          Attribute.of("mode", mode));
      add(
          "Pad of nothing, " + mode,
          19,
          "Pad",
          x(0),
          DataType.FLOAT32,
          longs(3, 3),
          Attribute.of("mode", mode));
    }
    add(
        "Slice of step 0",
        17,
        "Slice",
        x(4),
        DataType.FLOAT32,
        longs(0),
        longs(4),
        longs(0),
        longs(0));
    add(
        "Slice of step -2^63",
        17,
        "Slice",
        x(4),
        DataType.FLOAT32,
        longs(3),
        longs(-9),
        longs(0),
        longs(Long.MIN_VALUE));
    add(
        "Transpose of one axis twice",
        17,
        "Transpose",
        x(2, 3),
        DataType.FLOAT32,
        as("perm", 0, 0));
    add("Transpose of axis 9", 17, "Transpose", x(2, 3), DataType.FLOAT32, as("perm", 0, 9));
    add("Transpose of axis -1", 17, "Transpose", x(2, 3), DataType.FLOAT32, as("perm", -1, 0));
    for (String op : List.of("Flatten", "Softmax", "Hardmax", "LogSoftmax")) {
      add(op + " of axis 9", 17, op, x(2, 3), DataType.FLOAT32, a("axis", 9));
      add(op + " of axis -9", 17, op, x(2, 3), DataType.FLOAT32, a("axis", -9));
    }
    add("Concat of axis 9", 17, "Concat", x(2, 3), DataType.FLOAT32, a("axis", 9));
    add("Squeeze of axis 9", 17, "Squeeze", x(2, 3), DataType.FLOAT32, longs(9));
    add("Unsqueeze of one axis twice", 17, "Unsqueeze", x(2, 3), DataType.FLOAT32, longs(0, 0));
    add("ReduceSum of axis 9", 17, "ReduceSum", x(2, 3), DataType.FLOAT32, longs(9));
    add("ReduceMean of nothing", 17, "ReduceMean", x(0, 3), DataType.FLOAT32, as("axes", 0));
    add("ArgMax of nothing", 17, "ArgMax", x(0, 3), DataType.INT64, a("axis", 0));
    add(
        "SpaceToDepth of 0",
        17,
        "SpaceToDepth",
        x(1, 1, 2, 2),
        DataType.FLOAT32,
        a("blocksize", 0));
    add(
        "SpaceToDepth of 3",
        17,
        "SpaceToDepth",
        x(1, 1, 2, 2),
        DataType.FLOAT32,
        a("blocksize", 3));
    add(
        "DepthToSpace of 3",
        17,
        "DepthToSpace",
        x(1, 4, 2, 2),
        DataType.FLOAT32,
        a("blocksize", 3));
    add(
        "DepthToSpace of 2^33",
        17,
        "DepthToSpace",
        x(1, 4, 2, 2),
        DataType.FLOAT32,
        a("blocksize", 1L << 33));
    add("Resize by 0", 17, "Resize", x(1, 1, 2, 2), DataType.FLOAT32, "", floats(1, 1, 0, 0));
    add(
        "Resize by 1e30",
        17,
        "Resize",
        x(1, 1, 2, 2),
        DataType.FLOAT32,
        "",
        floats(1, 1, 1e30f, 1e30f));
    add("Resize by -1", 17, "Resize", x(1, 1, 2, 2), DataType.FLOAT32, "", floats(1, 1, -1, -1));
    add("Resize to -1", 17, "Resize", x(1, 1, 2, 2), DataType.FLOAT32, "", "", longs(1, 1, -1, -1));
    add("Resize to 0", 17, "Resize", x(1, 1, 2, 2), DataType.FLOAT32, "", "", longs(1, 1, 0, 0));
    add("Upsample by 0", 9, "Upsample", x(1, 1, 2, 2), DataType.FLOAT32, floats(1, 1, 0, 0));
    for (String mode : List.of("nearest", "linear", "cubic")) {
      for (float scale : new float[] {1 << 20, 1e30f, Float.NaN, Float.POSITIVE_INFINITY, -1e30f}) {
        add(
            "Resize by " + scale + ", " + mode,
            17,
            "Resize",
            x(1, 1, 2, 2),
            DataType.FLOAT32,
            "",
            floats(1, 1, scale, scale),
            Attribute.of("mode", mode));
        if (!mode.equals("cubic")) {
          add(
              "Upsample by " + scale + ", " + mode,
              9,
              "Upsample",
              x(1, 1, 2, 2),
              DataType.FLOAT32,
              floats(1, 1, scale, scale),
              Attribute.of("mode", mode));
        }
      }
      for (long size : new long[] {HUGE, 1L << 62, -HUGE, Long.MIN_VALUE}) {
        add(
            "Resize to " + size + ", " + mode,
            17,
            "Resize",
            x(1, 1, 2, 2),
            DataType.FLOAT32,
            "",
            "",
            longs(1, 1, size, size),
            Attribute.of("mode", mode));
      }
    }
    for (long size : new long[] {HUGE, -HUGE, (1L << 48) - 1, 1L << 31}) {
      for (String mode : List.of("constant", "edge", "reflect")) {
        add(
            "Pad by " + size + ", " + mode,
            17,
            "Pad",
            x(4),
            DataType.FLOAT32,
            longs(size, size),
            Attribute.of("mode", mode));
      }
    }
    add("CenterCropPad to -1", 18, "CenterCropPad", x(4), DataType.FLOAT32, longs(-1));
    add("CenterCropPad to 2^62", 18, "CenterCropPad", x(4), DataType.FLOAT32, longs(1L << 62));
    add(
        "AffineGrid of 2^31",
        20,
        "AffineGrid",
        x(1, 2, 3),
        DataType.FLOAT32,
        longs(1, 1, 1L << 31, 1L << 31));
    add("AffineGrid of 0", 20, "AffineGrid", x(1, 2, 3), DataType.FLOAT32, longs(1, 1, 0, 0));
    add(
        "Einsum of nonsense",
        17,
        "Einsum",
        x(2, 3),
        DataType.FLOAT32,
        Attribute.of("equation", "ij,jk->...->il"));
    add(
        "Einsum of other ranks",
        17,
        "Einsum",
        x(2, 3),
        DataType.FLOAT32,
        Attribute.of("equation", "ijkl->lkji"));
    add(
        "DequantizeLinear of blocks of -1",
        21,
        "DequantizeLinear",
        TensorSpec.of("x", DataType.INT8, 4),
        DataType.FLOAT32,
        floats(1, 1),
        a("axis", 0),
        a("block_size", -1));
    add(
        "DequantizeLinear of blocks of 3",
        21,
        "DequantizeLinear",
        TensorSpec.of("x", DataType.INT8, 4),
        DataType.FLOAT32,
        floats(1, 1),
        a("axis", 0),
        a("block_size", 3));
    add(
        "DequantizeLinear of axis 9",
        21,
        "DequantizeLinear",
        TensorSpec.of("x", DataType.INT8, 4),
        DataType.FLOAT32,
        floats(1, 1, 1, 1),
        a("axis", 9));
    add(
        "QuantizeLinear of blocks of 2^62",
        21,
        "QuantizeLinear",
        x(4),
        DataType.UINT8,
        floats(1, 1),
        a("axis", 0),
        a("block_size", 1L << 62));
    add("RandomNormal of 2^40", 17, "RandomNormal", List.of(), DataType.FLOAT32, as("shape", HUGE));
    add("RandomNormal of -1", 17, "RandomNormal", List.of(), DataType.FLOAT32, as("shape", -1));
  }

  private void windows() {
    for (long[] kernel : new long[][] {{0, 0}, {9, 9}, {1L << 32, 1}, {2}, {-1, -1}}) {
      String of = Arrays.toString(kernel);
      add(
          "MaxPool of " + of,
          17,
          "MaxPool",
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          as("kernel_shape", kernel));
      add(
          "AveragePool of " + of,
          17,
          "AveragePool",
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          as("kernel_shape", kernel));
      add(
          "LpPool of " + of,
          17,
          "LpPool",
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          as("kernel_shape", kernel));
    }
    add(
        "MaxPool of pads beyond the kernel",
        17,
        "MaxPool",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        as("kernel_shape", 2, 2),
        as("pads", 9, 9, 9, 9));
    add(
        "MaxPool of negative pads",
        17,
        "MaxPool",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        as("kernel_shape", 2, 2),
        as("pads", -9, -9, -9, -9));
    add(
        "MaxPool of few pads",
        17,
        "MaxPool",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        as("kernel_shape", 2, 2),
        as("pads", 1));
    add(
        "MaxPool of few strides",
        17,
        "MaxPool",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        as("kernel_shape", 2, 2),
        as("strides", 1));
    add(
        "AveragePool of few dilations",
        19,
        "AveragePool",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        as("kernel_shape", 2, 2),
        as("dilations", 1));
    Initializer w = Initializer.floats("w", new float[9], 1, 1, 3, 3);
    for (String op : List.of("Conv", "ConvTranspose")) {
      add(op + " of few pads", 17, op, x(1, 1, 4, 4), DataType.FLOAT32, w, as("pads", 1));
      add(op + " of few strides", 17, op, x(1, 1, 4, 4), DataType.FLOAT32, w, as("strides", 1));
      add(op + " of few dilations", 17, op, x(1, 1, 4, 4), DataType.FLOAT32, w, as("dilations", 1));
      add(
          op + " of another kernel",
          17,
          op,
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          w,
          as("kernel_shape", 5, 5));
      add(
          op + " of a kernel of rank 1",
          17,
          op,
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          w,
          as("kernel_shape", 3));
      add(op + " of 3 groups", 17, op, x(1, 1, 4, 4), DataType.FLOAT32, w, a("group", 3));
      add(op + " of 2^33 groups", 17, op, x(1, 1, 4, 4), DataType.FLOAT32, w, a("group", 1L << 33));
      add(
          op + " of pads -9",
          17,
          op,
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          w,
          as("pads", -9, -9, -9, -9));
      add(
          op + " of strides 2^62",
          17,
          op,
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          w,
          as("strides", 1L << 62, 1L << 62));
      add(
          op + " of dilations 2^62",
          17,
          op,
          x(1, 1, 4, 4),
          DataType.FLOAT32,
          w,
          as("dilations", 1L << 62, 1L << 62));
    }
    add(
        "ConvTranspose of outputs -9",
        17,
        "ConvTranspose",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        w,
        as("output_shape", -9, -9));
    add(
        "ConvTranspose of padding 2^40",
        17,
        "ConvTranspose",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        w,
        as("output_padding", HUGE, HUGE));
    add(
        "ConvTranspose of few paddings",
        17,
        "ConvTranspose",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        w,
        as("output_padding", 1));
    for (long[] block : new long[][] {{0, 0}, {-1, -1}, {3, 3}, {1}, {1L << 33, 1L << 33}}) {
      add(
          "Col2Im of blocks " + Arrays.toString(block),
          18,
          "Col2Im",
          x(1, 4, 4),
          DataType.FLOAT32,
          longs(4, 4),
          longs(block));
    }
    add("Col2Im of images 0", 18, "Col2Im", x(1, 4, 4), DataType.FLOAT32, longs(0, 0), longs(2, 2));
    add(
        "Col2Im of images 2^40",
        18,
        "Col2Im",
        x(1, 4, 4),
        DataType.FLOAT32,
        longs(HUGE, HUGE),
        longs(2, 2));
    add(
        "Col2Im of few pads",
        18,
        "Col2Im",
        x(1, 4, 4),
        DataType.FLOAT32,
        longs(4, 4),
        longs(2, 2),
        as("pads", 1));
    add(
        "Col2Im of pads -9",
        18,
        "Col2Im",
        x(1, 4, 4),
        DataType.FLOAT32,
        longs(4, 4),
        longs(2, 2),
        as("pads", -9, -9, -9, -9));
    add(
        "Col2Im of few strides",
        18,
        "Col2Im",
        x(1, 4, 4),
        DataType.FLOAT32,
        longs(4, 4),
        longs(2, 2),
        as("strides", 1));
    add(
        "Col2Im of few dilations",
        18,
        "Col2Im",
        x(1, 4, 4),
        DataType.FLOAT32,
        longs(4, 4),
        longs(2, 2),
        as("dilations", 1));
    add(
        "Col2Im of other columns",
        18,
        "Col2Im",
        x(1, 3, 7),
        DataType.FLOAT32,
        longs(4, 4),
        longs(2, 2));
    add("Col2Im of rank 1", 18, "Col2Im", x(4), DataType.FLOAT32, longs(4, 4), longs(2, 2));
    add(
        "MaxUnpool beyond the output",
        17,
        "MaxUnpool",
        x(1, 1, 1, 1),
        DataType.FLOAT32,
        Initializer.longs("i", new long[] {1L << 30}, 1, 1, 1, 1),
        as("kernel_shape", 2, 2));
    add(
        "MaxUnpool before the output",
        17,
        "MaxUnpool",
        x(1, 1, 1, 1),
        DataType.FLOAT32,
        Initializer.longs("i", new long[] {-(1L << 30)}, 1, 1, 1, 1),
        as("kernel_shape", 2, 2));
    add(
        "RoiAlign of picture 2^30",
        16,
        "RoiAlign",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        Initializer.floats("r", new float[] {0, 0, 1, 1}, 1, 4),
        longs(1L << 30));
    add(
        "RoiAlign of picture -1",
        16,
        "RoiAlign",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        Initializer.floats("r", new float[] {0, 0, 1, 1}, 1, 4),
        longs(-1));
    add(
        "RoiAlign of samples -1",
        16,
        "RoiAlign",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        Initializer.floats("r", new float[] {0, 0, 1, 1}, 1, 4),
        longs(0),
        a("sampling_ratio", -1));
    add(
        "RoiAlign of a region of 1e30",
        16,
        "RoiAlign",
        x(1, 1, 4, 4),
        DataType.FLOAT32,
        Initializer.floats("r", new float[] {0, 0, 1e30f, 1e30f}, 1, 4),
        longs(0));
    add(
        "GridSample of not a number",
        16,
        "GridSample",
        x(1, 1, 2, 2),
        DataType.FLOAT32,
        Initializer.floats("g", new float[] {Float.NaN, 1e30f}, 1, 1, 1, 2));
  }

  private void indices() {
    for (long i : new long[] {9, -9, 1L << 40, Long.MIN_VALUE}) {
      add("Gather of " + i, 17, "Gather", x(4), DataType.FLOAT32, longs(i));
      add("GatherElements of " + i, 17, "GatherElements", x(4), DataType.FLOAT32, longs(i));
      add(
          "GatherND of " + i,
          17,
          "GatherND",
          x(4),
          DataType.FLOAT32,
          Initializer.longs("c", new long[] {i}, 1, 1));
      add(
          "ScatterElements of " + i,
          17,
          "ScatterElements",
          x(4),
          DataType.FLOAT32,
          longs(i),
          floats(1));
      add(
          "ScatterND of " + i,
          17,
          "ScatterND",
          x(4),
          DataType.FLOAT32,
          Initializer.longs("c", new long[] {i}, 1, 1),
          floats(1));
      add("TopK of " + i, 17, "TopK", x(4), DataType.FLOAT32, longs(i));
      add("CumSum of axis " + i, 17, "CumSum", x(4), DataType.FLOAT32, scalar(i));
      add(
          "OneHot of depth " + i,
          17,
          "OneHot",
          TensorSpec.of("x", DataType.INT64, 2),
          DataType.FLOAT32,
          scalar(i),
          floats(0, 1));
      add(
          "OneHot of axis " + i,
          17,
          "OneHot",
          TensorSpec.of("x", DataType.INT64, 2),
          DataType.FLOAT32,
          scalar(4),
          floats(0, 1),
          a("axis", i));
      add(
          "Compress of axis " + i,
          17,
          "Compress",
          x(4),
          DataType.FLOAT32,
          Initializer.longs("b", DataType.BOOL, new long[] {1}, 1),
          a("axis", i));
      add("Unique of axis " + i, 17, "Unique", x(4), DataType.FLOAT32, a("axis", i));
      add(
          "GatherND of batches " + i,
          17,
          "GatherND",
          x(4),
          DataType.FLOAT32,
          Initializer.longs("c", new long[] {0}, 1, 1),
          a("batch_dims", i));
      add(
          "ReverseSequence of length " + i,
          17,
          "ReverseSequence",
          x(2, 2),
          DataType.FLOAT32,
          longs(i, i));
    }
    add(
        "ReverseSequence of axes 9",
        17,
        "ReverseSequence",
        x(2, 2),
        DataType.FLOAT32,
        longs(1, 1),
        a("batch_axis", 9),
        a("time_axis", 8));
    add(
        "ReverseSequence of few lengths",
        17,
        "ReverseSequence",
        x(4, 4),
        DataType.FLOAT32,
        longs(1));
    add(
        "NonMaxSuppression of other sizes",
        17,
        "NonMaxSuppression",
        x(1, 4, 4),
        DataType.INT64,
        Initializer.floats("s", new float[2], 1, 1, 2),
        longs(-1));
    add(
        "Compress of a long condition",
        17,
        "Compress",
        x(2),
        DataType.FLOAT32,
        Initializer.longs("b", DataType.BOOL, new long[] {1, 1, 1, 1, 1, 1, 1, 1}, 8));
    add(
        "OneHot of one value",
        17,
        "OneHot",
        TensorSpec.of("x", DataType.INT64, 2),
        DataType.FLOAT32,
        scalar(4),
        floats(1));
  }

  private void sequences() {
    for (String op : List.of("LSTM", "GRU", "RNN")) {
      int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
      Initializer w = Initializer.floats("w", new float[gates * 2 * 3], 1, gates * 2, 3);
      Initializer r = Initializer.floats("r", new float[gates * 2 * 2], 1, gates * 2, 2);
      add(
          op + " of hidden size 0",
          14,
          op,
          x(2, 1, 3),
          DataType.FLOAT32,
          w,
          r,
          a("hidden_size", 0));
      add(
          op + " of hidden size 9",
          14,
          op,
          x(2, 1, 3),
          DataType.FLOAT32,
          w,
          r,
          a("hidden_size", 9));
      add(
          op + " of length 99",
          14,
          op,
          x(2, 1, 3),
          DataType.FLOAT32,
          w,
          r,
          "",
          ints(99),
          a("hidden_size", 2));
      add(
          op + " of length -1",
          14,
          op,
          x(2, 1, 3),
          DataType.FLOAT32,
          w,
          r,
          "",
          ints(-1),
          a("hidden_size", 2));
      add(
          op + " of a short bias",
          14,
          op,
          x(2, 1, 3),
          DataType.FLOAT32,
          w,
          r,
          Initializer.floats("b", new float[1], 1, 1),
          a("hidden_size", 2));
      add(
          op + " of other weights",
          14,
          op,
          x(2, 1, 5),
          DataType.FLOAT32,
          w,
          r,
          a("hidden_size", 2));
    }
  }

  private void signals() {
    for (long n : new long[] {0, -1, HUGE, Long.MIN_VALUE}) {
      add("DFT of length " + n, 17, "DFT", x(1, 4, 1), DataType.FLOAT32, scalar(n));
      add("DFT of axis " + n, 17, "DFT", x(1, 4, 1), DataType.FLOAT32, a("axis", n + 7));
      add("DFT of axis input " + n, 20, "DFT", x(1, 4, 1), DataType.FLOAT32, "", scalar(n + 7));
      add("STFT of step " + n, 17, "STFT", x(1, 8, 1), DataType.FLOAT32, scalar(n), "", scalar(4));
      add(
          "STFT of length " + n,
          17,
          "STFT",
          x(1, 8, 1),
          DataType.FLOAT32,
          scalar(2),
          "",
          scalar(n));
      add("HannWindow of " + n, 17, "HannWindow", List.of(), DataType.FLOAT32, scalar(n));
      add(
          "MelWeightMatrix of bins " + n,
          17,
          "MelWeightMatrix",
          List.of(),
          DataType.FLOAT32,
          scalar(n),
          scalar(8),
          scalar(8000),
          Initializer.floats("c", new float[] {0}),
          Initializer.floats("c", new float[] {100}));
      add(
          "MelWeightMatrix of length " + n,
          17,
          "MelWeightMatrix",
          List.of(),
          DataType.FLOAT32,
          scalar(8),
          scalar(n),
          scalar(8000),
          Initializer.floats("c", new float[] {0}),
          Initializer.floats("c", new float[] {100}));
      add(
          "MelWeightMatrix of rate " + n,
          17,
          "MelWeightMatrix",
          List.of(),
          DataType.FLOAT32,
          scalar(8),
          scalar(8),
          scalar(n),
          Initializer.floats("c", new float[] {0}),
          Initializer.floats("c", new float[] {100}));
    }
    add("DFT of three parts", 17, "DFT", x(1, 4, 3), DataType.FLOAT32);
    add("DFT of nothing", 17, "DFT", x(1, 0, 1), DataType.FLOAT32);
    add(
        "STFT of a short window",
        17,
        "STFT",
        x(1, 8, 1),
        DataType.FLOAT32,
        scalar(2),
        floats(1),
        scalar(4));
    add(
        "Multinomial of 2^62",
        17,
        "Multinomial",
        x(1, 4),
        DataType.INT32,
        a("sample_size", 1L << 62));
    add("Multinomial of -1", 17, "Multinomial", x(1, 4), DataType.INT32, a("sample_size", -1));
    add(
        "TfIdfVectorizer of other pools",
        17,
        "TfIdfVectorizer",
        TensorSpec.of("x", DataType.INT64, 4),
        DataType.FLOAT32,
        Attribute.of("mode", "TF"),
        a("min_gram_length", 1),
        a("max_gram_length", 3),
        a("max_skip_count", 0),
        as("ngram_counts", 0, 99),
        as("ngram_indexes", 0, 1L << 33),
        as("pool_int64s", 1, 2));
  }
}
