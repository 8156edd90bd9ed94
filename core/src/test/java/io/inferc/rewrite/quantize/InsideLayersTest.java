package io.inferc.rewrite.quantize;

import static io.inferc.testing.TestGraphs.node;
import static io.inferc.testing.TestGraphs.weights;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.internal.proto.FunctionProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.OperatorSetIdProto;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.half.HalfChecks;
import io.inferc.rewrite.half.HalfPrecision;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Layers in the bodies of If and Loop and in functions, beside layers of the main graph that share
 * their weights and read and make their tensors: those in bodies get dynamic scales, functions are
 * left alone with a note, no weights are there twice, and the model computes the same.
 */
class InsideLayersTest {
  private static final int WIDTH = 16;
  private static final String SHAPE = "rows, " + WIDTH;

  /** Where the layer {@code inner} is, behind {@code first} and before {@code last}. */
  enum Place {
    IF {
      @Override
      OnnxModel model() {
        return around(
            g ->
                g.initializer(Initializer.longs("yes", DataType.BOOL, new long[] {1}))
                    .node(
                        node(
                            "middle",
                            "If",
                            List.of("yes"),
                            Attribute.of("then_branch", branch("inner")),
                            Attribute.of("else_branch", branch("other")))));
      }
    },
    LOOP {
      @Override
      OnnxModel model() {
        Graph body =
            Graph.builder("body")
                .input(TensorSpec.of("i", DataType.INT64, ""))
                .input(TensorSpec.of("on", DataType.BOOL, ""))
                .input(TensorSpec.of("carried", DataType.FLOAT32, SHAPE))
                .node(node("go", "Identity", List.of("on")))
                .node(node("inner", "MatMul", List.of("carried", "shared")))
                .node(node("inner_sum", "Add", List.of("inner", "first")))
                .node(node("inner_end", "Tanh", List.of("inner_sum")))
                .output(TensorSpec.of("go", DataType.BOOL, ""))
                .output(TensorSpec.of("inner_end", DataType.FLOAT32, SHAPE))
                .build();
        return around(
            g ->
                g.initializer(Initializer.longs("turns", new long[] {2}))
                    .node(
                        node(
                            "middle",
                            "Loop",
                            List.of("turns", "", "first"),
                            Attribute.of("body", body))));
      }
    },
    FUNCTION {
      @Override
      OnnxModel model() {
        OnnxModel calling =
            around(
                    g ->
                        g.node(
                            Node.builder("Dense")
                                .domain("com.example")
                                .name("middle")
                                .inputs("first", "shared")
                                .outputs("middle")
                                .build()))
                .withOpset("com.example", 1);
        Graph body =
            Graph.builder("body")
                .input(TensorSpec.of("a", DataType.FLOAT32, SHAPE))
                .input(TensorSpec.of("b", DataType.FLOAT32, WIDTH, WIDTH))
                .node(node("inner", "MatMul", List.of("a", "b")))
                .node(node("inner_end", "Tanh", List.of("inner")))
                .output(TensorSpec.of("inner_end", DataType.FLOAT32, SHAPE))
                .build();
        FunctionProto function =
            FunctionProto.newBuilder()
                .setDomain("com.example")
                .setName("Dense")
                .addInput("a")
                .addInput("b")
                .addOutput("inner_end")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .addAllNode(proto(OnnxModel.of(body, 17)).getGraph().getNodeList())
                .build();
        return OnnxModel.read(
            proto(calling).toBuilder().addFunctions(function).build().toByteArray());
      }
    };

    abstract OnnxModel model();
  }

  /** Two layers of the main graph; the first shares its matrix with what stands between. */
  private static OnnxModel around(UnaryOperator<GraphBuilder> middle) {
    GraphBuilder graph =
        Graph.builder("around")
            .input(TensorSpec.of("x", DataType.FLOAT32, SHAPE))
            .initializer(small("shared"))
            .initializer(small("alone"))
            .node(
                Node.builder("Constant")
                    .name("held_node")
                    .outputs("held")
                    .attribute(Attribute.of("value", small("held").withName("")))
                    .build())
            .node(node("first", "MatMul", List.of("x", "shared")));
    return OnnxModel.of(
        middle
            .apply(graph)
            .node(node("last", "MatMul", List.of("middle", "alone")))
            .output(TensorSpec.of("last", DataType.FLOAT32, SHAPE))
            .build(),
        17);
  }

