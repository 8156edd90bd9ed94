package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.List;

/** Blocks that keep type and shape, whatever those are. */
final class CommonBlocks {
  private static final double FAR = 1000;
  private static final List<String> ELEMENTWISE = List.of("Relu", "Sigmoid", "Tanh", "Neg", "Abs");

  private final NetworkWriter net;

  CommonBlocks(NetworkWriter net) {
    this.net = net;
  }

  /** One of the blocks below. */
  String any(String x) {
    return switch (net.random.nextInt(7)) {
      case 0 -> noOperation(x);
      case 1 -> dead(x);
      case 2 -> twins(x);
      case 3 -> branches(x);
      case 4 -> loop(x);
      case 5 -> constantArithmetic(x);
      default -> elementwise(x);
    };
  }

  String elementwise(String x) {
    return net.op(ELEMENTWISE.get(net.random.nextInt(ELEMENTWISE.size())), List.of(x));
  }

  /** A node without effect. */
  String noOperation(String x) {
    return switch (net.random.nextInt(4)) {
      case 0 -> net.op("Identity", List.of(x));
      case 1 -> net.op("Dropout", List.of(x));
      case 2 -> net.op("Cast", List.of(x), Attribute.of("to", DataType.FLOAT32.onnxCode()));
      default -> net.op("Slice", List.of(x, net.longs(0), net.longs(Long.MAX_VALUE), net.longs(0)));
    };
  }

  /** Nodes that nobody reads. */
  private String dead(String x) {
    net.op("Sqrt", List.of(net.op("Abs", List.of(x))));
    return x;
  }

  /** The same computed twice. */
  private String twins(String x) {
    String scale = net.scalar(0.5);
    String first = net.op("Mul", List.of(x, scale));
    return net.op("Add", List.of(first, net.op("Mul", List.of(x, scale))));
  }

  /** A factor that is computed from constants. */
  private String constantArithmetic(String x) {
    String sum = net.op("Add", List.of(net.scalar(1.25), net.scalar(0.5)));
    String root = net.op("Sqrt", List.of(net.op("Div", List.of(sum, net.scalar(1.5)))));
    return net.op("Mul", List.of(x, root));
  }

  /**
   * A choice by a constant or computed condition; both branches read x and a constant outside. The
   * bound is far from all values, since rounding may decide about what is near it.
   */
  private String branches(String x) {
    String condition =
        net.oneIn(2)
            ? net.constant(Initializer.longs("", DataType.BOOL, new long[] {net.random.nextInt(2)}))
            : net.op(
                "Greater",
                List.of(
                    net.op("ReduceMax", List.of(x), Attribute.of("keepdims", 0)),
                    net.scalar(net.oneIn(2) ? -FAR : FAR)));
    String outer = net.scalar(0.75);
    return net.op(
        "If",
        List.of(condition),
        Attribute.of("then_branch", branch("Mul", x, outer)),
        Attribute.of("else_branch", branch("Add", x, outer)));
  }

  private Graph branch(String operator, String x, String outer) {
    String name = net.name("branch");
    String first = name + "_first";
    String copy = name + "_copy";
    String result = name + "_result";
    return Graph.builder(name)
        .node(
            NetworkWriter.node(
                "Constant",
                name + "_constant",
                List.of(),
                List.of(name + "_one"),
                Attribute.of("value_float", 1f)))
        .node(NetworkWriter.node("Identity", copy + "_node", List.of(x), List.of(copy)))
        .node(NetworkWriter.node(operator, first + "_node", List.of(copy, outer), List.of(first)))
        .node(
            NetworkWriter.node(
                "Mul", result + "_node", List.of(first, name + "_one"), List.of(result)))
        .output(ValueInfo.of(floats(result)))
        .build();
  }

  /** Two or three turns of y = y * constant + x, both read from outside. */
  private String loop(String x) {
    String name = net.name("loop");
    String outer = net.scalar(0.5);
    GraphBuilder body =
        Graph.builder(name)
            .input(TensorSpec.of(name + "_i", DataType.INT64, ""))
            .input(TensorSpec.of(name + "_on", DataType.BOOL, ""))
            .input(floats(name + "_y"))
            .node(node("Identity", name + "_go", name + "_on"))
            .node(node("Mul", name + "_m", name + "_y", outer))
            .node(node("Add", name + "_s", name + "_m", x))
            .output(TensorSpec.of(name + "_go", DataType.BOOL, ""))
            .output(ValueInfo.of(floats(name + "_s")));
    String turns = net.constant(Initializer.longs("", new long[] {2 + net.random.nextInt(2)}));
    return net.op("Loop", List.of(turns, "", x), Attribute.of("body", body.build()));
  }

  private static Node node(String operator, String output, String... inputs) {
    return NetworkWriter.node(operator, output + "_node", List.of(inputs), List.of(output));
  }

  private static TensorSpec floats(String name) {
    return new TensorSpec(name, DataType.FLOAT32, TensorShape.unknownRank());
  }
}
