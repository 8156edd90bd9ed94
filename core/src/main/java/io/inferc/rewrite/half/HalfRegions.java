package io.inferc.rewrite.half;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keeps nodes in single precision because of what stands around them. */
final class HalfRegions {
  private static final float LARGEST_EPSILON = 1e-2f;
  private static final Set<DataType> WIDE_INTEGERS =
      Set.of(
          DataType.INT16,
          DataType.INT32,
          DataType.INT64,
          DataType.UINT16,
          DataType.UINT32,
          DataType.UINT64);
  private static final Set<String> LIFTING = Set.of("Add", "Max", "Clip");
  private static final Set<String> INVERTING = Set.of("Reciprocal", "Pow");
  private static final Set<String> RESIZING = Set.of("Resize", "Upsample");
  private static final Set<String> CONVOLUTIONS = Set.of("Conv", "ConvTranspose");
  private static final Set<String> PERIODIC = Set.of("Sin", "Cos");
  private static final Set<String> MEANS = Set.of("ReduceMean", "GlobalAveragePool");
  // From the sum with the epsilon up to the mean that is subtracted.
  private static final List<Set<String>> TO_THE_MEAN =
      List.of(MEANS, Set.of("Pow", "Mul"), Set.of("Sub"), MEANS);
  private static final String COUNTING =
      "It computes with integers, which half precision holds exactly only while they are small.";

  // Beyond so many standard deviations lies next to nothing.
  private static final double SPREAD = 4;
  // What rounding may shift a normalized value by.
  private static final double LARGEST_ERROR = 0.01;

  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfValues values;
  private final HalfMasks masks;
  private final HalfOptions options;
  private final Set<String> counted = new HashSet<>();
  private final Set<Integer> exact = new HashSet<>();
  private final Map<Integer, String> quotients = new LinkedHashMap<>();

  HalfRegions(
      HalfGraph graph,
      HalfDecisions decisions,
      HalfValues values,
      HalfMasks masks,
      HalfOptions options) {
    this.masks = masks;
    this.options = options;
    this.graph = graph;
    this.decisions = decisions;
    this.values = values;
  }

  /** Looks at the whole graph. */
  void apply() {
    int count = graph.nodes.size();
    for (int i = 0; i < count; i++) {
      normalization(i);
      batchStatistics(i);
      countedForward(i);
    }
    for (int i = 0; i < count; i++) {
      exactBackward(i);
      angles(i);
      epilogue(i);
    }
    for (int i = 0; i < count; i++) {
      follow(i);
    }
    quotients.forEach(this::affine);
    for (int i = count - 1; i >= 0; i--) {
      quantization(i);
    }
  }

  private void normalization(int i) {
    if (!graph.is(i, LIFTING)) {
      return;
    }
    Optional<Float> epsilon = epsilon(i);
    if (epsilon.isEmpty()) {
      return;
    }
    boolean root = graph.readersOfOutputs(i).stream().anyMatch(r -> graph.is(r, "Sqrt"));
    if (!root && epsilon.get() >= values.smallestNormal()) {
      return;
    }
    String reason =
        "It is part of a normalization with the epsilon "
            + epsilon.get()
            + ", whose variance needs single precision.";
    decisions.keep(i, reason);
    below(i, reason);
    if (graph.is(i, "Add")) {
      above(i, reason);
    }
  }

  /**
   * A batch normalization carries the mean and variance that its input had in training. They tell
   * whether the input is large, and whether it differs so little from its mean that the difference
   * drowns in the rounding of half precision.
   */
  private void batchStatistics(int i) {
    if (!graph.is(i, "BatchNormalization")) {
      return;
    }
    List<String> inputs = graph.nodes.get(i).inputs();
    Optional<Initializer> mean = graph.constant(inputs.get(3));
    Optional<Initializer> variance = graph.constant(inputs.get(4));
    if (mean.isEmpty() || variance.isEmpty()) {
      return;
    }
    String name = "The statistics of the batch normalization '" + graph.nodes.get(i).name() + "'";
    double reach =
        values.extremes(mean.get()).largest()
            + SPREAD * Math.sqrt(values.extremes(variance.get()).largest());
    boolean measured = masks.magnitude(inputs.get(0)) >= 0;
    if (graph.target == DataType.FLOAT16 && !measured && reach > options.limit()) {
      keepWithInput(
          i,
          name
              + " say that its input reaches "
              + Math.round(reach)
              + ", more than the limit of "
              + options.limit()
              + ".");
    } else if (drowns(i, mean.get(), variance.get())) {
      keepWithInput(i, name + " say that its input hardly differs from its mean.");
    }
  }

