package io.inferc.backend.openvino;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Small models of layers and what stands between them in convolutional networks, drawn at random:
 * every block reads any results before it, so that many of them have several readers.
 */
final class RandomLayers {
  private static final int CHANNELS = 8;

  /** Which dimensions of an image are symbols. */
  enum Sizes {
    FIXED("1, 8, 12, 12"),
    BATCH("n, 8, 12, 12"),
    ALL("n, 8, h, w");

    private final String dimensions;

    Sizes(String dimensions) {
      this.dimensions = dimensions;
    }
  }

  private final GraphBuilder graph = Graph.builder("layers");
  private final List<String> images = new ArrayList<>(List.of("x"));
  private final Random random;
  private int count;

  private RandomLayers(long seed) {
    random = new Random(seed);
  }

  /**
   * Draws a model.
   *
   * @param sizes which of the input's dimensions are symbols
   */
  static OnnxModel model(long seed, Sizes sizes) {
    RandomLayers layers = new RandomLayers(seed);
    int blocks = 3 + layers.random.nextInt(6);
    for (int i = 0; i < blocks; i++) {
      layers.images.add(layers.block());
    }
    String last = layers.images.get(blocks);
    layers.graph.input(TensorSpec.of("x", DataType.FLOAT32, sizes.dimensions));
    layers.output(last);
    if (layers.random.nextInt(4) == 0) {
      String other = layers.images.get(1 + layers.random.nextInt(blocks));
      layers.output(layers.node("Tanh", other));
    }
    layers.output(layers.end(last));
    if (sizes == Sizes.BATCH) {
      layers.sequence(last);
    }
    return OnnxModel.of(layers.graph.build(), 17);
  }

  private void output(String tensor) {
    graph.output(TensorSpec.of(tensor, DataType.FLOAT32, "..."));
  }

  /** Draws a result to read, the last ones more often. */
  private String image() {
    int back = Math.min(random.nextInt(images.size()), random.nextInt(3));
    return images.get(images.size() - 1 - back);
  }

  private String block() {
    String x = image();
    switch (random.nextInt(20)) {
      case 0:
        return conv(x, 1);
      case 1:
        return conv(x, 3);
      case 2:
        return conv(x, CHANNELS, 3, CHANNELS);
      case 3:
        return node("Relu", conv(x, 3));
      case 4:
        return node("HardSwish", conv(x, CHANNELS, 3, CHANNELS));
      case 5:
        return node("Add", conv(x, 3), image());
      case 6:
        return node("Relu", node("Add", conv(node("Relu", conv(x, 1)), 3), x));
      case 7:
        return node("Mul", conv(x, 3), vector(CHANNELS, 1, 1));
      case 8:
        return excitation(conv(x, 1));
      case 9:
        return conv(
            node("Concat", List.of(conv(x, 1), image()), Attribute.of("axis", 1)), 16, 1, 1);
      case 10:
        return conv(resize(conv(x, 1)), CHANNELS, 2, 1, Attribute.ofInts("strides", 2, 2));
      case 11:
        return node("MaxPool", List.of(conv(x, 1)), kernel(), pads());
      case 12:
        return node("AveragePool", List.of(conv(x, 3)), kernel(), pads());
      case 13:
        return transposed(x);
      case 14:
        return node("Mul", conv(x, 3), node("Sigmoid", conv(x, 1)));
      case 15:
        return padded(x);
      case 16:
        return shuffled(conv(x, 1));
      case 17:
        return node("Add", resizedDown(x), conv(x, 1));
      case 18:
        return node("Clip", conv(x, 3), scalar(0), scalar(6));
      default:
        String y = conv(x, 3);
        return node("Mul", y, node("Sigmoid", y));
    }
  }

  private String end(String x) {
    String mean = node("Flatten", node("GlobalAveragePool", x));
    switch (random.nextInt(5)) {
      case 0:
        return node("Gemm", mean, weights(CHANNELS, 12), vector(12));
      case 1:
        return node("Add", node("MatMul", mean, weights(CHANNELS, 12)), vector(12));
      case 2:
        String rows = node("Reshape", x, longs(0, CHANNELS, -1));
        String columns = node("Transpose", List.of(rows), Attribute.ofInts("perm", 0, 2, 1));
        String keys = node("MatMul", columns, weights(CHANNELS, CHANNELS));
        return node("MatMul", rows, keys);
      case 3:
        String line = node("Reshape", x, longs(0, CHANNELS, -1));
        return node("Conv", List.of(line, weights(CHANNELS, CHANNELS, 3), vector(CHANNELS)));
      default:
        return node("ReduceMean", List.of(conv(x, 1)), Attribute.ofInts("axes", 1));
    }
  }

  /** Makes rows of a sequence, and a first state, as exporters do that unroll recurrent cells. */
  private void sequence(String x) {
    String turned = node("Transpose", List.of(x), Attribute.ofInts("perm", 2, 0, 1, 3));
    Attribute rows = Attribute.of("axis", 0);
    List<String> sizes = List.of(longs(-1), dimension(node("Shape", x), 0), longs(CHANNELS));
    String sequence = node("Reshape", turned, node("Concat", sizes, rows));
    List<String> state = List.of(dimension(node("Shape", sequence), 1), longs(4));
    Attribute one = Attribute.of("value", Initializer.floats("one", new float[] {1}, 1));
    output(node("ConstantOfShape", List.of(node("Concat", state, rows)), one));
    output(sequence);
  }

