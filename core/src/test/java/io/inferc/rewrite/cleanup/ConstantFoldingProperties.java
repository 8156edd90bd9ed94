package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.node;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.internal.Strides;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is folded has the very bits that ONNX Runtime computes. */
class ConstantFoldingProperties {
  private static final List<DataType> TYPES =
      List.of(DataType.FLOAT32, DataType.INT64, DataType.INT32);

  @Property(tries = 100)
  void arithmetic(@ForAll long seed) {
    Random random = new Random(seed);
    DataType type = TYPES.get(random.nextInt(3));
    String operator = List.of("Add", "Sub", "Mul", "Div").get(random.nextInt(4));
    folded(
        type,
        node("t", operator, List.of("a", "b")),
        constant("a", type, random, false, 2, 3),
        constant(
            "b", type, random, true, random.nextBoolean() ? new long[] {3} : new long[] {2, 1}));
  }

  @Property(tries = 100)
  void comparisons(@ForAll long seed) {
    Random random = new Random(seed);
    DataType type = TYPES.get(random.nextInt(3));
    String operator =
        List.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual").get(random.nextInt(5));
    folded(
        DataType.BOOL,
        node("t", operator, List.of("a", "b")),
        constant("a", type, random, false, 4, 3),
        constant("b", type, random, false, 3));
  }

  @Property(tries = 60)
  void logic(@ForAll long seed) {
    Random random = new Random(seed);
    String operator = List.of("And", "Or", "Xor", "Not").get(random.nextInt(4));
    Initializer a = constant("a", DataType.BOOL, random, false, 4);
    Initializer b = constant("b", DataType.BOOL, random, false, 2, 1);
    folded(
        DataType.BOOL,
        node("t", operator, operator.equals("Not") ? List.of("a") : List.of("a", "b")),
        a,
        b);
  }

  @Property(tries = 100)
  void functionsOfOneTensor(@ForAll long seed) {
    Random random = new Random(seed);
    boolean whole = random.nextInt(4) == 0;
    String operator =
        whole
            ? List.of("Neg", "Abs").get(random.nextInt(2))
            : List.of("Neg", "Abs", "Sqrt", "Floor", "Ceil").get(random.nextInt(5));
    DataType type = whole ? DataType.INT64 : DataType.FLOAT32;
    folded(
        type,
        node("t", operator, List.of("a")),
        constant("a", type, random, operator.equals("Sqrt"), 7));
  }

  @Property(tries = 100)
  void slices(@ForAll long seed) {
    Random random = new Random(seed);
    long step = random.nextInt(7) - 3;
    // Runtimes disagree about going backwards to the largest number.
    long beyond = step < 0 ? 7 : Long.MAX_VALUE;
    long[] bounds = {beyond, Long.MIN_VALUE, random.nextInt(13) - 6, random.nextInt(9) - 4};
    folded(
        DataType.FLOAT32,
        node("t", "Slice", List.of("a", "starts", "ends", "axes", "steps")),
        constant("a", DataType.FLOAT32, random, false, 4, 5),
        longs("starts", random.nextInt(13) - 6, 0),
        longs("ends", bounds[random.nextInt(4)], bounds[random.nextInt(4)]),
        longs("axes", -1, 0),
        longs("steps", step == 0 ? 1 : step, 1));
  }

  @Property(tries = 100)
  void movesOfElements(@ForAll long seed) {
    Random random = new Random(seed);
    DataType type = TYPES.get(random.nextInt(3));
    Initializer a = constant("a", type, random, false, 2, 3, 4);
    switch (random.nextInt(7)) {
      case 0 ->
          folded(type, node("t", "Transpose", List.of("a"), Attribute.ofInts("perm", 2, 0, 1)), a);
      case 1 -> folded(type, node("t", "Transpose", List.of("a")), a);
      case 2 ->
          folded(
              type,
              node("t", "Gather", List.of("a", "i"), Attribute.of("axis", random.nextInt(6) - 3)),
              a,
              Initializer.longs("i", new long[] {1, -1, 0, -2}, 2, 2));
      case 3 ->
          folded(
              type,
              node("t", "Concat", List.of("a", "b", "a"), Attribute.of("axis", -2)),
              a,
              constant("b", type, random, false, 2, 1, 4));
      case 4 -> folded(type, node("t", "Expand", List.of("a", "s")), a, longs("s", 2, 2, 1, 1));
      case 5 -> folded(type, node("t", "Reshape", List.of("a", "s")), a, longs("s", 3, -1, 0));
      default -> folded(type, node("t", "Flatten", List.of("a"), Attribute.of("axis", 2)), a);
    }
  }

