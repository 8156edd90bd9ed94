package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Draws transformers over {@code [batch, length, width]}. */
final class SequenceBlocks {
  private static final int VOCABULARY = 7;

  private final NetworkWriter net;
  private final CommonBlocks common;
  private final int width;

  SequenceBlocks(NetworkWriter net) {
    this.net = net;
    this.common = new CommonBlocks(net);
    this.width = 4 * (1 + net.random.nextInt(2));
  }

  Graph network() {
    boolean tokens = net.oneIn(2);
    List<TensorSpec> inputs =
        List.of(
            tokens
                ? TensorSpec.of("ids", DataType.INT64, "batch, length")
                : TensorSpec.of("features", DataType.FLOAT32, "batch, length, " + width));
    String x =
        tokens ? net.op("Gather", List.of(net.weight(0, 1, VOCABULARY, width), "ids")) : "features";
    String shape = "batch, length, " + width;
    List<TensorSpec> outputs = new ArrayList<>();
    int blocks = 2 + net.random.nextInt(4);
    for (int i = 0; i < blocks; i++) {
      String before = x;
      x = block(x);
      if (net.oneIn(6) && outputs.isEmpty() && !x.equals(before)) {
        outputs.add(TensorSpec.of(x, DataType.FLOAT32, shape));
      }
    }
    String y = net.op("Tanh", List.of(x));
    outputs.add(TensorSpec.of(y, DataType.FLOAT32, shape));
    return net.graph("transformer", inputs, outputs);
  }

  private String block(String x) {
    return switch (net.random.nextInt(8)) {
      case 0, 1 -> layerNorm(net.op("Add", List.of(attention(x), x)));
      case 2 -> net.op("Add", List.of(x, linear(gelu(linear(x, true)), true)));
      case 3 -> layerNorm(x);
      case 4 -> gelu(x);
      case 5 -> reshapeByShape(x);
      case 6 -> linear(x, net.oneIn(2));
      default -> common.any(x);
    };
  }

  private String linear(String x, boolean bias) {
    String weight = net.weight(0, 1 / Math.sqrt(width), width, width);
    String y = net.op("MatMul", List.of(x, weight));
    if (!bias) {
      return y;
    }
    String b = net.weight(0, 0.2, width);
    return net.op("Add", net.oneIn(2) ? List.of(y, b) : List.of(b, y));
  }

  /** Two heads of self-attention. */
  private String attention(String x) {
    boolean bias = net.oneIn(2);
    String q = heads(linear(x, bias));
    String k = heads(linear(x, bias));
    String v = heads(linear(x, bias));
    String kt = net.op("Transpose", List.of(k), Attribute.ofInts("perm", 0, 1, 3, 2));
    String scores = net.op("MatMul", List.of(q, kt));
    String scaled = net.op("Div", List.of(scores, net.scalar(Math.sqrt(width / 2.0))));
    String weights = net.op("Softmax", List.of(scaled), Attribute.of("axis", -1));
    String mixed = net.op("MatMul", List.of(weights, v));
    String rows = net.op("Transpose", List.of(mixed), Attribute.ofInts("perm", 0, 2, 1, 3));
    return linear(net.op("Reshape", List.of(rows, net.longs(0, 0, width))), bias);
  }

  private String heads(String x) {
    String split = net.op("Reshape", List.of(x, net.longs(0, 0, 2, width / 2)));
    return net.op("Transpose", List.of(split), Attribute.ofInts("perm", 0, 2, 1, 3));
  }

  /** As one operator where the opset has it, or decomposed. */
  private String layerNorm(String x) {
    String scale = net.weight(1, 0.2, width);
    String bias = net.weight(0, 0.2, width);
    if (net.opset >= 17 && net.oneIn(3)) {
      return net.op(
          "LayerNormalization",
          List.of(x, scale, bias),
          Attribute.of("axis", -1),
          Attribute.of("epsilon", 1e-5f));
    }
    String centered = net.op("Sub", List.of(x, mean(x)));
    String squares =
        net.oneIn(2)
            ? net.op("Pow", List.of(centered, net.scalar(2)))
            : net.op("Mul", List.of(centered, centered));
    String variance = net.op("Add", List.of(mean(squares), net.scalar(1e-5)));
    String normal = net.op("Div", List.of(centered, net.op("Sqrt", List.of(variance))));
    String scaled = net.op("Mul", net.oneIn(2) ? List.of(normal, scale) : List.of(scale, normal));
    return net.op("Add", List.of(scaled, bias));
  }

  private String mean(String x) {
    return net.opset >= 18
        ? net.op("ReduceMean", List.of(x, net.longs(-1)))
        : net.op("ReduceMean", List.of(x), Attribute.ofInts("axes", -1));
  }

  /** By the error function or by tanh; as one operator where the opset has it. */
  private String gelu(String x) {
    boolean tanh = net.oneIn(3);
    if (net.opset >= 20 && net.oneIn(3)) {
      return net.op("Gelu", List.of(x), Attribute.of("approximate", tanh ? "tanh" : "none"));
    }
    String inner = tanh ? tanhOfGelu(x) : erfOfGelu(x);
    String sum = net.op("Add", List.of(inner, net.scalar(1)));
    return switch (net.random.nextInt(3)) {
      case 0 -> net.op("Mul", List.of(net.op("Mul", List.of(x, sum)), net.scalar(0.5)));
      case 1 -> net.op("Mul", List.of(x, net.op("Mul", List.of(net.scalar(0.5), sum))));
      default -> net.op("Mul", List.of(net.op("Mul", List.of(net.scalar(0.5), x)), sum));
    };
  }

  private String erfOfGelu(String x) {
    return net.op(
        "Erf",
        List.of(
            net.oneIn(2)
                ? net.op("Div", List.of(x, net.scalar(Math.sqrt(2))))
                : net.op("Mul", List.of(x, net.scalar(Math.sqrt(0.5))))));
  }

  private String tanhOfGelu(String x) {
    String cube = net.op("Pow", List.of(x, net.scalar(3)));
    String small = net.op("Mul", List.of(net.scalar(0.044715), cube));
    String sum = net.op("Add", List.of(x, small));
    return net.op("Tanh", List.of(net.op("Mul", List.of(sum, net.scalar(Math.sqrt(2 / Math.PI))))));
  }

  /** To rows and back, with the shape computed as exporters write it. */
  private String reshapeByShape(String x) {
    String shape = net.op("Shape", List.of(x));
    String batch = net.op("Gather", List.of(shape, net.longs(0)));
    String length = net.op("Slice", List.of(shape, net.longs(1), net.longs(2)));
    String last =
        net.op("Unsqueeze", List.of(net.op("Gather", List.of(shape, index(2))), net.longs(0)));
    String rows = net.op("Reshape", List.of(x, net.longs(-1, width)));
    Node concat =
        NetworkWriter.node(
            "Concat",
            net.name("concat"),
            List.of(batch, length, last),
            List.of(rows + "_shape"),
            Attribute.of("axis", 0));
    net.add(concat);
    return net.op("Reshape", List.of(net.op("Relu", List.of(rows)), rows + "_shape"));
  }

  private String index(long i) {
    return net.constant(Initializer.longs("", new long[] {i}));
  }
}
