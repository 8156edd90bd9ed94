package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/**
 * The graph of ResNet-50 (He et al., 2015, with the stride in the 3 x 3 convolutions) at 224 x 224
 * with random weights, for measurements of speed: nothing can be read off its outputs.
 */
public final class ResNet50 {
  private static final int[] BLOCKS = {3, 4, 6, 3};
  private static final int CLASSES = 1000;

  private final Random random = new Random(50);
  private final GraphBuilder graph = Graph.builder("resnet50");
  private int count;

  private ResNet50() {}

  /** Returns the model: input x of [N, 3, 224, 224], output scores of [N, 1000]. */
  public static OnnxModel model() {
    return new ResNet50().build();
  }

  /**
   * Writes the model to a file, for benchmarks that take files.
   *
   * @param words the file
   */
  public static void main(String... words) {
    model().save(Path.of(words[0]));
  }

  private OnnxModel build() {
    graph.input(TensorSpec.of("x", DataType.FLOAT32, "N, 3, 224, 224"));
    graph.output(TensorSpec.of("scores", DataType.FLOAT32, "N, 1000"));
    String t = relu(conv("x", 3, 64, 7, 2));
    t = pool(t);
    int channels = 64;
    for (int stage = 0; stage < BLOCKS.length; stage++) {
      int width = 64 << stage;
      for (int block = 0; block < BLOCKS[stage]; block++) {
        t = bottleneck(t, channels, width, block == 0 && stage > 0 ? 2 : 1);
        channels = 4 * width;
      }
    }
    String pooled = node("GlobalAveragePool", t);
    String flat = node("Flatten", pooled);
    graph.initializer(
        floats("fc_w", CLASSES * channels, Math.sqrt(1.0 / channels), CLASSES, channels));
    graph.initializer(Initializer.floats("fc_b", new float[CLASSES], CLASSES));
    graph.node(
        Node.builder("Gemm")
            .name("fc")
            .inputs(flat, "fc_w", "fc_b")
            .outputs("scores")
            .attribute(Attribute.of("transB", 1))
            .build());
    return OnnxModel.of(graph.build(), 17);
  }

  private String bottleneck(String x, int in, int width, int stride) {
    String t = relu(conv(x, in, width, 1, 1));
    t = relu(conv(t, width, width, 3, stride));
    t = conv(t, width, 4 * width, 1, 1);
    String skip = in == 4 * width && stride == 1 ? x : conv(x, in, 4 * width, 1, stride);
    return relu(node("Add", t, skip));
  }

  private String conv(String x, int in, int out, int kernel, int stride) {
    String name = "conv" + count++;
    // Half of He's variance keeps the sum of both branches about as large as its inputs.
    double deviation = Math.sqrt(1.0 / (in * kernel * kernel));
    graph.initializer(
        floats(name + "_w", out * in * kernel * kernel, deviation, out, in, kernel, kernel));
    graph.initializer(floats(name + "_b", out, 0.1, out));
    long pad = kernel / 2;
    graph.node(
        Node.builder("Conv")
            .name(name)
            .inputs(x, name + "_w", name + "_b")
            .outputs(name + "_y")
            .attribute(Attribute.ofInts("kernel_shape", kernel, kernel))
            .attribute(Attribute.ofInts("strides", stride, stride))
            .attribute(Attribute.ofInts("pads", pad, pad, pad, pad))
            .build());
    return name + "_y";
  }

  private String relu(String x) {
    return node("Relu", x);
  }

  private String pool(String x) {
    String name = "pool" + count++;
    graph.node(
        Node.builder("MaxPool")
            .name(name)
            .inputs(x)
            .outputs(name + "_y")
            .attribute(Attribute.ofInts("kernel_shape", 3, 3))
            .attribute(Attribute.ofInts("strides", 2, 2))
            .attribute(Attribute.ofInts("pads", 1, 1, 1, 1))
            .build());
    return name + "_y";
  }

  private String node(String type, String... inputs) {
    String name = type.toLowerCase(Locale.ROOT) + count++;
    graph.node(Node.builder(type).name(name).inputs(inputs).outputs(name + "_y").build());
    return name + "_y";
  }

  private Initializer floats(String name, int count, double deviation, long... dims) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return Initializer.floats(name, values, dims);
  }
}
