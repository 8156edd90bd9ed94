package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphFacts;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.QuantizationDialect;
import io.inferc.spi.QuantizationDialect.BiasRule;
import io.inferc.spi.QuantizationDialect.OutputRule;
import io.inferc.spi.QuantizationDialect.ResidualRule;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Works out which tensors of a graph are quantized, for whom, and with whose range.
 *
 * <p>Forwards through the graph it finds what could be quantized: results of matrix layers in the
 * plan, and of operators all of whose inputs could be. Backwards it finds what is: inputs of matrix
 * layers, results that the dialect wants quantized, and what lies between.
 */
final class QuantizedRegions {
  private final GraphEditor graph;
  private final GraphFacts facts;
  private final Followers followers;
  private final MixedRanges mixed;
  private final List<Node> nodes;
  private final QuantizationDialect dialect;
  private final LayerPlan plan;
  private final ActivationRanges ranges;
  private final BiConsumer<Node, String> leftAlone;

  private final Map<Node, MatrixLayer> layers = new LinkedHashMap<>();
  private final Map<Node, String> results = new HashMap<>();
  private final List<Node> apart = new ArrayList<>();
  private final Set<String> absorbed = new HashSet<>();
  private final Set<String> available = new HashSet<>();
  private final Set<String> mandatory = new HashSet<>();
  private final Set<Node> possible = new HashSet<>();
  private final Set<Node> active = new LinkedHashSet<>();
  private final Map<String, Set<Node>> readers = new HashMap<>();
  private final Map<String, Set<Node>> quantized = new LinkedHashMap<>();
  private final Map<String, String> origins = new HashMap<>();
  private final Map<String, QuantizationParameters> parameters = new HashMap<>();

  /**
   * Creates the analysis of a graph; {@link #analyze()} runs it.
   *
   * @param graph the graph, not edited yet
   * @param facts what is known of its tensors
   * @param scores the tensors that are not clipped
   * @param nodes its nodes in order
   * @param ranges what calibration knows of a tensor
   * @param leftAlone takes the nodes in the plan that stay as they are, and why
   */
  QuantizedRegions(
      GraphEditor graph,
      GraphFacts facts,
      ScorePaths scores,
      List<Node> nodes,
      QuantizationDialect dialect,
      LayerPlan plan,
      Function<String, Optional<TensorRange>> ranges,
      BiConsumer<Node, String> leftAlone) {
    this.graph = graph;
    this.facts = facts;
    this.followers = new Followers(dialect.kernels(), facts);
    this.ranges = new ActivationRanges(graph, followers, scores, ranges);
    mixed = new MixedRanges(this.ranges::of, facts);
    this.nodes = nodes;
    this.dialect = dialect;
    this.plan = plan;
    this.leftAlone = leftAlone;
  }

  QuantizedRegions analyze() {
    for (Node node : nodes) {
      if (staysApart(node)) {
        apart.add(node);
      }
      forward(node);
    }
    List<Node> reversed = new ArrayList<>(nodes);
    Collections.reverse(reversed);
    for (Node node : reversed) {
      backward(node);
    }
    if (dialect.residualRule() == ResidualRule.SKIP_ONLY) {
      nodes.forEach(this::skipConnection);
    }
    // Worked out now, since the graph is edited while they are asked for.
    order();
    quantized.keySet().forEach(tensor -> origins.put(tensor, findOrigin(tensor)));
    Set<String> signed =
        ProductOperands.signed(dialect.kernels(), quantized, origins, layers, followers);
    for (String origin : origins.values()) {
      parameters.computeIfAbsent(origin, o -> findParameters(o, signed.contains(o)));
    }
    return this;
  }

  private boolean staysApart(Node node) {
    return dialect.outputRule() == OutputRule.QUANTIZED
        && !MatrixLayer.is(node)
        && !node.inputs().isEmpty()
        && facts.type(node.inputs().get(0)).filter(t -> t == DataType.FLOAT32).isPresent()
        && followers.refusal(node).isPresent();
  }

  private void forward(Node node) {
    boolean planned = plan.precision(node.name()) == NumericPrecision.INT8;
    if (MatrixLayer.is(node)) {
      if (planned) {
        layer(node);
      }
    } else if (followers.moves(node)) {
      transparent(node);
    } else if (planned && followers.is(node) && !isAbsorbed(node)) {
      try {
        follower(node);
      } catch (CannotQuantizeException e) {
        leftAlone.accept(node, e.note());
      }
    }
  }

