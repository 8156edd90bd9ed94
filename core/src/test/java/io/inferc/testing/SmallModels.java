package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.List;
import java.util.Random;

/** Models of a few nodes, made in memory. */
public final class SmallModels {
  private SmallModels() {}

  /**
   * One Add of a constant: {@code y = x + [1, 2, ..., n]}.
   *
   * @param n the number of elements
   * @return a model with input {@code x} and output {@code y}, both FLOAT32 of {@code [n]}
   */
  public static OnnxModel addConstant(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = i + 1;
    }
    return OnnxModel.of(
        Graph.builder("add_constant")
            .input(TensorSpec.of("x", DataType.FLOAT32, n))
            .initializer(Initializer.floats("c", values, n))
            .node(Node.of("Add", List.of("x", "c"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, n))
            .build(),
        17);
  }

  /**
   * A Loop of a constant number of steps: {@code y = x + x + ...}.
   *
   * @param steps how often it adds
   * @return a model with input {@code x} and output {@code y}, both FLOAT32 scalars
   */
  public static OnnxModel adding(long steps) {
    Graph body =
        Graph.builder("body")
            .input(TensorSpec.of("i", DataType.INT64))
            .input(TensorSpec.of("on", DataType.BOOL))
            .input(TensorSpec.of("sum", DataType.FLOAT32))
            .node(Node.of("Identity", List.of("on"), List.of("still")))
            .node(Node.of("Add", List.of("sum", "x"), List.of("next")))
            .output(TensorSpec.of("still", DataType.BOOL))
            .output(TensorSpec.of("next", DataType.FLOAT32))
            .build();
    return OnnxModel.of(
        Graph.builder("adding")
            .input(TensorSpec.of("x", DataType.FLOAT32))
            .initializer(Initializer.longs("steps", new long[] {steps}))
            .node(
                Node.builder("Loop")
                    .inputs("steps", "", "x")
                    .outputs("y")
                    .attribute(Attribute.of("body", body))
                    .build())
            .output(TensorSpec.of("y", DataType.FLOAT32))
            .build(),
        17);
  }

  /**
   * A chain of named nodes {@code n0 .. n(length-1)}: {@code t(i+1) = Relu(t(i))}.
   *
   * @param length the number of nodes, at least 1
   * @return a graph with input {@code t0} and output {@code t<length>}, both FLOAT32 of {@code [4]}
   */
  public static Graph chain(int length) {
    var builder = Graph.builder("chain").input(TensorSpec.of("t0", DataType.FLOAT32, 4));
    for (int i = 0; i < length; i++) {
      builder.node(
          Node.builder("Relu").name("n" + i).inputs("t" + i).outputs("t" + (i + 1)).build());
    }
    return builder.output(TensorSpec.of("t" + length, DataType.FLOAT32, 4)).build();
  }

  /**
   * Two fully connected layers with a Relu between them and weights drawn from a seed.
   *
   * @param inputs the width of the input
   * @param hidden the width of the hidden layer
   * @param outputs the width of the output
   * @param seed the seed of the weights
   * @return a model with input {@code x: FLOAT32[batch, inputs]} and output {@code y}
   */
  public static OnnxModel perceptron(int inputs, int hidden, int outputs, long seed) {
    Random random = new Random(seed);
    return OnnxModel.of(
        Graph.builder("perceptron")
            .input(TensorSpec.of("x", DataType.FLOAT32, "batch, " + inputs))
            .initializer(weights("w1", random, inputs, hidden))
            .initializer(weights("b1", random, hidden))
            .initializer(weights("w2", random, hidden, outputs))
            .initializer(weights("b2", random, outputs))
            .node(node("Gemm", "fc1", "h1", "x", "w1", "b1"))
            .node(node("Relu", "relu1", "a1", "h1"))
            .node(node("Gemm", "fc2", "y", "a1", "w2", "b2"))
            .output(TensorSpec.of("y", DataType.FLOAT32, "batch, " + outputs))
            .build(),
        17);
  }

  /**
   * An If whose branches read {@code x} and {@code two} from the graph around them: {@code y = c ?
   * x + two : x * two}.
   *
   * @return a model with inputs {@code c: BOOL[]} and {@code x: FLOAT32[3]}, and output {@code y}
   */
  public static OnnxModel branches() {
    Node choose =
        Node.builder("If")
            .name("choose")
            .inputs("c")
            .outputs("y")
            .attribute(Attribute.of("then_branch", branch("then", "Add")))
            .attribute(Attribute.of("else_branch", branch("else", "Mul")))
            .build();
    return OnnxModel.of(
        Graph.builder("branches")
            .input(TensorSpec.of("c", DataType.BOOL, ""))
            .input(TensorSpec.of("x", DataType.FLOAT32, 3))
            .initializer(Initializer.floats("two", new float[] {2}))
            .node(choose)
            .output(TensorSpec.of("y", DataType.FLOAT32, 3))
            .build(),
        17);
  }

  private static Graph branch(String name, String operator) {
    return Graph.builder(name)
        .node(node(operator, name + "_op", name + "_y", "x", "two"))
        .output(ValueInfo.of(TensorSpec.of(name + "_y", DataType.FLOAT32, 3)))
        .build();
  }

  private static Node node(String operator, String name, String output, String... inputs) {
    return Node.builder(operator).name(name).inputs(inputs).outputs(output).build();
  }

  private static Initializer weights(String name, Random random, int... dims) {
    int n = 1;
    long[] sizes = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      sizes[i] = dims[i];
      n *= dims[i];
    }
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt(dims[0]));
    }
    return Initializer.floats(name, values, sizes);
  }
}
