package io.inferc.testing;

import static io.inferc.testing.ProtoModels.a;
import static io.inferc.testing.ProtoModels.as;
import static io.inferc.testing.ProtoModels.body;
import static io.inferc.testing.ProtoModels.flag;
import static io.inferc.testing.ProtoModels.graph;
import static io.inferc.testing.ProtoModels.model;
import static io.inferc.testing.ProtoModels.node;
import static io.inferc.testing.ProtoModels.number;
import static io.inferc.testing.ProtoModels.optional;
import static io.inferc.testing.ProtoModels.pair;
import static io.inferc.testing.ProtoModels.scalar;
import static io.inferc.testing.ProtoModels.sequence;
import static io.inferc.testing.ProtoModels.type;
import static io.inferc.testing.ProtoModels.value;

import io.inferc.onnx.internal.proto.AttributeProto;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import io.inferc.onnx.internal.proto.TypeProto;
import io.inferc.onnx.internal.proto.ValueInfoProto;
import io.inferc.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Files of models whose bodies of If, Loop, Scan and SequenceMap do not fit their nodes. */
final class HostileBodies {
  private static final TypeProto PAIR = type(DataType.FLOAT32, 2);

  private final Map<String, Supplier<byte[]>> models = new LinkedHashMap<>();

  private HostileBodies() {}

  static Map<String, Supplier<byte[]>> all() {
    HostileBodies made = new HostileBodies();
    made.branches();
    made.loops();
    made.scans();
    made.nested();
    made.sequences();
    made.optionals();
    made.types();
    return made.models;
  }

  private void add(String name, GraphProto.Builder graph) {
    ModelProto.Builder model = model(graph);
    models.put(name, () -> model.build().toByteArray());
    if (graph.getNodeCount() == 1 && graph.getInitializerCount() == 0) {
      ModelProto inside =
          model(
                  graph(ProtoModels.call("f", "c x", "y")),
                  ProtoModels.function("f", graph.getNode(0)))
              .build();
      models.put(name + ", in a function", inside::toByteArray);
    }
  }

  private static GraphProto of(
      List<ValueInfoProto> inputs, List<NodeProto> nodes, ValueInfoProto... outputs) {
    return GraphProto.newBuilder()
        .setName("body")
        .addAllInput(inputs)
        .addAllNode(nodes)
        .addAllOutput(List.of(outputs))
        .build();
  }

  private void branches() {
    GraphProto branch = body("t", pair("z"), node("Relu", "x", "z"));
    add("an If without branches", graph(node("If", "c", "y")));
    add("an If without else", graph(node("If", "c", "y", a("then_branch", branch))));
    add("an If without a condition", graph(choice("", branch, branch)));
    add("an If of a condition that is no flag", graph(choice("x", branch, branch)));
    add("an If of empty branches", graph(choice("c", GraphProto.getDefaultInstance())));
    add("an If with two of one branch", graph(node("If", "c", "y", both(branch), both(branch))));
    add(
        "an If whose branch has inputs",
        graph(choice("c", of(List.of(pair("p")), List.of(node("Relu", "p", "z")), pair("z")))));
    add(
        "an If whose branch returns too little",
        graph(node("If", "c", "y v", a("then_branch", branch), a("else_branch", branch))));
    add(
        "an If whose branch returns too much",
        graph(
            choice(
                "c",
                branch,
                of(
                    List.of(),
                    List.of(node("Relu", "x", "z"), node("Abs", "x", "v")),
                    pair("z"),
                    pair("v")))));
    add(
        "an If whose branches are of other types",
        graph(
            choice(
                "c", branch, body("e", value("s", DataType.INT64, 1), node("Shape", "x", "s")))));
    add(
        "an If whose branch is a text",
        graph(node("If", "c", "y", a("then_branch", "text"), a("else_branch", branch))));
    add(
        "an If whose branch declares another type",
        graph(
            choice(
                "c", body("t", value("z", DataType.STRING, 7), node("Relu", "x", "z")), branch)));
  }

  private static AttributeProto both(GraphProto branch) {
    return a("then_branch", branch);
  }

  private static NodeProto choice(String condition, GraphProto then) {
    return choice(condition, then, then);
  }

  private static NodeProto choice(String condition, GraphProto then, GraphProto otherwise) {
    return node("If", condition, "y", a("then_branch", then), a("else_branch", otherwise));
  }

  private static GraphProto.Builder loop(String inputs, GraphProto body) {
    return graph(node("Loop", inputs, "y", a("body", body)))
        .addInitializer(scalar("n", DataType.INT64, 3));
  }