  /** Reads a matrix of its own, and a tensor and both constants of the outer graph. */
  private static Graph branch(String name) {
    return Graph.builder(name + "_branch")
        .initializer(small(name + "_own"))
        .node(node(name, "MatMul", List.of("first", "shared")))
        .node(node(name + "_held", "MatMul", List.of(name, "held")))
        .node(node(name + "_end", "MatMul", List.of(name + "_held", name + "_own")))
        .output(TensorSpec.of(name + "_end", DataType.FLOAT32, SHAPE))
        .build();
  }

  private static Initializer small(String name) {
    float[] values = weights(name, WIDTH, WIDTH).floats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= (float) Math.sqrt(WIDTH);
    }
    return Initializer.floats(name, values, WIDTH, WIDTH);
  }

  private static ModelProto proto(OnnxModel model) {
    try {
      return ModelProto.parseFrom(model.toBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void staticScalesAreWrittenAroundThem(Place place) {
    for (QuantizationDialect dialect : List.of(QuantizationCases.CPU, QuantizationCases.GPU)) {
      PassFixture fixture =
          quantized(
              place,
              dialect,
              NumericPrecision.INT8,
              (model, plan) ->
                  new StaticQuantization(QuantizationCases.calibrate(model, 1), dialect, plan));
      assertTrue(QuantizationCases.count(fixture.after(), "QuantizeLinear") >= 1, dialect::name);
    }
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void dynamicScalesAreWrittenAroundThem(Place place) {
    PassFixture fixture =
        quantized(
            place,
            QuantizationCases.THIS_CPU,
            NumericPrecision.INT8_DYNAMIC,
            (model, plan) -> new DynamicQuantization(QuantizationCases.THIS_CPU, plan));
    assertEquals(
        place == Place.FUNCTION ? 1 : 2,
        QuantizationCases.count(fixture.after(), "MatMulInteger"),
        "in the main graph");
    List<String> inside =
        InnerGraphs.nodes(fixture.after()).stream()
            .filter(n -> n.opType().equals("MatMulInteger"))
            .map(Node::name)
            .toList();
    assertEquals(
        switch (place) {
          case IF ->
              List.of("inner", "inner_held", "inner_end", "other", "other_held", "other_end");
          case LOOP -> List.of("inner");
          case FUNCTION -> List.of();
        },
        inside);
    assertTrue(
        fixture.after().toBytes().length < place.model().toBytes().length + 64 * 1024,
        "the weights of each body are there once");
  }

  @ParameterizedTest
  @EnumSource(Place.class)
  void halfPrecisionStopsBeforeTheNodeThatHoldsThem(Place place) {
    OnnxModel model = place.model();
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().build())
            .model(model)
            .checkChanged()
            .checkIdempotent()
            .checkValid()
            .checkNote("middle", RewriteNote.Kind.LEFT_ALONE, "");
    assertEquals(inside(model), inside(fixture.after()));
    HalfChecks.requireAlike(model, fixture.after(), 3, 0.01);
  }

  /** Quantizes all that can be, and checks what holds for every place. */
  private static PassFixture quantized(
      Place place,
      QuantizationDialect dialect,
      NumericPrecision precision,
      BiFunction<OnnxModel, LayerPlan, GraphPass> pass) {
    OnnxModel model = place.model();
    boolean dynamic = precision == NumericPrecision.INT8_DYNAMIC;
    LayerPlan plan = QuantizationCases.all(model, dialect, precision);
    PassFixture fixture =
        PassFixture.of(pass.apply(model, plan))
            .model(model)
            .checkNote("last", RewriteNote.Kind.CHANGED, "INT8")
            .checkChanged()
            .checkIdempotent()
            .checkValid();
    if (dynamic && place != Place.FUNCTION) {
      fixture
          .checkNote("first", RewriteNote.Kind.CHANGED, "INT8")
          .checkNote("inner", RewriteNote.Kind.CHANGED, "INT8");
    } else {
      // What is inside reads its weights too, or calls the function with them.
      fixture
          .checkNote("first", RewriteNote.Kind.LEFT_ALONE, "read in floating point by")
          .checkNote("inner", RewriteNote.Kind.LEFT_ALONE, "it is inside a");
      assertEquals(inside(model), inside(fixture.after()), place::name);
    }
    double sqnr =
        QuantizationCases.sqnr(model, fixture.after(), RandomNetworks.inputs(model.graph(), 1));
    assertTrue(sqnr > 25, () -> place + " for " + dialect.name() + ": " + sqnr + " dB");
    return fixture;
  }

  /** What the layers inside are, and the weights that they read. */
  private static Set<String> inside(OnnxModel model) {
    return QuantizableLayers.inside(model).stream()
        .map(n -> n.name() + " by " + n.inputs().get(1))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
