package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.spi.NumericPrecision;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What quantizing passes do to a model before they start, and to its constants afterwards. */
final class Preparation {
  private static final String IN_FUNCTION = "it is inside a function.";
  private static final String IN_BODY =
      "it is inside a graph of If, Loop or Scan, whose values calibration does not see.";

  private Preparation() {}

  /**
   * Brings a model to an opset that has the operators, and gives it constants that nobody can
   * override: up to IR version 3 each had to be declared as an input too, without meaning it.
   */
  static OnnxModel prepare(OnnxModel model, int opset) {
    OnnxModel prepared = model;
    if (model.irVersion() <= 3) {
      List<String> constants =
          model.graph().inputs().stream()
              .map(ValueInfo::name)
              .filter(i -> model.graph().initializer(i).isPresent())
              .toList();
      if (!constants.isEmpty()) {
        GraphEditor editor = model.graph().edit();
        constants.forEach(editor::removeInput);
        prepared = model.withGraph(editor.build());
      }
    }
    return prepared.opset() < opset ? prepared.upgradeOpset(opset) : prepared;
  }

  /** Removes constants that are not read any more. */
  static void removeUnread(GraphEditor editor, Collection<String> constants) {
    new HashSet<>(constants).forEach(c -> removeUnread(editor, c));
  }

  private static void removeUnread(GraphEditor editor, String constant) {
    if (!editor.consumers(constant).isEmpty() || editor.isOutput(constant)) {
      return;
    }
    if (editor.initializer(constant).isPresent()) {
      editor.removeInitializer(constant).removeValueInfo(constant);
      return;
    }
    Node made = editor.producer(constant).filter(StoredWeights::isBehind).orElse(null);
    if (made != null) {
      editor.remove(made);
      new HashSet<>(made.inputs()).forEach(i -> removeUnread(editor, i));
    }
  }

  /**
   * Notes the layers inside of functions and of graphs in nodes, and what a plan names there
   * besides, but for layers of such graphs that get dynamic scales.
   *
   * @param why what is known of a layer in such a graph: the second half of a sentence by its name
   */
  static void noteUnreachable(
      GraphPass pass,
      OnnxModel model,
      LayerPlan plan,
      NumericPrecision precision,
      Map<String, String> why,
      RewriteLog log) {
    Set<String> noted = new HashSet<>();
    model.graph().nodes().forEach(n -> noted.add(n.name()));
    for (Node node : InnerGraphs.nodes(model)) {
      NumericPrecision planned = plan.precision(node.name());
      boolean reached = DynamicLayers.is(node) && planned == NumericPrecision.INT8_DYNAMIC;
      if ((planned == precision || DynamicLayers.is(node)) && !reached && noted.add(node.label())) {
        String reason = why.getOrDefault(node.name(), IN_BODY);
        log.leftAlone(pass, node.label(), new CannotQuantizeException(reason).note());
      }
    }
    for (Node node : InnerGraphs.nodesOfFunctions(model)) {
      boolean named = plan.precision(node.name()) == precision;
      if ((named || DynamicLayers.is(node)) && noted.add(node.label())) {
        log.leftAlone(pass, node.label(), new CannotQuantizeException(IN_FUNCTION).note());
      }
    }
  }

  /** Returns a number that belongs to an operator. */
  static float number(Node node, String attribute, float otherwise) {
    return node.attribute(attribute).map(Attribute::asFloat).orElse(otherwise);
  }
}
