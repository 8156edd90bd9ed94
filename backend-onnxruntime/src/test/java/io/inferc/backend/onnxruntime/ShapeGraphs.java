package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random graphs in which shapes are computed from shapes, as exporters write them. */
final class ShapeGraphs {
  private static final int STEPS = 10;

  private record Made(String name, int rank) {}

  private final Random random;
  private final GraphBuilder graph = Graph.builder("shapes");
  private final List<Made> made = new ArrayList<>();
  private int names;

  ShapeGraphs(Random random) {
    this.random = random;
  }

  Graph graph() {
    graph.input(TensorSpec.of("x", DataType.FLOAT32, "batch, seq, 6"));
    made.add(new Made("x", 3));
    for (int i = 0; i < STEPS; i++) {
      step(made.get(random.nextInt(made.size())));
    }
    Made last = made.get(made.size() - 1);
    graph.node(Node.of("Identity", List.of(last.name()), List.of("y")));
    graph.output(
        TensorSpec.of(
            "y",
            DataType.FLOAT32,
            String.join(", ", List.of("?", "?", "?", "?", "?").subList(0, last.rank()))));
    return graph.build();
  }

  private String node(String op, List<String> inputs, Attribute... attributes) {
    String output = "t" + names++;
    Node.Builder node = Node.builder(op).inputs(inputs.toArray(String[]::new)).outputs(output);
    for (Attribute a : attributes) {
      node.attribute(a);
    }
    graph.node(node.build());
    return output;
  }

  private String longs(long... values) {
    String name = "c" + names++;
    graph.initializer(Initializer.longs(name, values, values.length));
    return name;
  }

  private String size(Made of, int axis) {
    return node("Gather", List.of(node("Shape", List.of(of.name())), longs(axis)));
  }

  private String concat(List<String> parts) {
    return node("Concat", parts, Attribute.of("axis", 0));
  }

  private void add(String name, int rank) {
    made.add(new Made(name, rank));
  }

  private void step(Made t) {
    int rank = t.rank();
    int axis = random.nextInt(rank);
    switch (random.nextInt(17)) {
      case 0 -> add(node("Relu", List.of(t.name())), rank);
      case 1 -> slice(t, axis);
      case 2 -> add(node("Concat", List.of(t.name(), t.name()), Attribute.of("axis", axis)), rank);
      case 3 -> padToMultiple(t, axis);
      case 4 -> transpose(t);
      case 5 -> reshapeByShape(t);
      case 6 -> flattenTail(t);
      case 7 -> headOf(t, axis);
      case 8 -> topOf(t, axis);
      case 9 -> splitInTwo(t, axis);
      case 10 -> sumOf(t, axis);
      case 11 -> stretched(t, axis);
      case 12 -> range(t, axis);
      case 13 -> places(t);
      case 14 -> pooled(t);
      case 15 -> scaled(t, axis);
      default -> expanded(t);
    }
  }

  private void slice(Made t, int axis) {
    long[] steps = {1, 1, 2, 3, -1, -2};
    long step = steps[random.nextInt(steps.length)];
    long from = step > 0 ? random.nextInt(8) - 4 : -1 - random.nextInt(3);
    long to =
        step > 0
            ? List.of(3L, 16L, 32L, -1L, Long.MAX_VALUE).get(random.nextInt(5))
            : List.of(0L, 2L, Long.MIN_VALUE, -8L).get(random.nextInt(4));
    String piece =
        node("Slice", List.of(t.name(), longs(from), longs(to), longs(axis), longs(step)));
    add(withRow(piece, t, axis), t.rank());
  }

  private void padToMultiple(Made t, int axis) {
    long multiple = 2 + random.nextInt(9);
    String missing = node("Mod", List.of(node("Neg", List.of(size(t, axis))), longs(multiple)));
    List<String> pads = new ArrayList<>();
    for (int i = 0; i < 2 * t.rank(); i++) {
      pads.add(i == t.rank() + axis ? missing : longs(0));
    }
    String padded = node("Pad", List.of(t.name(), concat(pads)));
    add(padded, t.rank());
    if (t.rank() < 4) {
      List<String> parts = new ArrayList<>();
      for (int i = 0; i < t.rank(); i++) {
        parts.add(longs(i == axis ? -1 : 0));
        if (i == axis) {
          parts.add(longs(multiple));
        }
      }
      if (axis == t.rank() - 1) {
        add(node("Reshape", List.of(padded, concat(parts))), t.rank() + 1);
      }
    }
  }

  private void transpose(Made t) {
    long[] permutation = new long[t.rank()];
    for (int i = 0; i < t.rank(); i++) {
      permutation[i] = (i + 1) % t.rank();
    }
    add(node("Transpose", List.of(t.name()), Attribute.ofInts("perm", permutation)), t.rank());
  }

