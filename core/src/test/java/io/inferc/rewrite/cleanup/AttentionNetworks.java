package io.inferc.rewrite.cleanup;

import static io.inferc.testing.TestGraphs.floats;
import static io.inferc.testing.TestGraphs.longs;
import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.scalar;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.OnnxModel;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Attention in all the forms that exporters write, with what may be in the way of a fusion. */
final class AttentionNetworks {
  /** How keys are turned. */
  enum Turn {
    AT_ONCE,
    IN_TWO_STEPS,
    BY_WAY_OF_THREE_DIMENSIONS
  }

  /** Where the scores are scaled. */
  enum Scale {
    NOWHERE,
    BEHIND,
    ON_BOTH_SIDES,
    ON_QUERIES
  }

  /** The mask's shape, which is empty for none. */
  enum Mask {
    NONE(""),
    OF_KEYS("batch, 1, 1, memory"),
    WHOLE("batch, 1, length, memory"),
    SHARED("length, memory"),
    VECTOR("memory"),
    OF_HEADS("1, 2, length, memory"),
    OF_HEADS_AND_TEXTS("batch, 2, length, memory"),
    OF_HEADS_AND_KEYS("2, 1, memory"),
    CHOSEN("batch, 1, 1, memory"),
    LEFT_OUT("batch, 1, length, memory");

    private final String shape;

    /** Tells whether it is of truth values. */
    boolean isOfTruth() {
      return this == CHOSEN || this == LEFT_OUT;
    }

    Mask(String shape) {
      this.shape = shape;
    }
  }

  /** What else the graph has. */
  enum Beside {
    NOTHING,
    WEIGHTS_RETURNED,
    KEYS_READ,
    SHAPE_RETURNED,
    FLAT_RESULT,
    SHAPES_COMPUTED
  }

  /** One network. */
  record Form(Turn turn, Scale scale, Mask mask, boolean zeroesNaN, Beside beside) {}

  static final int HEADS = 2;
  static final int WIDTH = 3;
  private static final Attribute FORTH = Attribute.ofInts("perm", 0, 2, 1, 3);

  private AttentionNetworks() {}

  static Form random(long seed) {
    Random random = new Random(seed);
    return new Form(
        Turn.values()[random.nextInt(Turn.values().length)],
        Scale.values()[random.nextInt(Scale.values().length)],
        Mask.values()[random.nextInt(Mask.values().length)],
        random.nextBoolean(),
        random.nextInt(3) > 0
            ? Beside.NOTHING
            : Beside.values()[random.nextInt(Beside.values().length)]);
  }

  private static TensorSpec spec(String name, String shape) {
    return TensorSpec.of(name, DataType.FLOAT32, shape);
  }

  static OnnxModel of(Form form) {
    GraphBuilder graph =
        Graph.builder("attention")
            .input(spec("q", "batch, length, 6"))
            .input(spec("k", "batch, memory, 6"))
            .input(spec("v", "batch, memory, 6"))
            .initializer(longs("heads", 0, 0, HEADS, WIDTH))
            .initializer(scalar("root", 0.7))
            .initializer(scalar("zero", 0));
    for (String of : List.of("q", "k", "v")) {
      graph.node(node(of + "4", "Reshape", List.of(of, "heads")));
    }
    graph
        .node(node("qt", "Transpose", List.of("q4"), FORTH))
        .node(node("vt", "Transpose", List.of("v4"), FORTH));
    turn(graph, form.turn);
    String q = "qt";
    String k = "kt";
    if (form.scale == Scale.ON_BOTH_SIDES || form.scale == Scale.ON_QUERIES) {
      graph.node(node("qs", "Mul", List.of("qt", "root")));
      q = "qs";
    }
    if (form.scale == Scale.ON_BOTH_SIDES) {
      graph.node(node("ks", "Mul", List.of("root", "kt")));
      k = "ks";
    }
    graph.node(node("product", "MatMul", List.of(q, k)));
    String scores = "product";
    if (form.scale == Scale.BEHIND) {
      graph.node(node("scaled", "Div", List.of("product", "root")));
      scores = "scaled";
    }
    if (form.mask.isOfTruth()) {
      boolean chosen = form.mask == Mask.CHOSEN;
      graph
          .input(TensorSpec.of("mask", DataType.BOOL, form.mask.shape))
          .initializer(scalar("fill", chosen ? Double.NEGATIVE_INFINITY : -10_000))
          .node(
              node(
                  "masked",
                  "Where",
                  chosen ? List.of("mask", scores, "fill") : List.of("mask", "fill", scores)));
      scores = "masked";
    } else if (form.mask != Mask.NONE) {
      graph
          .input(spec("mask", form.mask.shape))
          .node(node("masked", "Add", List.of(scores, "mask")));
      scores = "masked";
    }
    graph.node(node("weights", "Softmax", List.of(scores), Attribute.of("axis", -1)));
    String weights = "weights";
    if (form.zeroesNaN) {
      graph
          .node(node("nan", "IsNaN", List.of("weights")))
          .node(node("numbers", "Where", List.of("nan", "zero", "weights")));
      weights = "numbers";
    }
    return OnnxModel.of(result(graph, weights, form).build(), 17);
  }

