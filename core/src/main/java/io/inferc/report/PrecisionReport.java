package io.inferc.report;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.spi.NumericPrecision;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The precision that each node ended with, and why.
 *
 * <pre>{@code
 * OnnxModel quantized = rewriter.rewrite(rewriter.plan());
 * PrecisionReport precision = PrecisionReport.of(rewriter.cleaned(), rewriter.outcome());
 * }</pre>
 *
 * @param layers every node of the cleaned-up model, in its order, and then the layers inside of
 *     functions and subgraphs
 */
public record PrecisionReport(List<Layer> layers) {
  private static final Map<String, Set<String>> KINDS = kinds();

  private static Map<String, Set<String>> kinds() {
    Map<String, Set<String>> kinds = new LinkedHashMap<>();
    kinds.put(
        "matrix products",
        Set.of("MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "MatMulNBits", "Einsum"));
    kinds.put("convolutions", Set.of("Conv", "ConvTranspose", "ConvInteger", "QLinearConv"));
    kinds.put("recurrent layers", Set.of("LSTM", "GRU", "RNN"));
    return kinds;
  }

  /**
   * One node.
   *
   * @param node its name
   * @param opType its operator
   * @param precision what it ended with
   * @param reason who decided so: a rule, the precision of the whole model, the search, or the pass
   *     that had to leave it alone
   */
  public record Layer(String node, String opType, NumericPrecision precision, String reason) {
    /**
     * Tells whether it is one of the layers that hold nearly all multiplications of a model.
     *
     * @return true for convolutions, matrix products and recurrent layers
     */
    public boolean multiplies() {
      return KINDS.values().stream().anyMatch(operators -> operators.contains(opType));
    }
  }

  /**
   * Nodes that share a fate.
   *
   * @param precision what they ended with
   * @param reason why, with … for the names of tensors that differ
   * @param layers the nodes, at least one
   */
  public record Group(NumericPrecision precision, String reason, List<Layer> layers) {}

  public PrecisionReport {
    layers = List.copyOf(layers);
  }

  /**
   * Reports on a rewritten model.
   *
   * @param cleaned the model before precision was written into it
   * @param outcome what each of its nodes ended with, by name
   * @return the report
   */
  public static PrecisionReport of(OnnxModel cleaned, Map<String, LayerDecision> outcome) {
    Objects.requireNonNull(cleaned, "cleaned");
    Objects.requireNonNull(outcome, "outcome");
    List<Layer> layers = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    // A layer inside of a function or subgraph may have the name of a node outside.
    for (List<Node> nodes : List.of(cleaned.graph().nodes(), QuantizableLayers.inside(cleaned))) {
      for (Node node : nodes) {
        LayerDecision ended = outcome.get(node.label());
        if (ended != null && seen.add(node.label())) {
          layers.add(new Layer(node.label(), node.opType(), ended.precision(), ended.reason()));
        }
      }
    }
    return new PrecisionReport(layers);
  }

  /**
   * Says what the layers that do the work ended with.
   *
   * @return for example {@code 48 of 48 matrix products at INT8}, each precision below FP32 apart;
   *     {@code 0 of 48 matrix products below FP32} where all have it
   */
  public String summary() {
    List<String> parts = new ArrayList<>();
    KINDS.forEach(
        (kind, operators) -> {
          Map<NumericPrecision, Long> counts = new EnumMap<>(NumericPrecision.class);
          layers.stream()
              .filter(l -> operators.contains(l.opType()))
              .forEach(l -> counts.merge(l.precision(), 1L, Long::sum));
          long all = counts.values().stream().mapToLong(Long::longValue).sum();
          Long full = counts.remove(NumericPrecision.FP32);
          if (full != null && counts.isEmpty()) {
            parts.add(String.format(Locale.ROOT, "0 of %,d %s below FP32", all, kind));
          }
          counts.forEach(
              (precision, count) ->
                  parts.add(
                      String.format(
                          Locale.ROOT, "%,d of %,d %s at %s", count, all, kind, precision)));
        });
    return parts.isEmpty()
        ? "No matrix product and no convolution among " + layers.size() + " nodes"
        : String.join(", ", parts);
  }

  /**
   * Groups the nodes by what they ended with and why.
   *
   * @return groups, those at reduced precision first, then in the order of the model
   */
  public List<Group> groups() {
    Map<Group, List<Layer>> found = new LinkedHashMap<>();
    for (Layer layer : layers) {
      found
          .computeIfAbsent(
              new Group(layer.precision(), cause(layer.reason()), List.of()),
              g -> new ArrayList<>())
          .add(layer);
    }
    List<Group> groups = new ArrayList<>();
    for (boolean full : new boolean[] {false, true}) {
      found.forEach(
          (group, members) -> {
            if ((group.precision() == NumericPrecision.FP32) == full) {
              groups.add(new Group(group.precision(), group.reason(), List.copyOf(members)));
            }
          });
    }
    return List.copyOf(groups);
  }

  /** What passes leave alone, they leave alone for the same cause at many tensors. */
  private static String cause(String reason) {
    return reason.startsWith("left at ") ? reason.replaceAll("'[^']*'", "'…'") : reason;
  }

  /** Returns one line for each group. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Group g : groups()) {
      text.append(
          String.format(
              Locale.ROOT, "  %d nodes at %s: %s%n", g.layers().size(), g.precision(), g.reason()));
    }
    return text.toString();
  }
}