  private boolean drowns(int i, Initializer mean, Initializer variance) {
    Node node = graph.nodes.get(i);
    float epsilon = node.attribute("epsilon").map(Attribute::asFloat).orElse(1e-5f);
    float rounding = graph.target == DataType.FLOAT16 ? 0x1p-11f : 0x1p-8f;
    float[] means = mean.floats();
    float[] variances = variance.floats();
    Optional<float[]> scales = graph.constant(node.inputs().get(1)).map(Initializer::floats);
    for (int c = 0; c < means.length; c++) {
      double error = rounding * Math.abs(means[c]) / Math.sqrt(variances[c] + epsilon);
      float scale = scales.isPresent() ? Math.abs(scales.get()[c]) : 1;
      if (error * scale > LARGEST_ERROR) {
        return true;
      }
    }
    return false;
  }

  private void keepWithInput(int i, String reason) {
    decisions.keep(i, reason);
    int producer = graph.producer(graph.nodes.get(i).inputs().get(0));
    if (producer >= 0) {
      decisions.keep(producer, reason);
    }
  }

  private Optional<Float> epsilon(int i) {
    for (String input : graph.nodes.get(i).inputs()) {
      Initializer constant = graph.isSingle(input) ? graph.constant(input).orElse(null) : null;
      if (constant != null && constant.elementCount() == 1) {
        float value = Math.abs(constant.floats()[0]);
        if (value > 0 && value <= LARGEST_EPSILON) {
          return Optional.of(value);
        }
      }
    }
    return Optional.empty();
  }

  /** From the sum with the epsilon down to the quotient. */
  private void below(int from, String reason) {
    Deque<Integer> open = new ArrayDeque<>(List.of(from));
    Set<Integer> seen = new HashSet<>();
    while (!open.isEmpty()) {
      int at = open.remove();
      boolean reciprocal = graph.is(at, INVERTING);
      for (int reader : graph.readersOfOutputs(at)) {
        if (graph.is(reader, "Div") || (reciprocal && graph.is(reader, "Mul"))) {
          decisions.keep(reader, reason);
          quotients.put(reader, reason);
        } else if (graph.is(reader, HalfOperators.AFTER_EPSILON) && seen.add(reader)) {
          decisions.keep(reader, reason);
          open.add(reader);
        }
      }
    }
  }

  /**
   * The weight and bias of a normalization have the type that its input is made in: ONNX Runtime
   * fuses them with the normalization, and takes the input from before a cast.
   */
  private void affine(int quotient, String reason) {
    int centred = graph.producer(graph.nodes.get(quotient).inputs().get(0));
    if (centred < 0
        || !graph.is(centred, "Sub")
        || isMadeInHalf(graph.nodes.get(centred).inputs().get(0))) {
      return;
    }
    for (int weighted : graph.readersOfOutputs(quotient)) {
      if (graph.is(weighted, "Mul") && readsConstant(weighted)) {
        decisions.keep(weighted, reason);
        for (int shifted : graph.readersOfOutputs(weighted)) {
          if (graph.is(shifted, "Add") && readsConstant(shifted)) {
            decisions.keep(shifted, reason);
          }
        }
      }
    }
  }

  /** A tensor that the graph returns in single precision is read as such, too. */
  private boolean isMadeInHalf(String tensor) {
    int producer = graph.producer(tensor);
    boolean half = producer < 0 ? options.convertInterface() : decisions.isHalf(producer);
    return half && (options.convertInterface() || !graph.isOutput(tensor));
  }

  private boolean readsConstant(int node) {
    return graph.nodes.get(node).inputs().stream().anyMatch(i -> graph.constant(i).isPresent());
  }

  /** From the sum with the epsilon up to the mean that is subtracted. */
  private void above(int add, String reason) {
    int at = add;
    for (Set<String> step : TO_THE_MEAN) {
      int from = at;
      at = -1;
      for (String input : graph.dataInputs(from)) {
        int producer = graph.producer(input);
        if (at < 0 && producer >= 0 && graph.is(producer, step)) {
          at = producer;
        }
      }
      if (at < 0) {
        return;
      }
      decisions.keep(at, reason);
    }
  }

