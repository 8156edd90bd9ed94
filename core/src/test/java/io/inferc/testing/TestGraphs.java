package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Short ways to write graphs down in tests. */
public final class TestGraphs {
  private TestGraphs() {}

  /**
   * A graph whose input {@code x} is FLOAT32, and whose output {@code y} is FLOAT32 of any rank.
   */
  public static OnnxModel model(int opset, String shape, UnaryOperator<GraphBuilder> content) {
    GraphBuilder graph = Graph.builder("test").input(TensorSpec.of("x", DataType.FLOAT32, shape));
    return OnnxModel.of(content.apply(graph).output(floats("y")).build(), opset);
  }

  public static ValueInfo floats(String name) {
    return ValueInfo.of(new TensorSpec(name, DataType.FLOAT32, TensorShape.unknownRank()));
  }

  /** Writes {@code name = operator(inputs)} for a node called as its output. */
  public static Node node(
      String output, String operator, List<String> inputs, Attribute... attributes) {
    Node.Builder node =
        Node.builder(operator).name(output).inputs(inputs.toArray(String[]::new)).outputs(output);
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    return node.build();
  }

  public static Initializer scalar(String name, double value) {
    return Initializer.floats(name, new float[] {(float) value});
  }

  public static Initializer longs(String name, long... values) {
    return Initializer.longs(name, values, values.length);
  }

  /** Normal values drawn from the name. */
  public static Initializer weights(String name, long... dims) {
    long count = 1;
    for (long d : dims) {
      count *= d;
    }
    Random random = new Random(name.hashCode());
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Initializer.floats(name, values, dims);
  }

  /** Values between a half and three halves drawn from the name. */
  public static Initializer positive(String name, long... dims) {
    float[] values = weights(name, dims).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = 1 + (float) Math.tanh(values[i]) / 2;
    }
    return Initializer.floats(name, values, dims);
  }
}