  private static void turn(GraphBuilder graph, Turn turn) {
    if (turn == Turn.AT_ONCE) {
      graph.node(node("kt", "Transpose", List.of("k4"), Attribute.ofInts("perm", 0, 2, 3, 1)));
      return;
    }
    graph.node(node("kf", "Transpose", List.of("k4"), FORTH));
    if (turn == Turn.IN_TWO_STEPS) {
      graph.node(node("kt", "Transpose", List.of("kf"), Attribute.ofInts("perm", 0, 1, 3, 2)));
      return;
    }
    // Sizes are computed from what lies between, as PyTorch's exporter does.
    graph
        .initializer(longs("minus", -1))
        .initializer(longs("width", WIDTH))
        .initializer(longs("first", 0, 1))
        .initializer(longs("third", 2))
        .node(node("sizes", "Shape", List.of("kf")))
        .node(node("outer", "Gather", List.of("sizes", "first")))
        .node(node("rows", "Gather", List.of("sizes", "third")))
        .node(node("flat", "Concat", List.of("minus", "rows", "width"), Attribute.of("axis", 0)))
        .node(node("k3", "Reshape", List.of("kf", "flat")))
        .node(node("k3t", "Transpose", List.of("k3"), Attribute.ofInts("perm", 0, 2, 1)))
        .node(node("full", "Concat", List.of("outer", "width", "rows"), Attribute.of("axis", 0)))
        .node(node("kt", "Reshape", List.of("k3t", "full")));
  }

  private static GraphBuilder result(GraphBuilder graph, String weights, Form form) {
    graph
        .node(node("sums", "MatMul", List.of(weights, "vt")))
        .node(node("back", "Transpose", List.of("sums"), FORTH));
    if (form.beside == Beside.SHAPES_COMPUTED) {
      graph
          .initializer(longs("two", 0, 1))
          .initializer(longs("six", HEADS * WIDTH))
          .node(node("size", "Shape", List.of("back")))
          .node(node("kept", "Gather", List.of("size", "two")))
          .node(node("all", "Concat", List.of("kept", "six"), Attribute.of("axis", 0)));
    } else if (form.beside == Beside.FLAT_RESULT) {
      graph.initializer(longs("all", -1, HEADS * WIDTH));
    } else {
      graph.initializer(longs("all", 0, 0, HEADS * WIDTH));
    }
    graph.node(node("y", "Reshape", List.of("back", "all")));
    switch (form.beside) {
      case WEIGHTS_RETURNED -> graph.output(floats("weights"));
      case KEYS_READ -> graph.node(node("z", "Neg", List.of("kt"))).output(floats("z"));
      case SHAPE_RETURNED ->
          graph
              .node(node("z", "Shape", List.of("product")))
              .output(TensorSpec.of("z", DataType.INT64, "4"));
      default -> {}
    }
    return graph.output(
        form.beside == Beside.FLAT_RESULT ? spec("y", "?, 6") : spec("y", "batch, length, 6"));
  }

  /** Inputs of some sizes, with a mask that may mask nothing, some, a row, or all. */
  static Map<String, Tensor> inputs(Form form, int batch, int length, int memory, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("q", gaussian(random, batch, length, HEADS * WIDTH));
    inputs.put("k", gaussian(random, batch, memory, HEADS * WIDTH));
    inputs.put("v", gaussian(random, batch, memory, HEADS * WIDTH));
    if (form.mask != Mask.NONE) {
      String[] names = form.mask.shape.split(", ");
      long[] shape = new long[names.length];
      int count = 1;
      for (int i = 0; i < names.length; i++) {
        shape[i] =
            switch (names[i]) {
              case "batch" -> batch;
              case "length" -> length;
              case "memory" -> memory;
              default -> Long.parseLong(names[i]);
            };
        count = Math.toIntExact(count * shape[i]);
      }
      float[] mask = mask(random, count, memory);
      inputs.put("mask", form.mask.isOfTruth() ? truth(form, mask, shape) : Tensor.of(mask, shape));
    }
    return inputs;
  }

  private static Tensor truth(Form form, float[] mask, long... shape) {
    Tensor tensor = Tensor.allocate(DataType.BOOL, shape);
    for (int i = 0; i < mask.length; i++) {
      tensor.bytes().put(i, (byte) ((mask[i] == 0) == (form.mask == Mask.CHOSEN) ? 1 : 0));
    }
    return tensor;
  }

  private static float[] mask(Random random, int count, int memory) {
    float[] values = new float[count];
    int kind = random.nextInt(5);
    float[] away = {-10_000, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY};
    float gone = away[random.nextInt(3)];
    for (int i = 0; i < count && kind > 0; i++) {
      boolean row = random.nextInt(4) == 0;
      switch (kind) {
        case 1 -> values[i] = (float) random.nextGaussian();
        case 2 -> values[i] = random.nextBoolean() ? gone : 0;
        case 3 -> values[i] = gone;
        default -> {
          if (i % memory == 0 && row) {
            Arrays.fill(values, i, i + memory, gone);
          }
        }
      }
    }
    return values;
  }

  private static Tensor gaussian(Random random, long... shape) {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, shape);
    for (int i = 0; i < tensor.elementCount(); i++) {
      tensor.floats().put(i, (float) random.nextGaussian());
    }
    return tensor;
  }
}