  private void countedForward(int i) {
    Node node = graph.nodes.get(i);
    boolean start =
        decisions.form(i) == HalfDecisions.Form.SOURCE
            && graph.type(node.inputs().get(0)).filter(WIDE_INTEGERS::contains).isPresent();
    if (start || (graph.is(i, HalfOperators.EXACT) && readsOnlyCounted(i))) {
      for (String output : node.outputs()) {
        if (graph.isSingle(output)) {
          counted.add(output);
        }
      }
      decisions.keep(i, COUNTING);
    }
  }

  private boolean readsOnlyCounted(int i) {
    List<String> data = graph.dataInputs(i);
    return !data.isEmpty() && counted.containsAll(data);
  }

  /** What is cast to an integer, or is a scale of sizes, is computed exactly. */
  private void exactBackward(int i) {
    boolean cast = graph.is(i, "Cast");
    if (!cast && !graph.is(i, RESIZING)) {
      return;
    }
    Node node = graph.nodes.get(i);
    for (int k = 0; k < node.inputs().size(); k++) {
      String input = node.inputs().get(k);
      if (!graph.isSingle(input)) {
        continue;
      }
      boolean toInteger =
          cast && graph.type(node.outputs().get(0)).filter(WIDE_INTEGERS::contains).isPresent();
      boolean size = !cast && k > 0;
      if (toInteger || size) {
        ancestors(input, HalfOperators.EXACT, exact).forEach(a -> decisions.keep(a, COUNTING));
      }
    }
  }

  private void angles(int i) {
    if (!graph.is(i, PERIODIC)) {
      return;
    }
    Set<Integer> above =
        ancestors(graph.nodes.get(i).inputs().get(0), HalfOperators.ANGLES, new HashSet<>());
    boolean positions =
        above.stream()
            .flatMap(a -> graph.dataInputs(a).stream())
            .anyMatch(t -> counted.contains(t));
    if (positions) {
      decisions.keep(i, COUNTING);
      above.forEach(a -> decisions.keep(a, COUNTING));
    }
  }

  /** The nodes of some operators that a tensor is made by, without gaps, but for those seen. */
  private Set<Integer> ancestors(String tensor, Set<String> opTypes, Set<Integer> seen) {
    Set<Integer> found = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(tensor));
    while (!open.isEmpty()) {
      int producer = graph.producer(open.remove());
      if (producer >= 0 && graph.is(producer, opTypes) && seen.add(producer)) {
        found.add(producer);
        open.addAll(graph.dataInputs(producer));
      }
    }
    return found;
  }

  /** Moving values in another type than they come in would only add casts. */
  private void follow(int i) {
    boolean moves = graph.is(i, HalfOperators.MOVING);
    if (!moves && !graph.is(i, HalfOperators.COMPARING)) {
      return;
    }
    List<String> data = graph.dataInputs(i);
    long single = data.stream().filter(this::isMadeInSingle).count();
    if (single > 0 && (!moves || single == data.size())) {
      decisions.keep(i, "What it reads is made in single precision.");
    }
  }

  private boolean isMadeInSingle(String tensor) {
    int producer = graph.producer(tensor);
    return counted.contains(tensor)
        || (producer >= 0 && decisions.form(producer) == HalfDecisions.Form.SINGLE);
  }

  /** Keeps a quantized convolution with the function behind it, if quantization follows that. */
  private void epilogue(int i) {
    if (options.epilogues()
        || !graph.is(i, CONVOLUTIONS)
        || !decisions.isHalf(i)
        || !graph.nodes.get(i).inputs().stream()
            .limit(2)
            .allMatch(t -> graph.isMadeBy(t, "DequantizeLinear"))) {
      return;
    }
    HalfEpilogue.of(graph, i)
        .forEach(
            n ->
                decisions.keep(
                    n,
                    "Between integers, the target computes it with the function behind it in"
                        + " single precision only."));
  }

  /** Quantization takes the type of what makes its input, dequantization of what reads it. */
  private void quantization(int i) {
    if (graph.is(i, "DequantizeLinear")) {
      if (graph.readersOfOutputs(i).stream().noneMatch(decisions::isHalf)) {
        decisions.keep(i, "What reads it stays in single precision.");
      }
    } else if (graph.is(i, "QuantizeLinear")) {
      int producer = graph.producer(graph.nodes.get(i).inputs().get(0));
      if (producer < 0 || !decisions.isHalf(producer)) {
        decisions.keep(i, "What it reads is made in single precision.");
      }
    }
  }
}