  private void loops() {
    List<ValueInfoProto> given = List.of(number("i"), flag("d"), pair("s"));
    NodeProto same = node("Identity", "d", "e");
    NodeProto step = node("Relu", "s", "t");
    GraphProto right = of(given, List.of(same, step), flag("e"), pair("t"));
    add("a Loop that is right", loop("n c x", right));
    add("a Loop without inputs", loop("", right));
    add("a Loop of a count alone", loop("n", right));
    add("a Loop of neither count nor condition", loop("- - x", right));
    add("a Loop whose count is a pair of numbers", loop("x c x", right));
    add("a Loop without a body", graph(node("Loop", "- c x", "y")));
    add("a Loop of an empty body", loop("n c x", GraphProto.getDefaultInstance()));
    for (int inputs = 0; inputs < 3; inputs++) {
      add(
          "a Loop whose body takes " + inputs,
          loop(
              "n c x",
              of(
                  given.subList(0, inputs),
                  List.of(node("Relu", "x", "t"), node("Identity", "c", "e")),
                  flag("e"),
                  pair("t"))));
    }
    add(
        "a Loop whose body takes 4",
        loop(
            "n c x",
            of(
                List.of(number("i"), flag("d"), pair("s"), pair("r")),
                List.of(same, step),
                flag("e"),
                pair("t"))));
    add("a Loop whose body returns nothing", loop("n c x", of(given, List.of())));
    add(
        "a Loop whose body returns a condition alone",
        loop("n c x", of(given, List.of(same), flag("e"))));
    add(
        "a Loop whose body returns 4",
        loop("n c x", of(given, List.of(same, step), flag("e"), pair("t"), pair("t"), pair("s"))));
    add(
        "a Loop whose body returns no condition",
        loop("n c x", of(given, List.of(same, step), pair("t"), pair("t"))));
    add(
        "a Loop whose body returns inputs",
        loop("n c x", of(given, List.of(), flag("d"), pair("s"))));
    add(
        "a Loop whose body takes one name twice",
        loop(
            "n c x",
            of(
                List.of(number("s"), flag("d"), pair("s")),
                List.of(same, step),
                flag("e"),
                pair("t"))));
    add(
        "a Loop whose body changes the type",
        loop(
            "n c x",
            of(
                given,
                List.of(same, node("Shape", "s", "t")),
                flag("e"),
                value("t", DataType.INT64, 1))));
    add(
        "a Loop whose body grows",
        loop(
            "n c x",
            of(
                given,
                List.of(same, node("Concat", "s s", "t", a("axis", 0))),
                flag("e"),
                value("t", DataType.FLOAT32))));
    add(
        "a Loop without outputs",
        graph(node("Loop", "- c x", "", a("body", right)), node("Relu", "x", "y")));
    add(
        "a Loop with 9 outputs",
        graph(node("Loop", "- c x", "y a b d e f g h i", a("body", right))));
    add(
        "a Loop with untyped body",
        loop(
            "n c x",
            of(
                List.of(untyped("i"), untyped("d"), untyped("s")),
                List.of(same, step),
                untyped("e"),
                untyped("t"))));
  }

  private static ValueInfoProto untyped(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }

  private void scans() {
    ValueInfoProto element = value("s", DataType.FLOAT32);
    GraphProto right =
        of(List.of(element), List.of(node("Relu", "s", "t")), value("t", DataType.FLOAT32));
    for (long count : new long[] {1, 0, -1, 2, 7, 1L << 40, Long.MIN_VALUE, Long.MAX_VALUE}) {
      add(
          "a Scan of " + count + " inputs",
          graph(node("Scan", "x", "y", a("body", right), a("num_scan_inputs", count))));
    }
    AttributeProto one = a("num_scan_inputs", 1);
    add("a Scan of no count", graph(node("Scan", "x", "y", a("body", right))));
    add("a Scan without inputs", graph(node("Scan", "", "y", a("body", right), one)));
    add(
        "a Scan without outputs",
        graph(node("Scan", "x", "", a("body", right), one), node("Relu", "x", "y")));
    add("a Scan with 5 outputs", graph(node("Scan", "x", "y z v w u", a("body", right), one)));
    add("a Scan without a body", graph(node("Scan", "x", "y", one)));
    add(
        "a Scan of an empty body",
        graph(node("Scan", "x", "y", a("body", GraphProto.getDefaultInstance()), one)));
    add("a Scan of a scalar", graph(node("Scan", "c", "y", a("body", right), one)));
    add(
        "a Scan whose body takes nothing",
        graph(
            node(
                "Scan",
                "x",
                "y",
                a("body", of(List.of(), List.of(node("Relu", "x", "t")), pair("t"))),
                one)));
    add(
        "a Scan whose body returns nothing",
        graph(node("Scan", "x", "y", a("body", of(List.of(element), List.of())), one)));
    add(
        "a Scan of states alone",
        graph(
            node(
                "Scan",
                "x x",
                "y z",
                a(
                    "body",
                    of(List.of(pair("p"), element), List.of(node("Add", "p s", "t")), pair("t"))),
                one)));
    for (String name :
        List.of(
            "scan_input_axes",
            "scan_output_axes",
            "scan_input_directions",
            "scan_output_directions")) {
      for (long at : new long[] {-1, 1, 9, -9, 1L << 40, Long.MIN_VALUE}) {
        add(
            "a Scan with " + name + " " + at,
            graph(node("Scan", "x", "y", a("body", right), one, as(name, at))));
      }
      add(
          "a Scan with 3 " + name,
          graph(node("Scan", "x", "y", a("body", right), one, as(name, 0L, 0L, 0L))));
      add("a Scan with no " + name, graph(node("Scan", "x", "y", a("body", right), one, as(name))));
    }
  }

