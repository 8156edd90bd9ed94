package io.inferc.backend.onnxruntime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.Compiler;
import io.inferc.Precision;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * The layout of MatMulNBits' integers, scales and zero points, by what ONNX Runtime computes of
 * them: the product with the weights that they stand for.
 */
class MatMulNBitsProperties {
  private static final double AS_THEY_ARE = 1e-5;
  private static final double ROUNDED = 0.02;

  /** What the integers of a written node stand for, {@code [N][K]}, read by the specification. */
  private static float[][] weights(OnnxModel model, Node node) {
    Graph graph = model.graph();
    int inner = (int) node.intAttribute("K", 0);
    int outer = (int) node.intAttribute("N", 0);
    int bits = (int) node.intAttribute("bits", 0);
    int block = (int) node.intAttribute("block_size", 0);
    int blocks = (inner + block - 1) / block;
    ByteBuffer values = graph.initializer(node.inputs().get(1)).orElseThrow().bytes();
    float[] scales = scales(graph, node.inputs().get(2));
    Optional<ByteBuffer> zeros = node.input(3).map(z -> graph.initializer(z).orElseThrow().bytes());
    int zeroRow = (blocks * bits + 7) / 8;
    float[][] weights = new float[outer][inner];
    for (int n = 0; n < outer; n++) {
      for (int k = 0; k < inner; k++) {
        int b = k / block;
        int level = level(values, bits, n * blocks * block + k);
        int zero =
            zeros.isEmpty()
                ? 1 << (bits - 1)
                : level(zeros.get(), bits, n * zeroRow * 8 / bits + b);
        weights[n][k] = (level - zero) * scales[n * blocks + b];
      }
    }
    return weights;
  }

  private static float[] scales(Graph graph, String tensor) {
    Optional<Initializer> constant = graph.initializer(tensor);
    if (constant.isPresent()) {
      return constant.get().floats();
    }
    Node cast =
        graph.nodes().stream().filter(n -> n.outputs().contains(tensor)).findFirst().orElseThrow();
    return graph.initializer(cast.inputs().get(0)).orElseThrow().floats();
  }

  private static int level(ByteBuffer bytes, int bits, int at) {
    int first = bytes.position();
    return bits == 8
        ? bytes.get(first + at) & 0xff
        : bytes.get(first + at / 2) >> (at % 2 * 4) & 0xf;
  }

  private static OnnxModel product(long seed, int inner, int outer) {
    Random random = new Random(seed);
    float[] weights = new float[inner * outer];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian() + 0.3f;
    }
    return OnnxModel.of(
        Graph.builder("g")
            .input(TensorSpec.of("x", DataType.FLOAT32, "rows, " + inner))
            .output(TensorSpec.of("y", DataType.FLOAT32, "rows, " + outer))
            .initializer(Initializer.floats("w", weights, inner, outer))
            .node(Node.builder("MatMul").name("p").inputs("x", "w").outputs("y").build())
            .build(),
        17);
  }

  private static double error(OnnxModel model, Node node, long seed, int rows) {
    float[][] weights = weights(model, node);
    int inner = weights[0].length;
    Random random = new Random(seed + 1);
    float[] x = new float[rows * inner];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() * 2 - 1;
    }
    Compiler compiler = Compiler.forTarget(Target.onnxRuntime()).build();
    double wrong = 0;
    double squares = 0;
    try (CompiledModel compiled = compiler.compile(model)) {
      float[] y = compiled.run(Map.of("x", Tensor.of(x, rows, inner))).get("y").toFloatArray();
      for (int m = 0; m < rows; m++) {
        for (int n = 0; n < weights.length; n++) {
          double sum = 0;
          for (int k = 0; k < inner; k++) {
            sum += (double) x[m * inner + k] * weights[n][k];
          }
          double lost = sum - y[m * weights.length + n];
          wrong += lost * lost;
          squares += sum * sum;
        }
      }
    }
    return Math.sqrt(wrong / squares);
  }

  private static Node withLevel(Node node, int level) {
    return node.toBuilder().attribute(io.inferc.onnx.Attribute.of("accuracy_level", level)).build();
  }

  @Property(tries = 60)
  void theResultIsTheProductWithTheWeightsThatTheIntegersStandFor(
      @ForAll long seed,
      @ForAll @IntRange(min = 9, max = 200) int inner,
      @ForAll @IntRange(min = 1, max = 40) int outer,
      @ForAll @IntRange(min = 4, max = 8) int blockBits,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll boolean eight,
      @ForAll boolean zeros) {
    WeightQuantization how =
        WeightQuantization.bits(eight ? 8 : 4)
            .withBlock(1 << blockBits)
            .withZeroPoints(zeros)
            .withFloatActivations(true);
    var rewriter =
        Compiler.forTarget(Target.onnxRuntime())
            .precision(Precision.weights(how))
            .build()
            .rewriter(product(seed, inner, outer));
    OnnxModel model = rewriter.rewrite(rewriter.plan());
    Optional<Node> written =
        model.graph().nodes().stream().filter(n -> n.opType().equals("MatMulNBits")).findFirst();
    if (written.isEmpty()) {
      // A block that is far longer than a row takes more than the row itself.
      assertTrue(inner < 32, "left alone at " + inner);
      return;
    }
    for (int level : List.of(0, 1, 4)) {
      Node node = withLevel(written.get(), level);
      OnnxModel same = model.withGraph(model.graph().edit().replace(written.get(), node).build());
      double error = error(same, node, seed, rows);
      assertTrue(
          error < (level == 4 ? ROUNDED : AS_THEY_ARE),
          () -> "wrong by " + error + " at accuracy level " + level);
    }
  }
}
