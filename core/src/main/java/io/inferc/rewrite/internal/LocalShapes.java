package io.inferc.rewrite.internal;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the nodes just before a tensor tell of its shape, where a model declares none: enough to see
 * whether a pattern's constants can be broadcast over it without changing its shape.
 */
public final class LocalShapes {
  /** Operators whose result has the shape that their inputs are broadcast to. */
  private static final Set<String> ELEMENTWISE =
      Set.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Where", "PRelu");

  /** Operators whose result has the shape of their first input. */
  private static final Set<String> SHAPE_KEEPING =
      Set.of(
          "Abs",
          "BatchNormalization",
          "Cast",
          "Clip",
          "Dropout",
          "Elu",
          "Erf",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "InstanceNormalization",
          "LayerNormalization",
          "LeakyRelu",
          "Neg",
          "Relu",
          "Sigmoid",
          "Softmax",
          "Softplus",
          "Sqrt",
          "Tanh");

  private static final Set<String> OF_IMAGES =
      Set.of(
          "Conv",
          "ConvTranspose",
          "MaxPool",
          "AveragePool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "DepthToSpace",
          "SpaceToDepth");

  /** How many nodes are followed back. */
  private static final int DEPTH = 10;

  private final GraphView view;

  LocalShapes(GraphView view) {
    this.view = view;
  }

  /** The number of dimensions that a tensor has at least. */
  public int leastRank(String tensor) {
    return leastRank(tensor, DEPTH);
  }

  private int leastRank(String tensor, int depth) {
    Optional<Integer> known =
        view.rank(tensor).or(() -> view.constant(tensor).map(c -> c.dims().length));
    if (known.isPresent()) {
      return known.get();
    }
    Node maker = standard(tensor, depth);
    if (maker == null) {
      return 0;
    }
    String operator = maker.opType();
    if (OF_IMAGES.contains(operator)) {
      return 3;
    }
    if (ELEMENTWISE.contains(operator)) {
      int rank = 0;
      for (String input : maker.inputs()) {
        rank = Math.max(rank, leastRank(input, depth - 1));
      }
      return rank;
    }
    if (SHAPE_KEEPING.contains(operator) || operator.equals("Transpose")) {
      return leastRank(maker.inputs().get(0), depth - 1);
    }
    return switch (operator) {
      case "Gemm", "Flatten" -> 2;
      case "Concat" -> 1;
      case "Reshape" -> view.constant(maker, 1).map(s -> (int) s.elementCount()).orElse(0);
      case "MatMul" -> {
        // A vector on one side takes a dimension from the other.
        int left = leastRank(maker.inputs().get(0), depth - 1);
        int right = leastRank(maker.inputs().get(1), depth - 1);
        yield Math.min(left, right) >= 2
            ? Math.max(left, right)
            : Math.max(0, Math.max(left, right) - 1);
      }
      default -> 0;
    };
  }

  /** The size of a tensor's last dimension. */
  OptionalLong lastDimension(String tensor) {
    return lastDimension(tensor, DEPTH);
  }

  private OptionalLong lastDimension(String tensor, int depth) {
    Optional<Long> declared = view.lastDimension(tensor);
    if (declared.isPresent()) {
      return OptionalLong.of(declared.get());
    }
    Optional<Initializer> constant = view.constant(tensor);
    if (constant.isPresent()) {
      return last(constant.get());
    }
    Node maker = standard(tensor, depth);
    if (maker == null) {
      return OptionalLong.empty();
    }
    String operator = maker.opType();
    if (ELEMENTWISE.contains(operator)) {
      for (String input : maker.inputs()) {
        // What is broadcast has a size of one; all others agree.
        OptionalLong size = lastDimension(input, depth - 1);
        if (size.orElse(1) != 1) {
          return size;
        }
      }
      return OptionalLong.empty();
    }
    if (SHAPE_KEEPING.contains(operator)) {
      return lastDimension(maker.inputs().get(0), depth - 1);
    }
    return switch (operator) {
      case "MatMul" ->
          view.constant(maker, 1)
              .filter(w -> w.dims().length >= 2)
              .map(LocalShapes::last)
              .orElse(OptionalLong.empty());
      case "Gemm" ->
          view.constant(maker, 1)
              .map(w -> OptionalLong.of(w.dims()[maker.intAttribute("transB", 0) != 0 ? 0 : 1]))
              .orElse(OptionalLong.empty());
      case "Gather" ->
          view.constant(maker, 0)
              .filter(t -> t.dims().length >= 2 && maker.intAttribute("axis", 0) == 0)
              .map(LocalShapes::last)
              .orElse(OptionalLong.empty());
      case "Reshape" -> {
        Optional<long[]> shape = view.longs(maker, 1);
        int rank = shape.map(s -> s.length).orElse(0);
        yield rank > 0 && shape.get()[rank - 1] > 0
            ? OptionalLong.of(shape.get()[rank - 1])
            : OptionalLong.empty();
      }
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong last(Initializer constant) {
    long[] dims = constant.dims();
    return dims.length == 0 ? OptionalLong.empty() : OptionalLong.of(dims[dims.length - 1]);
  }

  private @Nullable Node standard(String tensor, int depth) {
    return depth == 0
        ? null
        : view.editor().producer(tensor).filter(n -> n.domain().isEmpty()).orElse(null);
  }
}
