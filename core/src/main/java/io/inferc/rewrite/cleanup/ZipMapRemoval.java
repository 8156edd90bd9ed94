package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Returns the probabilities of classifiers as a tensor: exporters of classical machine learning end
 * in {@code ai.onnx.ml.ZipMap}, which makes a map of classes for each row, and only some runtimes
 * have it.
 *
 * <p>The output keeps its name. It has a row for each sample and a column for each class, in the
 * order of the ZipMap, which the note tells.
 */
public final class ZipMapRemoval implements GraphPass {
  private static final int SHOWN = 20;

  /** The oldest version of Identity that is still right, so that any IR version takes it. */
  private static final int IDENTITY_OPSET = 8;

  /** Creates the pass. */
  public ZipMapRemoval() {}

  @Override
  public String name() {
    return "remove-zip-map";
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Graph graph = model.graph();
    GraphEditor editor = graph.edit();
    Map<String, TensorSpec> changed = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (isLast(node, editor)) {
        String output = node.outputs().get(0);
        List<String> classes = classes(node);
        editor.replace(node, Node.of("Identity", List.of(node.inputs().get(0)), List.of(output)));
        changed.put(output, probabilities(output, classes.size()));
        log.changed(this, node.label(), note(output, classes));
      }
    }
    if (changed.isEmpty()) {
      editor.giveBack();
      return model;
    }
    // Outputs keep their places.
    for (ValueInfo output : graph.outputs()) {
      editor.removeOutput(output.name());
    }
    for (ValueInfo output : graph.outputs()) {
      TensorSpec tensor = changed.get(output.name());
      editor.addOutput(tensor == null ? output : ValueInfo.of(tensor));
    }
    OnnxModel without = model.withGraph(editor.build());
    // A model of nothing but ai.onnx.ml has no version of the standard operators.
    return model.opsets().containsKey("") ? without : without.withOpset("", IDENTITY_OPSET);
  }

  private static boolean isLast(Node node, GraphEditor editor) {
    return node.opType().equals("ZipMap")
        && node.domain().equals("ai.onnx.ml")
        && editor.isOutput(node.outputs().get(0))
        && editor.consumers(node.outputs().get(0)).isEmpty();
  }

  private static List<String> classes(Node node) {
    Optional<Attribute> numbers = node.attribute("classlabels_int64s");
    return numbers.isPresent()
        ? Arrays.stream(numbers.get().asInts()).mapToObj(Long::toString).toList()
        : node.attribute("classlabels_strings").map(Attribute::asStrings).orElse(List.of());
  }

  private static TensorSpec probabilities(String name, int classes) {
    List<Dimension> dimensions = new ArrayList<>(List.of(Dimension.unknown()));
    dimensions.add(classes == 0 ? Dimension.unknown() : Dimension.fixed(classes));
    return new TensorSpec(name, DataType.FLOAT32, TensorShape.of(dimensions));
  }

  private static String note(String output, List<String> classes) {
    String shown = String.join(", ", classes.subList(0, Math.min(SHOWN, classes.size())));
    return "The output '"
        + output
        + "' was a list of maps, made by ZipMap. It is now the tensor of what they held, with a row"
        + " for each sample and a column for each of the "
        + classes.size()
        + " classes: "
        + shown
        + (classes.size() > SHOWN ? ", …" : "")
        + ". An export with zipmap=False gives the same.";
  }
}