  /** To the sizes in another order, which are read from the shape and put together. */
  private void reshapeByShape(Made t) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < t.rank(); i++) {
      parts.add(size(t, t.rank() - 1 - i));
    }
    add(node("Reshape", List.of(t.name(), concat(parts))), t.rank());
  }

  private void flattenTail(Made t) {
    add(node("Reshape", List.of(t.name(), concat(List.of(size(t, 0), longs(-1))))), 2);
  }

  private void headOf(Made t, int axis) {
    String half = node("Div", List.of(size(t, axis), longs(2)));
    String head = node("Slice", List.of(t.name(), longs(0), half, longs(axis)));
    add(withRow(head, t, axis), t.rank());
  }

  private void topOf(Made t, int axis) {
    String k = node("Min", List.of(size(t, axis), longs(7)));
    String output = "t" + names++;
    graph.node(
        Node.builder("TopK")
            .inputs(t.name(), k)
            .outputs(output, "t" + names++)
            .attribute(Attribute.of("axis", axis))
            .build());
    add(output, t.rank());
  }

  private void splitInTwo(Made t, int axis) {
    String size = size(t, axis);
    String half = node("Div", List.of(size, longs(2)));
    String rest = node("Sub", List.of(size, half));
    String first = "t" + names++;
    String second = "t" + names++;
    graph.node(
        Node.builder("Split")
            .inputs(t.name(), concat(List.of(half, rest)))
            .outputs(first, second)
            .attribute(Attribute.of("axis", axis))
            .build());
    add(withRow(first, t, axis), t.rank());
    add(second, t.rank());
  }

  private void sumOf(Made t, int axis) {
    boolean keep = t.rank() < 3;
    add(
        node("ReduceSum", List.of(t.name(), longs(axis)), Attribute.of("keepdims", keep ? 1 : 0)),
        keep ? t.rank() : t.rank() - 1);
  }

  /** One row more, since kernels of ONNX Runtime end the process on some empty tensors. */
  private String withRow(String piece, Made t, int axis) {
    String row = node("Slice", List.of(t.name(), longs(0), longs(1), longs(axis)));
    return node("Concat", List.of(piece, row), Attribute.of("axis", axis));
  }

  /** Added to its own first row, which is broadcast. */
  private void stretched(Made t, int axis) {
    String row = node("Slice", List.of(t.name(), longs(0), longs(1), longs(axis)));
    add(node("Add", List.of(row, t.name())), t.rank());
  }

  private void range(Made t, int axis) {
    String scalar = node("Squeeze", List.of(size(t, axis)));
    String zero = node("Squeeze", List.of(longs(0)));
    String step = node("Squeeze", List.of(longs(1 + random.nextInt(3))));
    String numbers = node("Range", List.of(zero, scalar, step));
    add(node("Cast", List.of(numbers), Attribute.of("to", 1)), 1);
  }

  private void places(Made t) {
    // Not read any more, since there may be none.
    node("NonZero", List.of(t.name()));
  }

  private void pooled(Made t) {
    if (t.rank() == 3) {
      add(
          node(
              "MaxPool",
              List.of(t.name()),
              Attribute.ofInts("kernel_shape", 3),
              Attribute.ofInts("strides", 2),
              Attribute.ofInts("pads", 1, 1)),
          3);
    }
  }

  /** To a part of its size that is computed in floating point. */
  private void scaled(Made t, int axis) {
    float[] factors = {0.5f, 0.75f, 1.5f, 0.3f, 2f};
    String factor = "c" + names++;
    graph.initializer(Initializer.floats(factor, new float[] {factors[random.nextInt(5)]}, 1));
    String real = node("Cast", List.of(size(t, axis)), Attribute.of("to", 1));
    String product = node("Mul", List.of(real, factor));
    String rounded = node(random.nextBoolean() ? "Floor" : "Ceil", List.of(product));
    String whole = node("Cast", List.of(rounded), Attribute.of("to", 7));
    String filled = node("ConstantOfShape", List.of(node("Max", List.of(whole, longs(1)))));
    add(filled, 1);
  }

  /** By the idiom that exporters write for "expand, and -1 means as it is". */
  private void expanded(Made t) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < t.rank(); i++) {
      parts.add(random.nextBoolean() ? longs(-1) : size(t, i));
    }
    String asked = concat(parts);
    String rank = longs(t.rank());
    Initializer one = Initializer.longs("", new long[] {1}, 1);
    String ones = node("ConstantOfShape", List.of(rank), Attribute.of("value", one));
    String open = node("Equal", List.of(asked, node("Mul", List.of(ones, longs(-1)))));
    add(node("Expand", List.of(t.name(), node("Where", List.of(open, ones, asked)))), t.rank());
  }
}
