package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.ModelRewriter;
import io.inferc.Precision;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.Cosine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers and what stands around them give at INT8 what the model gives, whatever their form. */
@Tag("once")
class IntegerLayersTest {
  private static final double CLOSE = 0.998;

  @BeforeAll
  static void chooseLibrary() {
    TestLibrary.require();
  }

  /**
   * A model of one input.
   *
   * @param dims the input's dimensions
   * @param integers how many layers compute in integers
   */
  private record Case(String name, long[] dims, int integers, Function<Nodes, String> body) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Puts a graph together. */
  private static final class Nodes {
    private final GraphBuilder graph = Graph.builder("layers");
    private final Random random = new Random(5);
    private int count;

    String node(String operator, List<String> inputs, Attribute... attributes) {
      return nodes(operator, 1, inputs, attributes).get(0);
    }

    List<String> nodes(String operator, int outputs, List<String> inputs, Attribute... attributes) {
      String name = operator + count++;
      List<String> made = new ArrayList<>();
      for (int i = 0; i < outputs; i++) {
        made.add(name + "-" + i);
      }
      Node.Builder node =
          Node.builder(operator)
              .name(name)
              .inputs(inputs.toArray(String[]::new))
              .outputs(made.toArray(String[]::new));
      for (Attribute attribute : attributes) {
        node.attribute(attribute);
      }
      graph.node(node.build());
      return made;
    }

    String weights(long... dims) {
      float[] values = new float[Math.toIntExact(Arrays.stream(dims).reduce(1, (a, b) -> a * b))];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() / 3;
      }
      return floats(values, dims);
    }

    String floats(float[] values, long... dims) {
      String name = "w" + count++;
      graph.initializer(Initializer.floats(name, values, dims));
      return name;
    }

    String longs(long... values) {
      String name = "n" + count++;
      graph.initializer(Initializer.longs(name, values, values.length));
      return name;
    }

