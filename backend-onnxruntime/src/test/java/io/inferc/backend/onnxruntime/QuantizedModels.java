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

/** Writes small models with Q/DQ by hand, node by node. */
final class QuantizedModels {
  private static final int CHANNELS = 16;

  private final GraphBuilder graph;

  /** Starts a model with the input {@code x} of 16 channels of 8 by 8. */
  QuantizedModels() {
    graph =
        Graph.builder("quantized")
            .input(TensorSpec.of("x", DataType.FLOAT32, "1, " + CHANNELS + ", 8, 8"))
            .initializer(Initializer.floats("scale", new float[] {0.05f}))
            .initializer(Initializer.longs("zero_u8", DataType.UINT8, new long[] {128}))
            .initializer(Initializer.longs("zero_relu", DataType.UINT8, new long[] {0}))
            .initializer(Initializer.longs("zero_s8", DataType.INT8, new long[] {0}));
  }

  /** Adds a node named after its output. */
  QuantizedModels node(String operator, String output, String... inputs) {
    graph.node(Node.builder(operator).name("n_" + output).inputs(inputs).outputs(output).build());
    return this;
  }

  /** Adds Q and DQ, {@code q_t} and {@code dq_t}, that read the tensor t and make {@code t_dq}. */
  QuantizedModels pair(String tensor) {
    return pair(tensor, "zero_u8");
  }

  /** The same with a zero point of {@code zero_u8}, {@code zero_relu} or {@code zero_s8}. */
  QuantizedModels pair(String tensor, String zero) {
    graph.node(
        Node.builder("QuantizeLinear")
            .name("q_" + tensor)
            .inputs(tensor, "scale", zero)
            .outputs(tensor + "_q")
            .build());
    graph.node(
        Node.builder("DequantizeLinear")
            .name("dq_" + tensor)
            .inputs(tensor + "_q", "scale", zero)
            .outputs(tensor + "_dq")
            .build());
    return this;
  }

  /** Adds a 1 by 1 convolution {@code n_output} with quantized weights. */
  QuantizedModels conv(String output, String input) {
    long[] weights = new long[CHANNELS * CHANNELS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i * 37 % 200 - 100;
    }
    String name = "w_" + output;
    graph.initializer(Initializer.longs(name, DataType.INT8, weights, CHANNELS, CHANNELS, 1, 1));
    graph.node(
        Node.builder("DequantizeLinear")
            .name("dq_" + name)
            .inputs(name, "scale", "zero_s8")
            .outputs(name + "_dq")
            .build());
    graph.node(
        Node.builder("Conv")
            .name("n_" + output)
            .inputs(input, name + "_dq")
            .outputs(output)
            .attribute(Attribute.ofInts("kernel_shape", 1, 1))
            .build());
    return this;
  }

  /** Finishes the model. */
  OnnxModel returning(String... outputs) {
    for (String output : List.of(outputs)) {
      graph.output(TensorSpec.of(output, DataType.FLOAT32, "1, ?, ?, ?"));
    }
    return OnnxModel.of(graph.build(), 17);
  }
}