  private void transparent(Node node) {
    String x = node.inputs().get(0);
    if (!available.contains(x)) {
      return;
    }
    try {
      requireKernel(node);
      reachable(node, mandatory.contains(x));
    } catch (CannotQuantizeException e) {
      leftAlone.accept(node, e.note());
    }
  }

  private void layer(Node node) {
    try {
      MatrixLayer.requireKernel(facts, node, dialect);
      MatrixLayer layer = MatrixLayer.of(graph, node, dialect);
      requireBias(layer);
      for (int i : layer.activations()) {
        ranges.require(node.inputs().get(i));
      }
      String result = result(layer.last());
      if (needsOutput(node)) {
        ranges.require(result);
        mandatory.add(result);
      }
      if (ranges.allow(result)) {
        available.add(result);
      }
      layers.put(node, layer);
      absorbed.add(layer.last().outputs().get(0));
      absorbed.add(result);
    } catch (CannotQuantizeException e) {
      leftAlone.accept(node, e.note());
    }
  }

  /** Products have integer kernels with floating-point results; convolutions have none. */
  private boolean needsOutput(Node node) {
    return dialect.outputRule() == OutputRule.QUANTIZED && node.opType().startsWith("Conv");
  }

  private void requireBias(MatrixLayer layer) {
    if (dialect.biasRule() != BiasRule.INT32 || layer.weights() == null) {
      return;
    }
    Node node = layer.node();
    if (layer.hasOddBias()) {
      throw new CannotQuantizeException("its bias is not one constant for each channel.");
    }
    if (node.opType().equals("Gemm")
        && (Preparation.number(node, "alpha", 1) != 1
            || (layer.bias() != null && Preparation.number(node, "beta", 1) != 1))) {
      throw new CannotQuantizeException("its product or bias is scaled.");
    }
  }

  private void requireKernel(Node node) {
    Optional<String> refusal = followers.refusal(node);
    if (refusal.isPresent()) {
      throw new CannotQuantizeException(refusal.get());
    }
  }

  private void follower(Node node) {
    requireKernel(node);
    boolean residual = node.opType().equals("Add") && dialect.residualRule() != ResidualRule.NONE;
    if (node.opType().equals("Add") && !residual) {
      throw new CannotQuantizeException(dialect.name() + " keeps additions.");
    }
    boolean all = true;
    int computed = 0;
    for (String operand : Followers.operands(node)) {
      Optional<Initializer> constant = Constants.floats(graph, operand);
      if (constant.isPresent() && constant.get().elementCount() > 0) {
        continue;
      }
      computed++;
      if (!available.contains(operand)) {
        throw new CannotQuantizeException("its input '" + operand + "' is not quantized.");
      }
      all &= mandatory.contains(operand);
    }
    if (computed == 0) {
      throw new CannotQuantizeException("its inputs are constant.");
    }
    ranges.require(result(node));
    mixed.require(node, Followers.operands(node), ranges.of(result(node)).orElseThrow());
    reachable(node, all && dialect.outputRule() == OutputRule.QUANTIZED);
  }

  /** Tells whether a node is computed with one before it, as its bias or activation function. */
  private boolean isAbsorbed(Node node) {
    return absorbed.contains(node.outputs().get(0));
  }

  private void reachable(Node node, boolean must) {
    possible.add(node);
    List<String> made = followers.isTransparent(node) ? node.outputs() : List.of(result(node));
    available.addAll(made);
    absorbed.addAll(made);
    if (must) {
      mandatory.addAll(made);
    }
    results.put(node, made.get(0));
  }

  private void backward(Node node) {
    MatrixLayer layer = layers.get(node);
    if (layer != null) {
      layer.activations().forEach(i -> read(node.inputs().get(i), node));
      return;
    }
    if (!possible.contains(node)) {
      return;
    }
    boolean transparent = followers.isTransparent(node);
    List<String> made = transparent ? node.outputs() : List.of(results.getOrDefault(node, ""));
    if (made.stream().anyMatch(t -> readers.containsKey(t) || mandatory.contains(t))) {
      active.add(node);
      if (dialect.outputRule() == OutputRule.QUANTIZED) {
        // Kernels of several outputs take all of them quantized or none.
        made.stream().filter(t -> !t.isEmpty()).forEach(mandatory::add);
      }
      for (String operand : transparent ? node.inputs().subList(0, 1) : Followers.operands(node)) {
        if (Constants.floats(graph, operand).isEmpty()) {
          read(operand, node);
        }
      }
    }
  }

