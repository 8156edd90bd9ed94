package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Random;

/** A very deep network as exporters write them, for measuring what rewriting takes. */
final class RewriteModels {
  private static final int WIDTH = 8;

  private final GraphBuilder graph = Graph.builder("deep");
  private final Random random = new Random(1);
  private int nodes;

  private RewriteModels() {}

  /**
   * Layers of attention, layer normalization, Gelu and convolution with batch normalization, with
   * Constant nodes, computed shapes, and nodes without effect or reader in between.
   */
  static OnnxModel deep(int nodes) {
    return new RewriteModels().write(nodes);
  }

  private OnnxModel write(int wanted) {
    graph.input(TensorSpec.of("x", DataType.FLOAT32, "batch, length, " + WIDTH));
    String x = "x";
    while (nodes < wanted) {
      x = layer(x);
    }
    graph.node(Node.of("Tanh", List.of(x), List.of("y")));
    graph.output(TensorSpec.of("y", DataType.FLOAT32, "batch, length, " + WIDTH));
    return OnnxModel.of(graph.build(), 20);
  }

  private String layer(String x) {
    String attended = layerNorm(op("Add", List.of(attention(x), x)));
    String fed = linear(gelu(linear(op("Identity", List.of(attended)))));
    op("Sqrt", List.of(op("Abs", List.of(fed))));
    String mixed = convolution(op("Add", List.of(fed, attended)));
    return layerNorm(op("Add", List.of(op("Relu", List.of(mixed)), attended)));
  }

  private String op(String operator, List<String> inputs, Attribute... attributes) {
    String name = operator + "_" + nodes++;
    Node.Builder node =
        Node.builder(operator)
            .name(name)
            .inputs(inputs.toArray(String[]::new))
            .outputs(name + "_out");
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    graph.node(node.build());
    return name + "_out";
  }

  private String weight(long... dims) {
    long count = 1;
    for (long d : dims) {
      count *= d;
    }
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.1f + random.nextFloat();
    }
    String name = "weight_" + nodes + "_" + random.nextInt(Integer.MAX_VALUE);
    graph.initializer(Initializer.floats(name, values, dims));
    return name;
  }

  private String scalar(double value) {
    Initializer tensor = Initializer.floats("", new float[] {(float) value});
    return op("Constant", List.of(), Attribute.of("value", tensor));
  }

  private String longs(long... values) {
    Initializer tensor = Initializer.longs("", values, values.length);
    return op("Constant", List.of(), Attribute.of("value", tensor));
  }

  private String linear(String x) {
    return op("Add", List.of(op("MatMul", List.of(x, weight(WIDTH, WIDTH))), weight(WIDTH)));
  }

  private String attention(String x) {
    String shape = op("Shape", List.of(x));
    String batch = op("Gather", List.of(shape, longs(0)));
    String width = op("Gather", List.of(shape, longs(2)));
    String half = op("Div", List.of(width, longs(2)));
    String split = op("Concat", List.of(batch, longs(-1), longs(2), half), Attribute.of("axis", 0));
    String q = heads(linear(x), split, 0, 2, 1, 3);
    String k = heads(linear(x), split, 0, 2, 3, 1);
    String v = heads(linear(x), split, 0, 2, 1, 3);
    String scores = op("Div", List.of(op("MatMul", List.of(q, k)), scalar(2)));
    String mixed = op("MatMul", List.of(op("Softmax", List.of(scores)), v));
    String rows = op("Transpose", List.of(mixed), Attribute.ofInts("perm", 0, 2, 1, 3));
    return linear(op("Reshape", List.of(rows, longs(0, 0, WIDTH))));
  }

  private String heads(String x, String shape, long... order) {
    return op(
        "Transpose", List.of(op("Reshape", List.of(x, shape))), Attribute.ofInts("perm", order));
  }

  private String layerNorm(String x) {
    String mean = op("ReduceMean", List.of(x, longs(-1)));
    String centered = op("Sub", List.of(x, mean));
    String square = op("Pow", List.of(centered, scalar(2)));
    String variance = op("ReduceMean", List.of(square, longs(-1)));
    String root = op("Sqrt", List.of(op("Add", List.of(variance, scalar(1e-5)))));
    String normal = op("Div", List.of(centered, root));
    return op("Add", List.of(op("Mul", List.of(normal, weight(WIDTH))), weight(WIDTH)));
  }

  private String gelu(String x) {
    String erf = op("Erf", List.of(op("Div", List.of(x, scalar(Math.sqrt(2))))));
    String product = op("Mul", List.of(x, op("Add", List.of(erf, scalar(1)))));
    return op("Mul", List.of(product, scalar(0.5)));
  }

  private String convolution(String x) {
    String columns = op("Transpose", List.of(x), Attribute.ofInts("perm", 0, 2, 1));
    String conv = op("Conv", List.of(columns, weight(WIDTH, WIDTH, 1)));
    String normal =
        op(
            "BatchNormalization",
            List.of(conv, weight(WIDTH), weight(WIDTH), weight(WIDTH), weight(WIDTH)));
    return op("Transpose", List.of(normal), Attribute.ofInts("perm", 0, 2, 1));
  }
}
