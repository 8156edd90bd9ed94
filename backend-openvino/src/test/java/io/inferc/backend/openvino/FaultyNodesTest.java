package io.inferc.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.common.InfercException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What OpenVINO computes wrongly is refused with a reason, and what is like it is still right. */
class FaultyNodesTest {
  private record Case(String name, OnnxModel model, long[] dims, String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void load() {
    TestLibrary.require();
  }

  private static Case of(
      String reason, int opset, long[] dims, Node.Builder node, Initializer... constants) {
    return of(reason, opset, TensorSpec.of("x", DataType.FLOAT32, dims), dims, node, constants);
  }

  private static Case of(
      String reason,
      int opset,
      TensorSpec input,
      long[] dims,
      Node.Builder node,
      Initializer... constants) {
    GraphBuilder graph = Graph.builder("faulty").input(input);
    Stream.of(constants).forEach(graph::initializer);
    Node built = node.name("suspect").outputs("y").build();
    OnnxModel model = OnnxModel.of(graph.node(built).output(ValueInfo.untyped("y")).build(), opset);
    return new Case(opset + " " + built + " of " + input.shape(), model, dims, reason);
  }

  private static Node.Builder pool(String type, long[] pads, long kernel, Attribute... more) {
    return with(
        Node.builder(type)
            .inputs("x")
            .attribute(Attribute.ofInts("kernel_shape", kernel, kernel))
            .attribute(Attribute.ofInts("strides", 2, 2))
            .attribute(Attribute.ofInts("pads", pads)),
        more);
  }

  private static Node.Builder with(Node.Builder node, Attribute... attributes) {
    Stream.of(attributes).forEach(node::attribute);
    return node;
  }

  private static Node.Builder resize(String mode, Attribute... more) {
    return with(
        Node.builder("Resize").inputs("x", "", "", "sizes").attribute(Attribute.of("mode", mode)),
        more);
  }

  private static Node.Builder reduction(String type, long... axes) {
    return Node.builder(type).inputs("x").attribute(Attribute.ofInts("axes", axes));
  }

  private static final long[] IMAGE = {1, 3, 8, 7};
  private static final Attribute CEIL = Attribute.of("ceil_mode", 1);
  private static final Attribute COUNTS = Attribute.of("count_include_pad", 1);
  private static final Initializer SIZES = Initializer.longs("sizes", new long[] {1, 3, 4, 5}, 4);
  private static final TensorSpec ANY_IMAGE = TensorSpec.of("x", DataType.FLOAT32, "1, 3, h, w");

  private static Node.Builder transform(String axis, Attribute... more) {
    Node.Builder node = Node.builder("DFT");
    return with(axis.isEmpty() ? node.inputs("x") : node.inputs("x", "", axis), more);
  }

  private static Initializer axis(long value) {
    return Initializer.longs("axis", new long[] {value});
  }

  private static Node.Builder lstm(String... more) {
    List<String> inputs = new ArrayList<>(List.of("x", "w", "r", "b"));
    inputs.addAll(List.of(more));
    return Node.builder("LSTM")
        .inputs(inputs.toArray(String[]::new))
        .attribute(Attribute.of("hidden_size", 2));
  }

  private static Initializer[] recurrent() {
    return new Initializer[] {
      weights("w", 1, 8, 3), weights("r", 1, 8, 2), weights("b", 1, 16), weights("p", 1, 6)
    };
  }

  private static Initializer weights(String name, long... dims) {
    return Initializer.floats(name, values(name.hashCode(), dims), dims);
  }

  private static float[] values(long seed, long... dims) {
    Random random = new Random(seed);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  static Stream<Case> wrong() {
    long[] signal = {1, 6, 5, 2};
    return Stream.of(
        of(
            "count_include_pad",
            18,
            IMAGE,
            pool("AveragePool", new long[] {1, 1, 1, 1}, 3, CEIL, COUNTS)),
        of(
            "count_include_pad",
            18,
            ANY_IMAGE,
            IMAGE,
            pool("AveragePool", new long[] {0, 0, 1, 1}, 3, CEIL, COUNTS)),
        of("begin beyond", 18, IMAGE, pool("MaxPool", new long[4], 1, CEIL)),
        of("begin beyond", 18, ANY_IMAGE, IMAGE, pool("MaxPool", new long[] {1, 1, 1, 1}, 2, CEIL)),
        of("antialias", 18, IMAGE, resize("linear", Attribute.of("antialias", 1)), SIZES),
        of(
            "keep_aspect_ratio_policy",
            18,
            IMAGE,
            resize("linear", Attribute.of("keep_aspect_ratio_policy", "not_larger")),
            SIZES),
        of(
            "exclude_outside",
            13,
            IMAGE,
            resize("cubic", Attribute.of("exclude_outside", 1)),
            SIZES),
        of("'axes'", 13, IMAGE, reduction("ReduceL1", 1)),
        of("'axes'", 17, IMAGE, reduction("ReduceLogSum", 2)),
        of("opset 18", 15, IMAGE, reduction("ReduceLogSumExp", -1)),
        of("empty", 13, new long[] {2, 0, 4}, reduction("ReduceMax", 1)),
        of(
            "onesided",
            17,
            signal,
            transform("", Attribute.of("axis", 1), Attribute.of("onesided", 1))),
        of("'axis' is -2", 17, signal, transform("", Attribute.of("axis", -2))),
        of("'axis' is overlooked", 20, signal, transform("axis"), axis(2)),
        of("'axis' is overlooked", 20, signal, transform("")),
        of(
            "layout",
            14,
            new long[] {2, 4, 3},
            lstm().attribute(Attribute.of("layout", 1)),
            recurrent()),
        of("input 'p'", 14, new long[] {4, 2, 3}, lstm("", "", "", "p"), recurrent()));
  }

  static Stream<Case> right() {
    long[] signal = {1, 6, 5, 2};
    return Stream.of(
        of(
            "",
            18,
            new long[] {1, 3, 7, 9},
            pool("AveragePool", new long[] {1, 1, 1, 1}, 3, CEIL, COUNTS)),
        of("", 18, IMAGE, pool("AveragePool", new long[] {1, 1, 1, 1}, 3, COUNTS)),
        of("", 18, ANY_IMAGE, IMAGE, pool("AveragePool", new long[] {1, 1, 1, 1}, 3, CEIL)),
        of("", 18, ANY_IMAGE, IMAGE, pool("MaxPool", new long[] {1, 1, 1, 1}, 3, CEIL)),
        of("", 18, new long[] {1, 3, 7, 7}, pool("MaxPool", new long[4], 1, CEIL)),
        of("", 18, IMAGE, resize("linear"), SIZES),
        of("", 13, IMAGE, resize("cubic"), SIZES),
        of("", 11, IMAGE, reduction("ReduceL1", 1)),
        of(
            "",
            18,
            IMAGE,
            Node.builder("ReduceL1").inputs("x", "axis"),
            Initializer.longs("axis", new long[] {1}, 1)),
        of("", 17, signal, transform("", Attribute.of("axis", 2))),
        of("", 20, signal, transform("axis"), axis(1)),
        of("", 20, new long[] {2, 6, 2}, transform("")),
        of("", 14, new long[] {4, 2, 3}, lstm(), recurrent()));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsComputedWronglyIsRefused(Case tried) {
    Compiler compiler = Compiler.forTarget(TestLibrary.target()).build();
    InfercException e = assertThrows(InfercException.class, () -> compiler.compile(tried.model()));
    assertTrue(e.problem().contains("node 'suspect' ("), e.problem());
    assertTrue(e.problem().contains("would return wrong numbers"), e.problem());
    assertTrue(e.problem().contains(tried.reason()), e.problem());
  }

  @ParameterizedTest
  @MethodSource("right")
  void whatIsLikeItIsComputedRightly(Case tried) {
    Tensor x = Tensor.of(values(7, tried.dims()), tried.dims());
    Tensor expected = run(tried.model(), Target.onnxRuntime(), x);
    Tensor found = run(tried.model(), TestLibrary.target(), x);
    assertArrayEquals(expected.shape(), found.shape());
    assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), 1e-3f);
  }

  private static Tensor run(OnnxModel model, Target target, Tensor x) {
    Compiler compiler = Compiler.forTarget(target).sessions(1).build();
    try (CompiledModel compiled = compiler.compile(model);
        Outputs outputs = compiled.run(Map.of("x", x))) {
      return outputs.get("y").copy();
    }
  }

  static Stream<Case> unlikeOthers() {
    TensorSpec repeats = TensorSpec.of("r", DataType.INT64, 4);
    OnnxModel repeated =
        OnnxModel.of(
            Graph.builder("tile")
                .input(TensorSpec.of("x", DataType.FLOAT32, IMAGE))
                .input(repeats)
                .node(Node.builder("Tile").name("suspect").inputs("x", "r").outputs("y").build())
                .output(ValueInfo.untyped("y"))
                .build(),
            13);
    OnnxModel bytes =
        OnnxModel.of(
            Graph.builder("div")
                .input(TensorSpec.of("x", DataType.INT8, "n"))
                .input(TensorSpec.of("z", DataType.INT8, "n"))
                .node(Node.builder("Div").name("suspect").inputs("x", "z").outputs("y").build())
                .output(ValueInfo.untyped("y"))
                .build(),
            14);
    OnnxModel causal =
        OnnxModel.of(
            Graph.builder("attention")
                .input(TensorSpec.of("x", DataType.FLOAT32, 1, 2, 3, 4))
                .input(TensorSpec.of("p", DataType.FLOAT32, 1, 2, 5, 4))
                .node(
                    Node.builder("Attention")
                        .name("suspect")
                        .inputs("x", "x", "x", "", "p", "p")
                        .outputs("y")
                        .attribute(Attribute.of("is_causal", 1))
                        .build())
                .output(ValueInfo.untyped("y"))
                .build(),
            23);
    return Stream.of(
        new Case("Tile", repeated, IMAGE, "repeats"),
        new Case("Div", bytes, IMAGE, "bytes"),
        new Case("Attention", causal, IMAGE, "is_causal"));
  }

  @ParameterizedTest
  @MethodSource("unlikeOthers")
  void whatIsWrongWithSeveralInputsIsRefusedToo(Case tried) {
    whatIsComputedWronglyIsRefused(tried);
  }
}
