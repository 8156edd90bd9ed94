package io.inferc.testing;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Small files that ask for much: sizes that grow, loops in loops, floods of messages. */
public final class GreedyModels {
  private static final int GRAPH = 7;
  private static final int OPSET = 17;

  private final Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();

  private GreedyModels() {}

  /** Models whose shapes and constants grow beyond bounds where somebody follows them. */
  public static Map<String, Supplier<byte[]>> growing() {
    GreedyModels made = new GreedyModels();
    made.arithmetic();
    made.symbols();
    made.lengths();
    made.loops();
    made.constants();
    return made.models;
  }

  /** Files of up to 7 MB with very many of one thing. */
  public static Map<String, Supplier<byte[]>> floods() {
    GreedyModels made = new GreedyModels();
    made.names();
    made.claims();
    made.empties();
    made.chains();
    return made.models;
  }

  private void add(String name, Supplier<GraphBuilder> graph) {
    models.put(name, () -> OnnxModel.of(graph.get().build(), OPSET).toBytes());
  }

  private static Node node(String op, String output, String... inputs) {
    return Node.of(op, List.of(inputs), List.of(output));
  }

  private static GraphBuilder sizes(String shape) {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, shape))
        .node(node("Shape", "s0", "x"));
  }

  private static GraphBuilder shaped(GraphBuilder graph, String sizes) {
    return graph
        .initializer(Initializer.floats("single", new float[] {1}, 1))
        .node(node("Reshape", "y", "single", sizes))
        .output(new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank()));
  }

  /** Computes a vector of sizes from the one before, again and again. */
  private void chain(String name, String shape, String op, int times, String other) {
    add(
        name,
        () -> {
          GraphBuilder graph = sizes(shape);
          for (int i = 0; i < times; i++) {
            graph.node(node(op, "s" + (i + 1), "s" + i, other.isEmpty() ? "s" + i : other));
          }
          return shaped(graph, "s" + times);
        });
  }

  private void arithmetic() {
    chain("a size squared 60 times", "n", "Mul", 60, "");
    chain("a size doubled 200 times", "n", "Add", 200, "");
    chain("a size times itself 3,000 times", "n", "Mul", 3000, "s0");
    chain("two sizes added 20,000 times", "n, m", "Add", 20_000, "s0");
    add(
        "a size halved 2,000 times",
        () -> {
          GraphBuilder graph = sizes("n").initializer(Initializer.longs("two", new long[] {2}, 1));
          for (int i = 0; i < 2000; i++) {
            graph
                .node(node("Sub", "t" + i, "s" + i, "two"))
                .node(node("Div", "s" + (i + 1), "t" + i, "two"));
          }
          return shaped(graph, "s2000");
        });
    add(
        "a quotient of quotients 60 deep",
        () -> {
          GraphBuilder graph = sizes("n").initializer(Initializer.longs("one", new long[] {1}, 1));
          for (int i = 0; i < 60; i++) {
            graph
                .node(node("Add", "t" + i, "s" + i, "one"))
                .node(node("Mul", "u" + i, "s" + i, "s" + i))
                .node(node("Div", "s" + (i + 1), "u" + i, "t" + i));
          }
          return shaped(graph, "s60");
        });
    add(
        "many maxima of maxima",
        () -> {
          GraphBuilder graph = sizes("n, m, k");
          for (int i = 0; i < 300; i++) {
            graph
                .node(node("Mul", "t" + i, "s" + i, "s0"))
                .node(node("Max", "s" + (i + 1), "t" + i, "s" + i));
          }
          return shaped(graph, "s300");
        });
  }

  private void symbols() {
    add(
        "one tensor after another, each of a size of its own",
        () -> {
          GraphBuilder graph =
              Graph.builder("g").input(TensorSpec.of("x0", DataType.FLOAT32, "n0"));
          String last = "x0";
          for (int i = 1; i < 2000; i++) {
            graph.input(TensorSpec.of("x" + i, DataType.FLOAT32, "n" + i));
            graph.node(
                Node.builder("Concat")
                    .attribute(Attribute.of("axis", 0))
                    .inputs(last, "x" + i)
                    .outputs("c" + i)
                    .build());
            last = "c" + i;
          }
          return graph.output(new TensorSpec(last, DataType.FLOAT32, TensorShape.unknownRank()));
        });
    add(
        "products of sums of sizes",
        () -> {
          GraphBuilder graph = Graph.builder("g");
          for (int i = 0; i < 60; i++) {
            graph
                .input(TensorSpec.of("x" + i, DataType.FLOAT32, "n" + i))
                .node(node("Shape", "a" + i, "x" + i));
          }
          graph.node(node("Add", "s0", "a0", "a1"));
          for (int i = 1; i < 30; i++) {
            graph
                .node(node("Add", "b" + i, "a" + 2 * i, "a" + (2 * i + 1)))
                .node(node("Mul", "s" + i, "s" + (i - 1), "b" + i));
          }
          return shaped(graph, "s29");
        });
    add(
        "symbols with long names",
        () -> {
          GraphBuilder graph = Graph.builder("g");
          String end = "n".repeat(3900);
          for (int i = 0; i < 400; i++) {
            graph
                .input(TensorSpec.of("x" + i, DataType.FLOAT32, "i" + i + end))
                .node(node("Shape", "a" + i, "x" + i))
                .node(
                    i == 0
                        ? node("Identity", "s0", "a0")
                        : node("Add", "s" + i, "s" + (i - 1), "a" + i));
          }
          return shaped(graph, "s399");
        });
    add(
        "256 sizes added 5,000 times",
        () -> {
          GraphBuilder graph = Graph.builder("g");
          for (int i = 0; i < 40; i++) {
            graph
                .input(TensorSpec.of("x" + i, DataType.FLOAT32, "n" + i + ", m" + i))
                .node(node("Shape", "a" + i, "x" + i));
          }
          graph
              .node(
                  Node.builder("Concat")
                      .attribute(Attribute.of("axis", 0))
                      .inputs(
                          java.util.stream.IntStream.range(0, 40)
                              .mapToObj(i -> "a" + i)
                              .toArray(String[]::new))
                      .outputs("all")
                      .build())
              .initializer(Initializer.longs("by", new long[] {3}, 1))
              .node(node("Tile", "s0", "all", "by"));
          for (int i = 0; i < 5000; i++) {
            graph.node(
                node(
                    i % 3 == 0 ? "Mul" : "Add",
                    "s" + (i + 1),
                    "s" + i,
                    i % 3 == 0 ? "s0" : "a" + i % 40 + "x"));
            if (i < 40) {
              graph.node(node("ReduceSum", "a" + i + "x", "a" + i));
            }
          }
          return shaped(graph, "s5000");
        });
  }

  private void lengths() {
    for (long length : new long[] {1L << 28, (1L << 31) - 1, 1L << 40}) {
      for (String op :
          List.of("ConstantOfShape", "Reshape", "Expand", "Tile", "Pad", "Slice", "Upsample")) {
        add(
            op + " by an input of " + length,
            () -> {
              GraphBuilder graph =
                  Graph.builder("g")
                      .input(TensorSpec.of("s", DataType.INT64, length))
                      .input(TensorSpec.of("x", DataType.FLOAT32, 4));
              graph.node(
                  switch (op) {
                    case "ConstantOfShape" -> node(op, "y", "s");
                    case "Slice" -> node(op, "y", "x", "s", "s");
                    default -> node(op, "y", "x", "s");
                  });
              return graph.output(new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank()));
            });
      }
    }
    add(
        "Unsqueeze of 400,000 axes",
        () ->
            Graph.builder("g")
                .input(TensorSpec.of("x", DataType.FLOAT32, 4))
                .initializer(
                    Initializer.longs(
                        "axes", java.util.stream.LongStream.range(0, 400_000).toArray(), 400_000))
                .node(node("Unsqueeze", "y", "x", "axes"))
                .output(new TensorSpec("y", DataType.FLOAT32, TensorShape.unknownRank())));
    add(
        "a rank of 256 and a thousand nodes",
        () -> {
          long[] ones = new long[256];
          Arrays.fill(ones, 1);
          GraphBuilder graph =
              Graph.builder("g")
                  .input(TensorSpec.of("x", DataType.FLOAT32, 1))
                  .initializer(Initializer.longs("to", ones, 256))
                  .node(node("Reshape", "r0", "x", "to"));
          for (int i = 0; i < 1000; i++) {
            graph.node(node("Transpose", "r" + (i + 1), "r" + i));
          }
          return graph.output(new TensorSpec("r1000", DataType.FLOAT32, TensorShape.unknownRank()));
        });
  }

  private void loops() {
    add("loops 14 deep that all grow", () -> grow("", 14));
    add(
        "a loop that gives up one size after the other",
        () -> {
          GraphBuilder body =
              Graph.builder("body")
                  .input(TensorSpec.of("i", DataType.INT64))
                  .input(TensorSpec.of("c", DataType.BOOL));
          GraphBuilder graph = main();
          int many = 300;
          String[] inputs = new String[many + 2];
          String[] outputs = new String[many];
          inputs[0] = "trips";
          inputs[1] = "";
          body.node(node("Identity", "d", "c")).output(TensorSpec.of("d", DataType.BOOL));
          for (int i = 0; i < many; i++) {
            body.input(new TensorSpec("v" + i, DataType.FLOAT32, TensorShape.unknownRank()));
          }
          for (int i = 0; i < many; i++) {
            body.node(i == 0 ? concat("w0", "v0", "v0") : node("Identity", "w" + i, "v" + (i - 1)));
            body.output(new TensorSpec("w" + i, DataType.FLOAT32, TensorShape.unknownRank()));
            inputs[i + 2] = "x";
            outputs[i] = "y" + i;
          }
          return graph
              .node(
                  Node.builder("Loop")
                      .attribute(Attribute.of("body", body.build()))
                      .inputs(inputs)
                      .outputs(outputs)
                      .build())
              .output(new TensorSpec("y0", DataType.FLOAT32, TensorShape.unknownRank()));
        });
  }

  private static GraphBuilder main() {
    return Graph.builder("g")
        .input(TensorSpec.of("x", DataType.FLOAT32, "n"))
        .initializer(Initializer.longs("trips", new long[] {1}));
  }

  private static Node concat(String output, String... inputs) {
    return Node.builder("Concat")
        .attribute(Attribute.of("axis", 0))
        .inputs(inputs)
        .outputs(output)
        .build();
  }

  /** A loop in a loop: each carries six tensors, and one more grows at each turn of each. */
  private static GraphBuilder grow(String prefix, int depth) {
    GraphBuilder graph =
        prefix.isEmpty()
            ? main()
            : Graph.builder("body")
                .input(TensorSpec.of(prefix + "i", DataType.INT64))
                .input(TensorSpec.of(prefix + "c", DataType.BOOL));
    int many = 6;
    String[] carried = new String[many];
    for (int i = 0; i < many; i++) {
      carried[i] = prefix.isEmpty() ? "x" : prefix + "v" + i;
      if (!prefix.isEmpty()) {
        graph.input(new TensorSpec(carried[i], DataType.FLOAT32, TensorShape.unknownRank()));
      }
    }
    if (!prefix.isEmpty()) {
      graph
          .node(node("Identity", prefix + "d", prefix + "c"))
          .output(TensorSpec.of(prefix + "d", DataType.BOOL));
    }
    String[] made = carried;
    if (depth > 0) {
      String[] inputs = new String[many + 2];
      made = new String[many];
      inputs[0] = "trips";
      inputs[1] = "";
      for (int i = 0; i < many; i++) {
        inputs[i + 2] = carried[i];
        made[i] = prefix + "y" + i;
      }
      graph.node(
          Node.builder("Loop")
              .attribute(Attribute.of("body", grow(prefix + "b", depth - 1).build()))
              .inputs(inputs)
              .outputs(made)
              .build());
    }
    for (int i = 0; i < many; i++) {
      String out = prefix + "w" + i;
      graph
          .node(i == 0 ? concat(out, made[0], made[0]) : node("Identity", out, made[i - 1]))
          .output(new TensorSpec(out, DataType.FLOAT32, TensorShape.unknownRank()));
    }
    return graph;
  }

  private void constants() {
    for (String op : List.of("Concat", "Add", "Where", "Expand", "Gather")) {
      add(
          "constants that grow by " + op,
          () -> {
            GraphBuilder graph =
                Graph.builder("g")
                    .input(TensorSpec.of("x", DataType.INT64, 1))
                    .initializer(Initializer.longs("c0", new long[8000], 8000))
                    .initializer(Initializer.longs("tall", new long[8000], 8000, 1))
                    .initializer(Initializer.longs("to", new long[] {4, 1}, 2));
            for (int i = 0; i < 2000; i++) {
              String from = i % 40 == 0 ? "c0" : "c" + i;
              graph.node(
                  switch (op) {
                    case "Concat" -> concat("c" + (i + 1), from, from);
                    case "Add" -> node("Add", "c" + (i + 1), "c0", "tall");
                    case "Expand" -> node("Expand", "c" + (i + 1), from, "to");
                    case "Gather" -> node("Gather", "c" + (i + 1), "tall", from);
                    default -> node("Mul", "c" + (i + 1), from, from);
                  });
            }
            return graph
                .node(node("Add", "y", "x", "c2000"))
                .output(new TensorSpec("y", DataType.INT64, TensorShape.unknownRank()));
          });
    }
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, number << 3 | 2);
    varint(out, content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] field(int number, String content) {
    return field(number, content.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] number(int field, long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, field << 3);
    varint(out, value);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static byte[] times(int count, byte[] content) {
    byte[] all = new byte[count * content.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(content, 0, all, i * content.length, content.length);
    }
    return all;
  }

  private static byte[] all(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] tensor(String name) {
    byte[] size = field(1, number(1, 4));
    return all(field(1, name), field(2, field(1, all(number(1, 1), field(2, size)))));
  }

  /** A small model that is right, with more fields in its graph. */
  private static byte[] model(byte[]... graph) {
    byte[] relu = all(field(1, "in"), field(2, "out"), field(4, "Relu"));
    return all(
        number(1, 8),
        field(8, number(2, OPSET)),
        field(
            GRAPH,
            all(
                field(1, relu),
                field(2, "g"),
                field(11, tensor("in")),
                field(12, tensor("out")),
                all(graph))));
  }

  private void flood(String name, Supplier<byte[]> bytes) {
    models.put(name, bytes);
  }

  private void names() {
    String name = "n".repeat(1_000_000);
    byte[] wrong = field(1, all(field(1, "nowhere"), field(2, "y"), field(4, "Relu")));
    flood(
        "2,000 errors in a graph with a name of 1 MB",
        () ->
            all(
                number(1, 8),
                field(8, number(2, OPSET)),
                field(GRAPH, all(field(2, name), times(2000, wrong)))));
    flood(
        "2,000 errors in a body of a node with a name of 1 MB",
        () ->
            model(
                field(
                    1,
                    all(
                        field(3, name),
                        field(4, "If"),
                        field(
                            5,
                            all(
                                field(1, "then_branch"),
                                number(20, 5),
                                field(6, all(field(2, name), times(2000, wrong)))))))));
    flood(
        "2,000 errors in a function with a name of 1 MB",
        () ->
            all(
                model(),
                field(
                    25,
                    all(
                        field(1, name),
                        field(10, name),
                        field(4, name),
                        times(2000, field(7, all(field(1, "nowhere"), field(4, "Relu"))))))));
    flood(
        "2,000 nodes of an operator set with a name of 1 MB",
        () ->
            all(
                model(times(2000, wrong)),
                field(8, all(field(1, name), number(2, 1))),
                field(8, all(field(1, name), number(2, 2)))));
    flood(
        "30 names of 200 KB, each missed 60 times",
        () -> {
          byte[][] nodes = new byte[30][];
          for (int i = 0; i < nodes.length; i++) {
            nodes[i] =
                field(
                    1,
                    all(
                        field(1, i + name.substring(0, 200_000)),
                        field(2, i + name.substring(0, 200_000)),
                        field(4, "Relu")));
          }
          return model(nodes);
        });
    flood(
        "constants with names of 1 MB and wrong dims",
        () -> model(times(6, field(5, all(number(1, 1L << 40), number(2, 1), field(8, name))))));
  }

  private void claims() {
    for (long claim : new long[] {1L << 31, 1L << 40, 1L << 62}) {
      byte[] tensor = all(number(1, claim), number(2, 1), field(8, "c"));
      flood("a constant that claims " + claim, () -> model(field(5, tensor)));
      flood(
          "a Constant that claims " + claim,
          () ->
              model(
                  field(
                      1,
                      all(
                          field(2, "y"),
                          field(4, "Constant"),
                          field(5, all(field(1, "value"), number(20, 4), field(5, tensor)))))));
      flood(
          "a sparse constant that claims " + claim,
          () ->
              model(
                  field(
                      15,
                      all(
                          field(
                              1,
                              all(
                                  number(1, 1),
                                  number(2, 1),
                                  field(9, new byte[4]),
                                  field(8, "c"))),
                          field(2, all(number(1, 1), number(2, 7), field(9, new byte[8]))),
                          number(3, claim)))));
      flood(
          "a text that claims " + claim,
          () -> model(field(5, all(number(1, claim), number(2, 8), field(8, "c")))));
      flood(
          "external data that claims " + claim,
          () ->
              model(
                  field(
                      5,
                      all(
                          number(1, claim),
                          number(2, 1),
                          field(8, "c"),
                          field(13, all(field(1, "location"), field(2, "none"))),
                          number(14, 1)))));
    }
    flood(
        "dims of 6 million ones",
        () ->
            model(
                field(
                    5,
                    all(
                        field(1, times(6_000_000, new byte[] {1})),
                        number(2, 1),
                        field(8, "c"),
                        field(9, new byte[4])))));
    flood(
        "dims of 3 million ones, one by one",
        () ->
            model(
                field(
                    5,
                    all(
                        times(3_000_000, number(1, 1)),
                        number(2, 1),
                        field(8, "c"),
                        field(9, new byte[4])))));
    flood(
        "6 million packed longs",
        () ->
            model(
                field(
                    5,
                    all(
                        number(1, 6_000_000),
                        number(2, 7),
                        field(8, "c"),
                        field(7, new byte[6_000_000])))));
    flood(
        "6 million packed ints",
        () ->
            model(
                field(
                    5,
                    all(
                        number(1, 6_000_000),
                        number(2, 3),
                        field(8, "c"),
                        field(5, new byte[6_000_000])))));
    flood(
        "3 million empty texts",
        () ->
            model(
                field(
                    5,
                    all(
                        number(1, 3_000_000),
                        number(2, 8),
                        field(8, "c"),
                        times(3_000_000, field(6, ""))))));
    flood(
        "an input of 3 million open sizes",
        () ->
            model(
                field(
                    11,
                    all(
                        field(1, "x"),
                        field(
                            2,
                            field(
                                1,
                                all(number(1, 1), field(2, times(3_000_000, field(1, "1"))))))))));
  }

  private void empties() {
    int count = 3_000_000;
    Map<String, Integer> inGraph =
        Map.of(
            "nodes",
            1,
            "constants",
            5,
            "inputs",
            11,
            "outputs",
            12,
            "value_infos",
            13,
            "annotations",
            14,
            "sparse constants",
            15,
            "metadata of the graph",
            16);
    inGraph.forEach((what, f) -> flood("empty " + what, () -> model(times(count, field(f, "")))));
    Map<String, Integer> inModel =
        Map.of("imports", 8, "metadata", 14, "training", 20, "functions", 25);
    inModel.forEach(
        (what, f) -> flood("empty " + what, () -> all(model(), times(count, field(f, "")))));
    Map<String, Integer> inNode =
        Map.of(
            "inputs of a node",
            1,
            "results of a node",
            2,
            "attributes",
            5,
            "metadata of a node",
            9);
    inNode.forEach(
        (what, f) ->
            flood(
                "empty " + what,
                () -> model(field(1, all(field(4, "Relu"), times(count, field(f, "")))))));
    Map<String, Integer> inAttribute =
        Map.of(
            "floats",
            7,
            "longs",
            8,
            "texts",
            9,
            "tensors",
            10,
            "graphs",
            11,
            "sparse tensors",
            23,
            "types",
            15);
    inAttribute.forEach(
        (what, f) ->
            flood(
                "an attribute of empty " + what,
                () ->
                    model(
                        field(
                            1,
                            all(
                                field(4, "Relu"),
                                field(
                                    5,
                                    all(
                                        field(1, "a"),
                                        f == 7 || f == 8
                                            ? field(f, new byte[6_000_000])
                                            : times(count, field(f, "")))))))));
  }

  private void chains() {
    for (String op : List.of("Identity", "Relu", "Neg")) {
      add(
          "100,000 times " + op,
          () -> {
            GraphBuilder graph =
                Graph.builder("g").input(TensorSpec.of("t0", DataType.FLOAT32, "n, 4"));
            for (int i = 0; i < 100_000; i++) {
              graph.node(node(op, "t" + (i + 1), "t" + i));
            }
            return graph.output(TensorSpec.of("t100000", DataType.FLOAT32, "n, 4"));
          });
    }
    add(
        "50,000 additions of everything before",
        () -> {
          GraphBuilder graph =
              Graph.builder("g").input(TensorSpec.of("t0", DataType.FLOAT32, "n, 4"));
          for (int i = 0; i < 50_000; i++) {
            graph.node(node("Add", "t" + (i + 1), "t" + i, "t" + i / 2));
          }
          return graph.output(TensorSpec.of("t50000", DataType.FLOAT32, "n, 4"));
        });
    add(
        "5,000 outputs",
        () -> {
          GraphBuilder graph =
              Graph.builder("g").input(TensorSpec.of("x", DataType.FLOAT32, "n, 4"));
          for (int i = 0; i < 5000; i++) {
            graph
                .node(node("Relu", "y" + i, "x"))
                .output(TensorSpec.of("y" + i, DataType.FLOAT32, "n, 4"));
          }
          return graph;
        });
    add(
        "20,000 equal constants",
        () -> {
          GraphBuilder graph =
              Graph.builder("g").input(TensorSpec.of("t0", DataType.FLOAT32, "n, 4"));
          for (int i = 0; i < 20_000; i++) {
            graph
                .initializer(Initializer.floats("c" + i, new float[] {1, 2, 3, 4}, 4))
                .node(node("Add", "t" + (i + 1), "t" + i, "c" + i));
          }
          return graph.output(TensorSpec.of("t20000", DataType.FLOAT32, "n, 4"));
        });
  }
}