  private void nested() {
    for (int depth : new int[] {3, 12, 20}) {
      NodeProto loop = node("Relu", "x", "y");
      NodeProto scan = node("Relu", "x", "y");
      for (int i = 0; i < depth; i++) {
        List<ValueInfoProto> given = List.of(number("i" + i), flag("d" + i), pair("s" + i));
        NodeProto out = loop.toBuilder().setOutput(0, "t" + i).build();
        GraphProto inner =
            of(
                given,
                List.of(node("Identity", "d" + i, "e" + i), out),
                flag("e" + i),
                pair("t" + i));
        loop = node("Loop", "n c x", "y", a("body", inner));
        ValueInfoProto element = value("s" + i, DataType.FLOAT32);
        GraphProto over =
            of(
                List.of(pair("p" + i), element),
                List.of(scan.toBuilder().setOutput(0, "t" + i).build()),
                pair("t" + i));
        scan = node("Scan", "x x", "y", a("body", over), a("num_scan_inputs", 1));
      }
      GraphProto.Builder loops = graph(loop).addInitializer(scalar("n", DataType.INT64, 2));
      add(depth + " Loops in each other", loops);
      add(depth + " Scans in each other", graph(scan));
    }
  }

  private void sequences() {
    NodeProto make = node("SequenceConstruct", "x x", "q");
    GraphProto right = of(List.of(pair("s")), List.of(node("Relu", "s", "t")), pair("t"));
    NodeProto first = node("SequenceAt", "r k", "y");
    GraphProto.Builder start = graph(make).addInitializer(scalar("k", DataType.INT64, 0));
    add(
        "a SequenceMap that is right",
        start.clone().addNode(node("SequenceMap", "q", "r", a("body", right))).addNode(first));
    add(
        "a SequenceMap of a tensor",
        start.clone().addNode(node("SequenceMap", "x", "r", a("body", right))).addNode(first));
    add(
        "a SequenceMap without a body",
        start.clone().addNode(node("SequenceMap", "q", "r")).addNode(first));
    add(
        "a SequenceMap of an empty body",
        start
            .clone()
            .addNode(node("SequenceMap", "q", "r", a("body", GraphProto.getDefaultInstance())))
            .addNode(first));
    add(
        "a SequenceMap without inputs",
        start.clone().addNode(node("SequenceMap", "", "r", a("body", right))).addNode(first));
    add(
        "a SequenceMap of too many inputs",
        start.clone().addNode(node("SequenceMap", "q q x", "r", a("body", right))).addNode(first));
    add(
        "a SequenceMap of too many outputs",
        start.clone().addNode(node("SequenceMap", "q", "r v w", a("body", right))).addNode(first));
    add(
        "a SequenceMap whose body takes nothing",
        start
            .clone()
            .addNode(
                node(
                    "SequenceMap",
                    "q",
                    "r",
                    a("body", of(List.of(), List.of(node("Relu", "x", "t")), pair("t")))))
            .addNode(first));
    add(
        "a SequenceMap whose body returns nothing",
        start
            .clone()
            .addNode(node("SequenceMap", "q", "r", a("body", of(List.of(pair("s")), List.of()))))
            .addNode(first));
    NodeProto shallow = node("SequenceMap", "q", "r", a("body", right));
    for (int i = 0; i < 12; i++) {
      NodeProto inner = shallow.toBuilder().setOutput(0, "r" + i).build();
      shallow =
          node(
              "SequenceMap",
              "q",
              "r",
              a(
                  "body",
                  of(
                      List.of(pair("s" + i)),
                      List.of(inner, node("SequenceAt", "r" + i + " k", "t" + i)),
                      pair("t" + i))));
    }
    add("SequenceMaps in each other", start.clone().addNode(shallow).addNode(first));
    for (int at : new int[] {1, -3, 99, Integer.MIN_VALUE}) {
      add(
          "SequenceAt " + at,
          graph(make, node("SequenceAt", "q k", "y"))
              .addInitializer(scalar("k", DataType.INT64, at)));
      add(
          "SequenceErase " + at,
          graph(make, node("SequenceErase", "q k", "r"), node("SequenceAt", "r k", "y"))
              .addInitializer(scalar("k", DataType.INT64, at)));
      add(
          "SequenceInsert " + at,
          graph(make, node("SequenceInsert", "q x k", "r"), node("SequenceAt", "r k", "y"))
              .addInitializer(scalar("k", DataType.INT64, at)));
    }
    add(
        "an empty sequence of no type",
        graph(
            node("SequenceEmpty", "", "q", a("dtype", 999)),
            node("SequenceInsert", "q x", "r"),
            node("ConcatFromSequence", "r", "y", a("axis", 0))));
    add(
        "a joined empty sequence",
        graph(
            node("SequenceEmpty", "", "q", a("dtype", 1)),
            node("ConcatFromSequence", "q", "y", a("axis", 0))));
    add(
        "a sequence joined along axis 9",
        graph(make, node("ConcatFromSequence", "q", "y", a("axis", 9))));
    add(
        "a sequence of sequences",
        graph(make, node("SequenceConstruct", "q q", "r"), node("SequenceAt", "r k", "y"))
            .addInitializer(scalar("k", DataType.INT64, 0)));
    add(
        "a sequence split by 0",
        graph(node("SplitToSequence", "x k", "q"), node("SequenceAt", "q k", "y"))
            .addInitializer(scalar("k", DataType.INT64, 0)));
    add(
        "a sequence as a whole output",
        graph(make).clearOutput().addOutput(value("q", sequence(PAIR))));
    add("a sequence that is said to be a tensor", graph(make).clearOutput().addOutput(pair("q")));
  }

