package io.inferc.rewrite.quantize;

import io.inferc.onnx.Function;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the multiply-adds of a model's convolutions, matrix products and recurrent layers, those
 * inside of functions and of If, Loop and Scan nodes too.
 *
 * <p>The sizes are those that the model declares, with symbols at the sizes given. Where nothing is
 * declared, a layer counts as if it applied its weights once; the body of a loop and each branch of
 * an If count once.
 */
public final class MultiplyAdds {
  private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");
  private static final Set<String> INTEGERS =
      Set.of("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger");

  /** Operators whose first input has as many elements as their output. */
  private static final Set<String> SAME_SIZES =
      Set.of("Cast", "Identity", "DequantizeLinear", "QuantizeLinear");

  /**
   * One layer.
   *
   * @param node the node
   * @param count multiplications with their additions in one run, 0 if nothing is known of its size
   * @param quantized true if it computes in integers in this model
   * @param type the type it computes in, as far as the model tells
   */
  public record Layer(Node node, long count, boolean quantized, Optional<DataType> type) {}

  /** One graph and those around it. */
  private record Scope(@Nullable Graph graph, @Nullable Scope outer, Map<String, Node> producers) {
    static Scope of(@Nullable Graph graph, List<Node> nodes, @Nullable Scope outer) {
      Map<String, Node> producers = new HashMap<>();
      nodes.forEach(n -> n.outputs().forEach(o -> producers.put(o, n)));
      return new Scope(graph, outer, producers);
    }

    Optional<Node> producer(String tensor) {
      Node node = producers.get(tensor);
      return node != null || outer == null ? Optional.ofNullable(node) : outer.producer(tensor);
    }

    Optional<TensorSpec> declared(String tensor) {
      Optional<TensorSpec> here = graph == null ? Optional.empty() : graph.declared(tensor);
      return here.isPresent() || outer == null ? here : outer.declared(tensor);
    }
  }

  private final Map<String, Long> symbols;
  private final List<Layer> layers = new ArrayList<>();

  private MultiplyAdds(Map<String, Long> symbols) {
    this.symbols = symbols;
  }

  /**
   * Counts the multiply-adds of each layer.
   *
   * @param model the model
   * @param symbols sizes by symbol; what is not among them counts as 1
   * @return the layers in the order of the model, those of functions last
   */
  public static List<Layer> of(OnnxModel model, Map<String, Long> symbols) {
    MultiplyAdds counter = new MultiplyAdds(symbols);
    List<Node> nodes = model.graph().nodes();
    counter.collect(nodes, Scope.of(model.graph(), nodes, null));
    for (Function function : model.functions()) {
      counter.collect(function.nodes(), Scope.of(null, function.nodes(), null));
    }
    return List.copyOf(counter.layers);
  }

  private void collect(List<Node> nodes, Scope scope) {
    for (Node node : nodes) {
      if (isLayer(node)) {
        layers.add(
            new Layer(node, count(node, scope), isQuantized(node, scope), type(node, scope)));
      }
      for (Graph body : node.subgraphs()) {
        collect(body.nodes(), Scope.of(body, body.nodes(), scope));
      }
    }
  }

  private static boolean isLayer(Node node) {
    return MatrixLayer.is(node)
        || (node.domain().isEmpty()
            && (RECURRENT.contains(node.opType()) || INTEGERS.contains(node.opType())));
  }

  private static boolean isQuantized(Node node, Scope scope) {
    return INTEGERS.contains(node.opType())
        || node.input(0)
            .flatMap(scope::producer)
            .filter(n -> n.opType().equals("DequantizeLinear"))
            .isPresent();
  }

  private static Optional<DataType> type(Node node, Scope scope) {
    return Stream.concat(node.outputs().stream(), node.inputs().stream())
        .flatMap(t -> type(t, scope).stream())
        .findFirst();
  }