  private String excitation(String x) {
    String small = node("Relu", conv(node("GlobalAveragePool", x), 1));
    return node("Mul", x, node("HardSigmoid", conv(small, 1)));
  }

  private String resize(String x) {
    String mode = random.nextBoolean() ? "nearest" : "linear";
    return node("Resize", List.of(x, "", vectorOf(1, 1, 2, 2)), Attribute.of("mode", mode));
  }

  /** Halves an image, and gives it the size of another again that it reads while it runs. */
  private String resizedDown(String x) {
    String small = conv(x, CHANNELS, 2, 1, Attribute.ofInts("strides", 2, 2));
    String size = node("Shape", image());
    return node("Resize", List.of(small, "", "", size), Attribute.of("mode", "nearest"));
  }

  private String transposed(String x) {
    String large =
        node(
            "ConvTranspose",
            List.of(x, weights(CHANNELS, CHANNELS, 2, 2), vector(CHANNELS)),
            Attribute.ofInts("strides", 2, 2));
    return node(
        "AveragePool",
        List.of(large),
        Attribute.ofInts("kernel_shape", 2, 2),
        Attribute.ofInts("strides", 2, 2));
  }

  private String padded(String x) {
    String wide = node("Pad", conv(x, 1), longs(0, 0, 1, 1, 0, 0, 1, 1));
    return node("Conv", wide, weights(CHANNELS, CHANNELS, 3, 3), vector(CHANNELS));
  }

  /** Exchanges channels between groups, with the sizes that exporters read one by one. */
  private String shuffled(String x) {
    String size = node("Shape", random.nextBoolean() ? x : image());
    List<String> apart = new ArrayList<>(List.of(dimension(size, 0), longs(2), longs(4)));
    apart.addAll(List.of(dimension(size, 2), dimension(size, 3)));
    Attribute rows = Attribute.of("axis", 0);
    String groups = node("Reshape", x, node("Concat", apart, rows));
    String turned = node("Transpose", List.of(groups), Attribute.ofInts("perm", 0, 2, 1, 3, 4));
    List<String> whole = List.of(apart.get(0), longs(8), apart.get(3), apart.get(4));
    return node("Reshape", turned, node("Concat", whole, rows));
  }

  private String dimension(String size, int axis) {
    String one = name("axis");
    graph.initializer(Initializer.longs(one, DataType.INT64, new long[] {axis}));
    return node("Unsqueeze", node("Gather", size, one), longs(0));
  }

  private String conv(String x, int kernel) {
    return conv(x, CHANNELS, kernel, 1);
  }

  private String conv(String x, int channels, int kernel, int groups, Attribute... attributes) {
    List<String> inputs =
        new ArrayList<>(List.of(x, weights(CHANNELS, channels / groups, kernel, kernel)));
    if (random.nextInt(3) > 0) {
      inputs.add(vector(CHANNELS));
    }
    List<Attribute> all = new ArrayList<>(List.of(attributes));
    all.add(Attribute.of("group", groups));
    int pad = kernel / 2 * (kernel % 2);
    all.add(Attribute.ofInts("pads", pad, pad, pad, pad));
    return node("Conv", inputs, all.toArray(Attribute[]::new));
  }

  private static Attribute pads() {
    return Attribute.ofInts("pads", 1, 1, 1, 1);
  }

  private static Attribute kernel() {
    return Attribute.ofInts("kernel_shape", 3, 3);
  }

  private String node(String operator, String... inputs) {
    return node(operator, List.of(inputs));
  }

  private String node(String operator, List<String> inputs, Attribute... attributes) {
    String made = name(operator);
    Node.Builder node =
        Node.builder(operator).name(made).inputs(inputs.toArray(String[]::new)).outputs(made);
    for (Attribute attribute : attributes) {
      node.attribute(attribute);
    }
    graph.node(node.build());
    return made;
  }

  private String name(String kind) {
    return kind + count++;
  }

  private String weights(long... dims) {
    long inner = Arrays.stream(dims).skip(1).reduce(1, (a, b) -> a * b);
    return drawn(1 / Math.sqrt(Math.max(inner, 4)), dims);
  }

  private String vector(long... dims) {
    return drawn(0.4, dims);
  }

  private String drawn(double deviation, long... dims) {
    float[] values = new float[Math.toIntExact(Arrays.stream(dims).reduce(1, (a, b) -> a * b))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return floats(values, dims);
  }

  private String vectorOf(float... values) {
    return floats(values, values.length);
  }

  private String scalar(float value) {
    return floats(new float[] {value});
  }

  private String floats(float[] values, long... dims) {
    String name = name("w");
    graph.initializer(Initializer.floats(name, values, dims));
    return name;
  }

  private String longs(long... values) {
    String name = name("n");
    graph.initializer(Initializer.longs(name, values, values.length));
    return name;
  }
}
