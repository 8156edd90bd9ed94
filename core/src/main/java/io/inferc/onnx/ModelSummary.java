package io.inferc.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is in a model, counted.
 *
 * @param name the graph's name
 * @param producer the tool that wrote the model
 * @param irVersion the version of the intermediate representation
 * @param opsets version by domain, the default domain as the empty text
 * @param inputs the inputs a caller must give
 * @param outputs the outputs
 * @param operators number of nodes by operator, those in subgraphs and functions included, most
 *     frequent first; operators of other domains with their domain in front
 * @param nodes the number of all these nodes
 * @param constants the number of dense constants, wherever they stand
 * @param parameters the number of elements of floating-point constants
 * @param weightBytes the size of all dense constants in bytes, wherever they lie
 * @param subgraphs the number of graphs inside nodes
 * @param functions the number of functions
 */
public record ModelSummary(
    String name,
    String producer,
    int irVersion,
    Map<String, Integer> opsets,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    List<OperatorCount> operators,
    int nodes,
    long constants,
    long parameters,
    long weightBytes,
    int subgraphs,
    int functions) {
  public ModelSummary {
    opsets = Map.copyOf(opsets);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    operators = List.copyOf(operators);
  }

  /**
   * How often an operator occurs.
   *
   * @param operator the operator, with its domain in front unless that is the default
   * @param count the number of nodes
   */
  public record OperatorCount(String operator, int count) {}

  static ModelSummary of(OnnxModel model) {
    Map<String, Integer> counts = new TreeMap<>();
    int subgraphs = count(model.graph().nodes(), counts);
    for (Function f : model.functions()) {
      subgraphs += count(f.nodes(), counts);
    }
    List<OperatorCount> operators = new ArrayList<>();
    counts.forEach((op, n) -> operators.add(new OperatorCount(op, n)));
    operators.sort(
        (a, b) ->
            a.count() != b.count()
                ? Integer.compare(b.count(), a.count())
                : a.operator().compareTo(b.operator()));
    AtomicLong constants = new AtomicLong();
    AtomicLong parameters = new AtomicLong();
    AtomicLong bytes = new AtomicLong();
    TensorProtos.each(
        model,
        (t, files) -> {
          constants.incrementAndGet();
          bytes.addAndGet(TensorBytes.byteSize(t));
          if (TensorBytes.type(t).isFloatingPoint()) {
            parameters.addAndGet(TensorBytes.elementCount(t));
          }
        });
    return new ModelSummary(
        model.graph().name(),
        model.producer(),
        model.irVersion(),
        model.opsets(),
        model.graph().requiredInputs(),
        model.graph().outputs(),
        operators,
        counts.values().stream().mapToInt(Integer::intValue).sum(),
        constants.get(),
        parameters.get(),
        bytes.get(),
        subgraphs,
        model.functions().size());
  }

  private static int count(List<Node> nodes, Map<String, Integer> counts) {
    int subgraphs = 0;
    for (Node n : nodes) {
      counts.merge(
          n.domain().isEmpty() ? n.opType() : n.domain() + "." + n.opType(), 1, Integer::sum);
      for (Graph g : n.subgraphs()) {
        subgraphs += 1 + count(g.nodes(), counts);
      }
    }
    return subgraphs;
  }

  /** Returns a table for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    row(text, "model", name + (producer.isEmpty() ? "" : " (by " + producer + ")"));
    StringBuilder sets = new StringBuilder();
    new TreeMap<>(opsets)
        .forEach(
            (domain, version) ->
                sets.append(sets.isEmpty() ? "" : ", ")
                    .append(domain.isEmpty() ? "ai.onnx" : domain)
                    .append(' ')
                    .append(version));
    row(text, "format", "IR " + irVersion + ", opset " + sets);
    rows(text, "inputs", inputs);
    rows(text, "outputs", outputs);
    row(
        text,
        "size",
        String.format(
            Locale.ROOT,
            "%,d nodes, %,d constants, %,d parameters, %.1f MiB of weights",
            nodes,
            constants,
            parameters,
            weightBytes / 0x1p20));
    if (subgraphs > 0 || functions > 0) {
      row(text, "nested", subgraphs + " subgraphs, " + functions + " functions");
    }
    StringBuilder line = new StringBuilder();
    String label = "operators";
    for (OperatorCount c : operators) {
      String entry = c.operator() + " " + c.count();
      if (line.length() + entry.length() > 84) {
        row(text, label, line.toString());
        label = "";
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : ", ").append(entry);
    }
    row(text, label, line.toString());
    return text.toString();
  }

  private static void rows(StringBuilder text, String label, List<ValueInfo> values) {
    for (int i = 0; i < values.size(); i++) {
      row(text, i == 0 ? label : "", values.get(i).toString());
    }
  }

  private static void row(StringBuilder text, String label, String value) {
    text.append(String.format(Locale.ROOT, "%-10s %s%n", label, value));
  }
}