  private static Optional<DataType> type(String tensor, Scope scope) {
    Optional<DataType> declared = scope.declared(tensor).map(TensorSpec::type);
    if (declared.isPresent()) {
      return declared;
    }
    Optional<Node> producer = scope.producer(tensor);
    return producer
        .flatMap(Constants::value)
        .map(Initializer::type)
        .or(
            () ->
                producer
                    .filter(n -> n.opType().equals("Cast"))
                    .flatMap(n -> n.attribute("to"))
                    .flatMap(a -> DataType.fromOnnxCode(Math.toIntExact(a.asInt()))));
  }

  private long count(Node node, Scope scope) {
    return switch (node.opType()) {
      case "Conv", "ConvInteger" -> convolution(sizes(node, 1, scope), result(node, scope));
      case "QLinearConv" -> convolution(sizes(node, 3, scope), result(node, scope));
      // Each element of the input meets all weights of its channel.
      case "ConvTranspose" -> convolution(sizes(node, 1, scope), sizes(node, 0, scope));
      case "QLinearMatMul" -> product(sizes(node, 0, scope), sizes(node, 3, scope), node, scope);
      case "Gemm", "MatMul", "MatMulInteger" ->
          product(sizes(node, 0, scope), sizes(node, 1, scope), node, scope);
      default -> recurrent(node, scope);
    };
  }

  private static long convolution(long @Nullable [] weights, long @Nullable [] activation) {
    if (weights == null) {
      return 0;
    }
    if (activation == null || activation.length <= 2 || activation[1] == 0) {
      return elements(weights);
    }
    return elements(weights) * (elements(activation) / activation[1]);
  }

  private long product(long @Nullable [] a, long @Nullable [] b, Node node, Scope scope) {
    long[] result = result(node, scope);
    long summed = 0;
    if (b != null && b.length > 0) {
      boolean last = b.length == 1 || node.intAttribute("transB", 0) != 0;
      summed = b[last ? b.length - 1 : b.length - 2];
    } else if (a != null && a.length > 0) {
      boolean first = a.length > 1 && node.intAttribute("transA", 0) != 0;
      summed = a[first ? a.length - 2 : a.length - 1];
    }
    if (result != null && summed > 0) {
      return elements(result) * summed;
    }
    return b == null ? 0 : elements(b);
  }

  private long recurrent(Node node, Scope scope) {
    long[] input = sizes(node, 0, scope);
    long[] forInput = sizes(node, 1, scope);
    long[] forState = sizes(node, 2, scope);
    if (forInput == null || forState == null) {
      return 0;
    }
    long steps = input != null && input.length == 3 ? input[0] * input[1] : 1;
    return steps * (elements(forInput) + elements(forState));
  }

  private long @Nullable [] result(Node node, Scope scope) {
    return node.outputs().isEmpty() ? null : sizes(node.outputs().get(0), scope);
  }

  private long @Nullable [] sizes(Node node, int input, Scope scope) {
    Optional<String> tensor = node.input(input);
    return tensor.isEmpty() ? null : sizes(tensor.get(), scope);
  }

  /** The sizes of a tensor, or null where its rank is not known. */
  private long @Nullable [] sizes(String tensor, Scope scope) {
    Optional<List<Dimension>> declared =
        scope.declared(tensor).map(TensorSpec::shape).flatMap(TensorShape::dimensions);
    if (declared.isPresent()) {
      return declared.get().stream().mapToLong(this::size).toArray();
    }
    Optional<Node> producer = scope.producer(tensor);
    Optional<Initializer> constant = producer.flatMap(Constants::value);
    if (constant.isPresent()) {
      return constant.get().dims();
    }
    boolean same = producer.filter(n -> SAME_SIZES.contains(n.opType())).isPresent();
    return same ? sizes(producer.orElseThrow(), 0, scope) : null;
  }

  private long size(Dimension dimension) {
    return dimension
        .size()
        .orElseGet(() -> dimension.symbol().map(s -> symbols.getOrDefault(s, 1L)).orElse(1L));
  }

  private static long elements(long[] sizes) {
    long product = 1;
    for (long size : sizes) {
      product *= size;
    }
    return product;
  }
}
