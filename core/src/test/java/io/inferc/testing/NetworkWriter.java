package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Writes the nodes of one random network down, and draws its constants. */
final class NetworkWriter {
  final Random random;
  final int opset;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Initializer> order = new ArrayList<>();
  private final Map<List<Long>, String> shareable = new HashMap<>();
  private int counter;

  NetworkWriter(long seed, int opset) {
    this.random = new Random(seed);
    this.opset = opset;
  }

  /** True once in so many times. */
  boolean oneIn(int times) {
    return random.nextInt(times) == 0;
  }

  /** A name that was not given out before. */
  String name(String hint) {
    return hint.toLowerCase(Locale.ROOT) + counter++;
  }

  /** Adds a node with one output and returns that output. */
  String op(String operator, List<String> inputs, Attribute... attributes) {
    String name = name(operator);
    String output = name + "_out";
    nodes.add(node(operator, name, inputs, List.of(output), attributes));
    return output;
  }

  /** Adds a node with the given outputs. */
  void add(Node node) {
    nodes.add(node);
  }

  static Node node(
      String operator,
      String name,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    Node.Builder node =
        Node.builder(operator)
            .name(name)
            .inputs(inputs.toArray(String[]::new))
            .outputs(outputs.toArray(String[]::new));
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    return node.build();
  }

  /**
   * A float constant of normal values around a mean: an initializer, one that another node of the
   * same shape reads too, or a Constant node.
   */
  String weight(double mean, double deviation, long... dims) {
    List<Long> key = new ArrayList<>(Arrays.stream(dims).boxed().toList());
    key.add((long) (mean * 1000));
    key.add((long) (deviation * 1000));
    String shared = shareable.get(key);
    if (shared != null && oneIn(4)) {
      return shared;
    }
    float[] values = new float[count(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    String name = constant(Initializer.floats("", values, dims));
    shareable.put(key, name);
    return name;
  }

  /** Positive float values, as variances are. */
  String positive(long... dims) {
    float[] values = new float[count(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return constant(Initializer.floats("", values, dims));
  }

  String scalar(double value) {
    return constant(Initializer.floats("", new float[] {(float) value}));
  }

  String longs(long... values) {
    return constant(Initializer.longs("", values, values.length));
  }

  String constant(Initializer values) {
    String name = name("c");
    if (oneIn(5)) {
      nodes.add(
          node(
              "Constant",
              name + "_node",
              List.of(),
              List.of(name),
              Attribute.of("value", values.withName(""))));
    } else {
      initializer(values.withName(name));
    }
    return name;
  }

  void initializer(Initializer initializer) {
    order.add(initializer);
  }

  /** The graph of everything written so far. */
  Graph graph(String name, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    GraphBuilder graph = Graph.builder(name);
    inputs.forEach(graph::input);
    order.forEach(graph::initializer);
    nodes.forEach(graph::node);
    outputs.forEach(graph::output);
    return graph.build();
  }

  private static int count(long... dims) {
    long count = 1;
    for (long d : dims) {
      count *= d;
    }
    return (int) count;
  }
}