    /** A convolution of two dimensions with a bias, from 8 channels to 8. */
    String conv(String x) {
      return node("Conv", List.of(x, weights(8, 8, 3, 3), weights(8)), pads());
    }
  }

  private static Attribute pads() {
    return Attribute.ofInts("pads", 1, 1, 1, 1);
  }

  private static Attribute kernel() {
    return Attribute.ofInts("kernel_shape", 2, 2);
  }

  private static Case image(String name, int integers, Function<Nodes, String> body) {
    return new Case(name, new long[] {1, 8, 12, 12}, integers, body);
  }

  /** A node between two convolutions. */
  private static Case between(String operator, Attribute... attributes) {
    return image(
        operator + Arrays.toString(attributes),
        2,
        n -> n.conv(n.node(operator, List.of(n.conv("x")), attributes)));
  }

  private static Case row(String name, int integers, Function<Nodes, String> body) {
    return new Case(name, new long[] {5, 16}, integers, body);
  }

  private static Case conv(String name, long[] dims, long[] weights, Attribute... attributes) {
    return new Case(
        "Conv " + name,
        dims,
        1,
        n -> n.node("Conv", List.of("x", n.weights(weights), n.weights(weights[0])), attributes));
  }

  private static Case transposed(String name, long[] weights, Attribute... attributes) {
    return image(
        "ConvTranspose " + name,
        1,
        n -> n.node("ConvTranspose", List.of("x", n.weights(weights)), attributes));
  }

  private static Case gemm(String name, long[] dims, long[] weights, Attribute... attributes) {
    return new Case(
        "Gemm " + name,
        dims,
        1,
        n -> n.node("Gemm", List.of("x", n.weights(weights), n.weights(24)), attributes));
  }

  private static Attribute group(int groups) {
    return Attribute.of("group", groups);
  }

  static Stream<Case> convolutions() {
    long[] line = {2, 16, 40};
    long[] square = {1, 8, 12, 12};
    return Stream.of(
        conv("of one dimension", line, new long[] {8, 16, 3}, Attribute.ofInts("strides", 2)),
        conv("of one dimension in groups", line, new long[] {16, 4, 16}, group(4)),
        conv("of one dimension by channel", line, new long[] {16, 1, 3}, group(16)),
        conv("of one channel", new long[] {2, 1, 99}, new long[] {8, 1, 10}),
        conv("in groups", square, new long[] {16, 4, 3, 3}, group(2)),
        conv("by channel", square, new long[] {16, 1, 3, 3}, group(8)),
        conv("with holes", square, new long[] {8, 8, 3, 3}, Attribute.ofInts("dilations", 2, 2)),
        conv(
            "with uneven pads",
            square,
            new long[] {8, 8, 3, 3},
            Attribute.ofInts("pads", 0, 1, 2, 1)),
        conv(
            "padded as needed",
            square,
            new long[] {8, 8, 2, 2},
            Attribute.of("auto_pad", "SAME_LOWER")),
        conv("of three dimensions", new long[] {1, 4, 6, 6, 6}, new long[] {8, 4, 3, 3, 3}),
        transposed("plain", new long[] {8, 16, 3, 3}),
        transposed(
            "in groups", new long[] {8, 8, 3, 3}, group(2), Attribute.ofInts("strides", 2, 2)),
        transposed(
            "by channel", new long[] {8, 1, 2, 2}, group(8), Attribute.ofInts("strides", 2, 2)),
        transposed("with holes", new long[] {8, 8, 3, 3}, Attribute.ofInts("dilations", 2, 2)),
        image("Conv without a bias", 1, n -> plain(n, "x")),
        image("Conv without a bias that two read", 1, n -> gated(n, plain(n, "x"))),
        image("Conv with a bias that two read", 1, n -> gated(n, n.conv("x"))),
        image(
            "Conv with a bias of zeros that two read",
            1,
            n ->
                gated(
                    n,
                    n.node(
                        "Conv", List.of("x", n.weights(8, 8, 3, 3), n.floats(new float[8], 8))))));
  }

  private static String plain(Nodes n, String x) {
    return n.node("Conv", List.of(x, n.weights(8, 8, 3, 3)));
  }

  private static String gated(Nodes n, String x) {
    return n.node("Mul", List.of(x, n.node("Add", List.of(n.node("Tanh", List.of(x)), x))));
  }

  static Stream<Case> products() {
    return Stream.of(
        row("MatMul", 1, n -> n.node("MatMul", List.of("x", n.weights(16, 24)))),
        new Case(
            "MatMul of a vector",
            new long[] {16},
            0,
            n -> n.node("MatMul", List.of("x", n.weights(16, 24)))),
        row("MatMul with a vector", 0, n -> n.node("MatMul", List.of("x", n.weights(16)))),
        new Case(
            "MatMul of a batch",
            new long[] {2, 3, 5, 16},
            1,
            n -> n.node("MatMul", List.of("x", n.weights(16, 24)))),
        new Case(
            "MatMul with a batch of constants",
            new long[] {3, 5, 16},
            0,
            n -> n.node("MatMul", List.of("x", n.weights(3, 16, 24)))),
        row("MatMul to one column", 1, n -> n.node("MatMul", List.of("x", n.weights(16, 1)))),
        row(
            "MatMul with itself",
            1,
            n -> n.node("MatMul", List.of("x", n.node("Transpose", List.of("x"))))),
        row("MatMul with what constants make", 0, n -> n.node("MatMul", List.of("x", fixed(n)))),
        row(
            "MatMul of what constants make",
            1,
            n ->
                n.node(
                    "MatMul",
                    List.of(
                        n.node("MatMul", List.of("x", n.weights(16, 16))),
                        n.node("MatMul", List.of(fixed(n), n.weights(16, 16)))))),
        gemm("plain", new long[] {5, 16}, new long[] {16, 24}),
        gemm(
            "of a transposed matrix",
            new long[] {16, 5},
            new long[] {16, 24},
            Attribute.of("transA", 1)),
        gemm(
            "with a transposed matrix",
            new long[] {5, 16},
            new long[] {24, 16},
            Attribute.of("transB", 1)),
        gemm(
            "scaled",
            new long[] {5, 16},
            new long[] {16, 24},
            Attribute.of("alpha", 0.5f),
            Attribute.of("beta", 2f)));
  }

  /** A random matrix times its transpose, at a size that folding leaves to the runtime. */
  private static String fixed(Nodes n) {
    String drawn = n.node("Softplus", List.of(n.weights(16, 16)));
    return n.node("Selu", List.of(drawn));
  }

  static Stream<Case> movements() {
    Attribute stride = Attribute.ofInts("strides", 2, 2);
    return Stream.of(
        between("MaxPool", kernel(), stride, Attribute.of("ceil_mode", 1)),
        between("MaxPool", kernel(), Attribute.ofInts("dilations", 2, 2)),
        between("MaxPool", kernel(), Attribute.ofInts("pads", 1, 1, 0, 0)),
        between("AveragePool", kernel(), pads(), Attribute.of("count_include_pad", 1)),
        between("AveragePool", kernel(), pads(), Attribute.of("ceil_mode", 1), stride),
        between("Transpose", Attribute.ofInts("perm", 0, 1, 3, 2)),
        between("Sigmoid"),
        between("HardSwish"),
        between("GlobalAveragePool"),
        pooled("GlobalAveragePool"),
        reduced("ReduceMean", 0),
        reduced("ReduceMean", 1),
        between("Softmax", Attribute.of("axis", 1)),
        between("LeakyRelu", Attribute.of("alpha", 0.1f)),
        image(
            "Clip",
            2,
            n ->
                n.conv(
                    n.node(
                        "Clip",
                        List.of(
                            n.conv("x"),
                            n.floats(new float[] {-0.5f}),
                            n.floats(new float[] {1}))))),
        image("Resize nearest", 2, n -> n.conv(resize(n, "nearest"))),
        image("Resize linear", 2, n -> n.conv(resize(n, "linear"))),
        image("Resize cubic", 2, n -> n.conv(resize(n, "cubic"))),
        image(
            "Slice",
            2,
            n -> n.conv(n.node("Slice", List.of(n.conv("x"), n.longs(1), n.longs(9), n.longs(2))))),
        image("Tile", 2, n -> n.conv(n.node("Tile", List.of(n.conv("x"), n.longs(1, 1, 2, 1))))),
        image(
            "Gather",
            2,
            n ->
                n.conv(
                    n.node(
                        "Gather",
                        List.of(n.conv("x"), n.longs(3, 1, 2)),
                        Attribute.of("axis", 3)))),
        image(
            "Reshape",
            2,
            n -> n.conv(n.node("Reshape", List.of(n.conv("x"), n.longs(1, 8, 6, 24))))),
        image("Split and Concat along rows", 3, n -> joined(n, 2)),
        image("Split and Concat along channels", 3, n -> joined(n, 1)),
        image("additions", 3, n -> n.conv(n.node("Add", List.of(n.conv("x"), n.conv("x"))))));
  }

  /** What convolutions of one pixel without a bias give for two images, as one pixel. */
  private static Case pooled(String operator) {
    return new Case(
        operator + " between convolutions without a bias",
        new long[] {2, 8, 9, 10},
        2,
        n -> {
          String pixels = n.node("Conv", List.of("x", n.weights(8, 8, 1, 1)));
          String pixel = n.node(operator, List.of(pixels));
          return n.node("Conv", List.of(pixel, n.weights(4, 8, 1, 1)));
        });
  }

  /** A product of five rows that are reduced to one, with or without its dimension. */
  private static Case reduced(String operator, int keep) {
    return new Case(
        operator + " between products, dimension kept " + keep,
        new long[] {2, 5, 16},
        2,
        n -> {
          String rows = n.node("MatMul", List.of("x", n.weights(16, 16)));
          String row =
              n.node(
                  operator,
                  List.of(rows),
                  Attribute.ofInts("axes", 1),
                  Attribute.of("keepdims", keep));
          return n.node("MatMul", List.of(row, n.weights(16, 24)));
        });
  }

  private static String resize(Nodes n, String mode) {
    return n.node(
        "Resize",
        List.of(n.conv("x"), "", n.floats(new float[] {1, 1, 2, 2}, 4)),
        Attribute.of("mode", mode));
  }

  private static String joined(Nodes n, int axis) {
    Attribute along = Attribute.of("axis", axis);
    List<String> parts = n.nodes("Split", 2, List.of(n.conv("x")), along);
    String both =
        n.node("Concat", List.of(parts.get(1), n.node("Relu", List.of(parts.get(0)))), along);
    return n.node("Add", List.of(n.conv(both), n.conv(n.node("Relu", List.of(both)))));
  }

  @ParameterizedTest
  @MethodSource({"convolutions", "products", "movements"})
  void integersGiveWhatTheModelGives(Case c) {
    Nodes nodes = new Nodes();
    String y = c.body().apply(nodes);
    long[] dims = c.dims().clone();
    OnnxModel model =
        OnnxModel.of(
            nodes
                .graph
                .input(TensorSpec.of("x", DataType.FLOAT32, dims))
                .output(TensorSpec.of(y, DataType.FLOAT32, "..."))
                .build(),
            17);
    Random random = new Random(9);
    List<Map<String, Tensor>> samples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float[] x = new float[Math.toIntExact(Arrays.stream(dims).reduce(1, (a, b) -> a * b))];
      for (int k = 0; k < x.length; k++) {
        x[k] = random.nextFloat() * 4 - 2;
      }
      samples.add(Map.of("x", Tensor.of(x, dims)));
    }
    Precision int8 = Precision.int8(Dataset.of(samples));
    Compiler compiler = Compiler.forTarget(TestLibrary.target()).precision(int8).build();
    ModelRewriter rewriter = compiler.rewriter(model);
    OnnxModel written = rewriter.rewrite(rewriter.plan());
    assertEquals(
        c.integers(),
        rewriter.outcome().values().stream()
            .filter(d -> d.precision() == NumericPrecision.INT8)
            .filter(d -> d.reason().startsWith("the precision"))
            .count());
    Compiler plain = Compiler.forTarget(TestLibrary.target()).build();
    try (CompiledModel expected = plain.compile(model);
        CompiledModel found = plain.compile(written);
        InferenceSession e = expected.newSession();
        InferenceSession f = found.newSession()) {
      Tensor right = e.run(samples.get(0)).get(y);
      Tensor given = f.run(samples.get(0)).get(y);
      assertArrayEquals(right.shape(), given.shape());
      assertTrue(Cosine.of(right.toDoubleArray(), given.toDoubleArray()) > CLOSE);
    }
  }
}