  private void optionals() {
    AttributeProto none =
        AttributeProto.newBuilder()
            .setName("type")
            .setType(AttributeProto.AttributeType.TYPE_PROTO)
            .build();
    AttributeProto pairs = none.toBuilder().setTp(PAIR).build();
    NodeProto get = node("OptionalGetElement", "o", "y");
    add("an Optional of a tensor", graph(node("Optional", "x", "o"), get));
    add("an Optional of nothing", graph(node("Optional", "", "o"), get));
    add("an Optional of nothing of a type", graph(node("Optional", "", "o", pairs), get));
    add("an Optional of an empty type", graph(node("Optional", "", "o", none), get));
    add("an Optional of a tensor and a type", graph(node("Optional", "x", "o", pairs), get));
    add(
        "an Optional of an Optional",
        graph(node("Optional", "x", "p"), node("Optional", "p", "o"), get));
    add("an element of a tensor", graph(node("OptionalGetElement", "x", "y")));
    add("an element of nothing", graph(node("OptionalGetElement", "", "y")));
    add("an Optional as an input", graph(get).addInput(value("o", optional(PAIR))));
    add(
        "an Optional as an output",
        graph(node("Optional", "x", "o")).clearOutput().addOutput(value("o", optional(PAIR))));
  }

  private void types() {
    NodeProto relu = node("Relu", "x", "y");
    for (int depth : new int[] {2, 20, 45}) {
      TypeProto deep = PAIR;
      for (int i = 0; i < depth; i++) {
        deep = i % 2 == 0 ? sequence(deep) : optional(deep);
      }
      add(depth + " types in each other", graph(relu).addInput(value("deep", deep)));
      add(depth + " types in each other as an output", graph(relu).addOutput(value("y", deep)));
      add(depth + " types in each other between", graph(relu).addValueInfo(value("y", deep)));
    }
    add("an input without a type", graph(relu).setInput(1, untyped("x")));
    add(
        "an input of an empty type",
        graph(relu).setInput(1, value("x", TypeProto.getDefaultInstance())));
    add(
        "an input of the type 999",
        graph(relu)
            .setInput(
                1,
                value(
                    "x",
                    TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(999))
                        .build())));
    add("a dimension of -1", graph(relu).setInput(1, value("x", DataType.FLOAT32, -1)));
    add(
        "dimensions beyond 2^64",
        graph(relu).setInput(1, value("x", DataType.FLOAT32, 1L << 40, 1L << 40)));
    add("an output without a type", graph(relu).setOutput(0, untyped("y")));
    add("an output of another type", graph(relu).setOutput(0, value("y", DataType.STRING, 9, 9)));
  }
}
