package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Draws convolutional networks over {@code [batch, channels, height, width]}. */
final class ImageBlocks {
  private final NetworkWriter net;
  private final CommonBlocks common;
  private int channels;
  private int size;

  ImageBlocks(NetworkWriter net) {
    this.net = net;
    this.common = new CommonBlocks(net);
    this.channels = 2 * (1 + net.random.nextInt(2));
    this.size = 6 + net.random.nextInt(5);
  }

  Graph network() {
    List<TensorSpec> inputs =
        List.of(
            TensorSpec.of(
                "image", DataType.FLOAT32, "batch, " + channels + ", " + size + ", " + size));
    List<TensorSpec> outputs = new ArrayList<>();
    String x = "image";
    int blocks = 2 + net.random.nextInt(5);
    for (int i = 0; i < blocks; i++) {
      x = block(x);
      if (net.oneIn(6) && outputs.isEmpty() && !x.equals("image")) {
        outputs.add(
            TensorSpec.of(x, DataType.FLOAT32, "batch, " + channels + ", " + size + ", " + size));
      }
    }
    String pooled = net.op("GlobalAveragePool", List.of(x));
    String y = classifier(net.op("Flatten", List.of(pooled)));
    outputs.add(TensorSpec.of(y, DataType.FLOAT32, "batch, 5"));
    return net.graph("convolutional", inputs, outputs);
  }

  private String block(String x) {
    return switch (net.random.nextInt(10)) {
      case 0 -> normalize(convolution(x));
      case 1 -> net.op("Relu", List.of(normalize(convolution(x))));
      case 2 -> normalize(transposedConvolution(x));
      case 3 -> pool(x);
      case 4 -> residual(x);
      case 5 -> concat(x);
      case 6 -> convolution(x);
      case 7 -> hardSwish(convolution(x));
      case 8 -> affine(convolution(affine(x)));
      default -> common.any(x);
    };
  }

  /** The activation as exporters spell it out. */
  private String hardSwish(String x) {
    String shifted = net.op("Add", List.of(x, net.scalar(3)));
    String gate = net.op("Clip", List.of(shifted, net.scalar(0), net.scalar(6)));
    String product = net.op("Mul", List.of(x, gate));
    return net.op("Div", List.of(product, net.scalar(6)));
  }

  private String affine(String x) {
    return net.op("Add", List.of(net.op("Mul", List.of(x, net.scalar(1.25))), net.scalar(0.5)));
  }

  /** Plain, grouped or depthwise; with and without bias, padding and stride. */
  private String convolution(String x) {
    int group = List.of(1, 1, 2, channels).get(net.random.nextInt(4));
    int out = group == 1 ? 2 * (1 + net.random.nextInt(3)) : channels;
    int kernel = net.oneIn(2) ? 1 : 3;
    int stride = kernel == 3 && size >= 6 && net.oneIn(4) ? 2 : 1;
    String y =
        net.op(
            "Conv",
            weights(x, out, out, channels / group, kernel, kernel),
            Attribute.of("group", group),
            Attribute.ofInts("pads", pads(kernel / 2)),
            Attribute.ofInts("strides", stride, stride));
    channels = out;
    size = (size + stride - 1) / stride;
    return y;
  }

  private String transposedConvolution(String x) {
    int group = net.oneIn(3) ? 2 : 1;
    int out = 2 * (1 + net.random.nextInt(2));
    if (size > 10) {
      return x;
    }
    String y =
        net.op(
            "ConvTranspose",
            weights(x, out, channels, out / group, 2, 2),
            Attribute.of("group", group),
            Attribute.ofInts("strides", 2, 2));
    channels = out;
    size *= 2;
    return y;
  }

  private List<String> weights(String x, int out, long... dims) {
    double deviation = 1 / Math.sqrt(dims[1] * dims[2] * dims[3]);
    String weight = net.oneIn(8) ? dequantized(dims) : net.weight(0, deviation, dims);
    return net.oneIn(2) ? List.of(x, weight) : List.of(x, weight, net.weight(0, 0.2, out));
  }

  /** Weights of eight bits with one scale. */
  private String dequantized(long... dims) {
    long[] values = new long[(int) (dims[0] * dims[1] * dims[2] * dims[3])];
    for (int i = 0; i < values.length; i++) {
      values[i] = net.random.nextInt(255) - 127;
    }
    String quantized = net.constant(Initializer.longs("", DataType.INT8, values, dims));
    String zero = net.constant(Initializer.longs("", DataType.INT8, new long[] {0}));
    return net.op("DequantizeLinear", List.of(quantized, net.scalar(0.004), zero));
  }

  private String normalize(String x) {
    return net.op(
        "BatchNormalization",
        List.of(
            x,
            net.weight(1, 0.2, channels),
            net.weight(0, 0.2, channels),
            net.weight(0, 0.3, channels),
            net.positive(channels)),
        Attribute.of("epsilon", 1e-3f));
  }

  private String pool(String x) {
    String operator = net.oneIn(2) ? "MaxPool" : "AveragePool";
    if (size >= 4 && net.oneIn(2)) {
      size /= 2;
      return net.op(
          operator,
          List.of(x),
          Attribute.ofInts("kernel_shape", 2, 2),
          Attribute.ofInts("strides", 2, 2));
    }
    return net.op(
        operator,
        List.of(x),
        Attribute.ofInts("kernel_shape", 3, 3),
        Attribute.ofInts("pads", pads(1)));
  }

  private String residual(String x) {
    String weight = net.weight(0, 1 / Math.sqrt(9.0 * channels), channels, channels, 3, 3);
    String y = net.op("Conv", List.of(x, weight), Attribute.ofInts("pads", pads(1)));
    return net.op("Add", List.of(net.oneIn(2) ? normalize(y) : y, x));
  }

  private String concat(String x) {
    int before = channels;
    String left = pointwise(x);
    String y = net.op("Concat", List.of(left, x), Attribute.of("axis", 1));
    channels = 2 + before;
    return channels > 8 ? reduce(y) : y;
  }

  private String pointwise(String x) {
    return net.op("Conv", List.of(x, net.weight(0, 0.5, 2, channels, 1, 1)));
  }

  private String reduce(String x) {
    String y = pointwise(x);
    channels = 2;
    return y;
  }

  private String classifier(String x) {
    boolean transposed = net.oneIn(2);
    String weight = transposed ? net.weight(0, 0.5, 5, channels) : net.weight(0, 0.5, channels, 5);
    List<String> inputs = new ArrayList<>(List.of(x, weight));
    if (net.oneIn(2)) {
      inputs.add(net.weight(0, 0.2, 5));
    }
    String y =
        net.op(
            "Gemm",
            inputs,
            Attribute.of("transB", transposed ? 1 : 0),
            Attribute.of("alpha", 0.8f),
            Attribute.of("beta", 0.9f));
    channels = 5;
    return net.oneIn(2) ? normalize(y) : y;
  }

  private static long[] pads(int n) {
    return new long[] {n, n, n, n};
  }
}