  private void read(String tensor, Node reader) {
    readers.computeIfAbsent(tensor, t -> new LinkedHashSet<>()).add(reader);
  }

  /** Quantizes the other input of an addition to a convolution's result, if it is anyway. */
  private void skipConnection(Node node) {
    if (!node.opType().equals("Add") || !node.domain().isEmpty() || active.contains(node)) {
      return;
    }
    String main = node.inputs().get(0);
    String skip = node.inputs().get(1);
    if (!isConvolution(main)) {
      main = node.inputs().get(1);
      skip = node.inputs().get(0);
    }
    boolean quantized = readers.containsKey(skip) || available.contains(skip);
    if (isConvolution(main) && !skip.equals(main) && quantized && ranges.allow(skip)) {
      read(skip, node);
    }
  }

  private boolean isConvolution(String tensor) {
    Optional<Node> producer = graph.producer(tensor);
    return producer.isPresent()
        && producer.get().opType().startsWith("Conv")
        && layers.containsKey(producer.get())
        && MatrixLayer.soleReader(graph, tensor).isPresent();
  }

  /** The tensor to quantize of a node's: behind the only reader if that sets bounds. */
  private String result(Node node) {
    String output = node.outputs().get(0);
    return MatrixLayer.soleReader(graph, output)
        .filter(n -> Followers.isRectifier(graph, n))
        .filter(n -> n.inputs().get(0).equals(output))
        .map(n -> n.outputs().get(0))
        .orElse(output);
  }

  /** The matrix layers that are quantized, in order. */
  List<MatrixLayer> layers() {
    return List.copyOf(layers.values());
  }

  /** Tells whether integers only pass through a node. */
  boolean isTransparent(Node node) {
    return followers.isTransparent(node);
  }

  /** The nodes that must not get integer kernels although quantized tensors are around them. */
  List<Node> apart() {
    return apart;
  }

  /** The other nodes that compute in integers or pass them on. */
  Set<Node> active() {
    return active;
  }

  /** The quantized tensors, in the order of the graph, and the nodes that read the integers. */
  Map<String, Set<Node>> tensors() {
    return quantized;
  }

  private void order() {
    for (Node node : nodes) {
      // Inputs of the graph come first where they are read.
      for (String tensor : node.inputs()) {
        Set<Node> all = readers.get(tensor);
        if (all != null) {
          Set<Node> soFar = quantized.computeIfAbsent(tensor, t -> new LinkedHashSet<>());
          if (all.contains(node)) {
            soFar.add(node);
          }
        }
      }
      for (String tensor : node.outputs()) {
        if (readers.containsKey(tensor) || mandatory.contains(tensor)) {
          quantized.putIfAbsent(tensor, new LinkedHashSet<>());
        }
      }
    }
  }

  /** Tells whether nobody shall read the tensor in floating point any more. */
  boolean isExclusive(String tensor) {
    return dialect.outputRule() == OutputRule.QUANTIZED
        && (available.contains(tensor) || mandatory.contains(tensor));
  }

  /** The tensor from which one takes its scale: another one where integers are only moved. */
  String origin(String tensor) {
    return Objects.requireNonNull(origins.get(tensor));
  }

  private String findOrigin(String tensor) {
    String origin = tensor;
    Optional<Node> producer = graph.producer(origin);
    while (producer.isPresent()
        && active.contains(producer.get())
        && followers.isTransparent(producer.get())) {
      origin = producer.get().inputs().get(0);
      producer = graph.producer(origin);
    }
    return origin;
  }

  /** Scale and zero point of a quantized tensor. */
  QuantizationParameters parameters(String tensor) {
    return Objects.requireNonNull(parameters.get(origin(tensor)));
  }

  private QuantizationParameters findParameters(String tensor, boolean signed) {
    TensorRange range = ranges.of(tensor).orElseThrow();
    QuantizationParameters p =
        signed
            ? QuantizationParameters.of(range, DataType.INT8, true)
            : QuantizationParameters.of(
                range, dialect.activationType(), dialect.symmetricActivations());
    Optional<Node> clip = graph.producer(tensor).filter(n -> n.opType().equals("Clip"));
    // Integers beyond a bound would keep the Clip, and a runtime from one kernel for all of it.
    return clip.isEmpty()
        ? p
        : p.within(Followers.lowBound(graph, clip.get()), Followers.highBound(graph, clip.get()));
  }
}