  @Property(tries = 60)
  void shapesAreSqueezedAndUnsqueezed(@ForAll long seed) {
    Random random = new Random(seed);
    Initializer a = constant("a", DataType.FLOAT32, random, false, 1, 3, 1);
    switch (random.nextInt(3)) {
      case 0 -> folded(DataType.FLOAT32, node("t", "Squeeze", List.of("a")), a);
      case 1 ->
          folded(DataType.FLOAT32, node("t", "Squeeze", List.of("a", "x")), a, longs("x", -1));
      default ->
          folded(DataType.FLOAT32, node("t", "Unsqueeze", List.of("a", "x")), a, longs("x", 0, -2));
    }
  }

  @Property(tries = 60)
  void rangesFillingsAndChoices(@ForAll long seed) {
    Random random = new Random(seed);
    switch (random.nextInt(3)) {
      case 0 ->
          folded(
              DataType.INT64,
              node("t", "Range", List.of("a", "b", "c")),
              Initializer.longs("a", new long[] {random.nextInt(9) - 4}),
              Initializer.longs("b", new long[] {random.nextInt(19) - 9}),
              Initializer.longs("c", new long[] {random.nextBoolean() ? 2 : -3}));
      case 1 ->
          folded(
              DataType.INT32,
              node(
                  "t",
                  "ConstantOfShape",
                  List.of("a"),
                  Attribute.of("value", Initializer.longs("", DataType.INT32, new long[] {7}, 1))),
              longs("a", 2, 3));
      default ->
          folded(
              DataType.FLOAT32,
              node("t", "Where", List.of("c", "a", "b")),
              constant("c", DataType.BOOL, random, false, 3, 1),
              constant("a", DataType.FLOAT32, random, false, 4),
              constant("b", DataType.FLOAT32, random, false, 2, 1, 1));
    }
  }

  @Property(tries = 100)
  void casts(@ForAll long seed) {
    Random random = new Random(seed);
    DataType from = List.of(DataType.FLOAT32, DataType.INT64, DataType.BOOL).get(random.nextInt(3));
    DataType to =
        List.of(DataType.FLOAT32, DataType.INT64, DataType.INT32, DataType.BOOL, DataType.INT8)
            .get(random.nextInt(5));
    if (from != to) {
      folded(
          to,
          node("t", "Cast", List.of("a"), Attribute.of("to", to.onnxCode())),
          constant("a", from, random, false, 9));
    }
  }

  @Property(tries = 60)
  void halvesAreRoundedToTheNearest(@ForAll long seed) {
    Random random = new Random(seed);
    Initializer a = constant("a", DataType.FLOAT32, random, false, 50);
    GraphBuilder graph = Graph.builder("halves").initializer(a);
    graph.node(node("h", "Cast", List.of("a"), Attribute.of("to", DataType.FLOAT16.onnxCode())));
    check(graph, DataType.FLOAT32, node("t", "Cast", List.of("h"), Attribute.of("to", 1)));
  }

  /** Folds {@code t}, which another node gives out, and compares. */
  private static void folded(DataType type, Node t, Initializer... constants) {
    GraphBuilder graph = Graph.builder("constant");
    for (Initializer c : constants) {
      graph.initializer(c);
    }
    check(graph, type, t);
  }

  private static void check(GraphBuilder graph, DataType type, Node t) {
    graph
        .node(t)
        .node(node("y", "Identity", List.of("t")))
        .output(ValueInfo.of(new TensorSpec("y", type, TensorShape.unknownRank())));
    PassFixture.of(new ConstantFolding())
        .model(OnnxModel.of(graph.build(), 17))
        .checkChanged()
        .checkSound(0);
  }

  private static Initializer constant(
      String name, DataType type, Random random, boolean positive, long... dims) {
    int count = Strides.count(dims);
    float[] floats = new float[count];
    long[] longs = new long[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(3) - 1));
      longs[i] = type == DataType.BOOL ? random.nextInt(2) : random.nextInt(200) - 100;
      if (positive) {
        floats[i] = Math.abs(floats[i]) + Float.MIN_NORMAL;
        longs[i] = Math.abs(longs[i]) + 1;
      }
    }
    return type == DataType.FLOAT32
        ? Initializer.floats(name, floats, dims)
        : Initializer.longs(name, type, longs, dims);
  }
}
