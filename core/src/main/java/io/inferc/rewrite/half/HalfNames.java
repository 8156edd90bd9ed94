package io.inferc.rewrite.half;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives each tensor the names of its forms, and casts from one to the other where both are read;
 * what was dequantized is dequantized again instead.
 */
final class HalfNames {
  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfForms forms;
  private final HalfOptions options;
  private final GraphEditor editor;
  private final Map<String, String> half = new HashMap<>();
  private final Map<String, String> single = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, String> casts = new HashMap<>();
  private final Map<String, String> singleScales = new HashMap<>();

  HalfNames(
      HalfGraph graph,
      HalfDecisions decisions,
      HalfForms forms,
      HalfOptions options,
      GraphEditor editor) {
    this.graph = graph;
    this.decisions = decisions;
    this.forms = forms;
    this.options = options;
    this.editor = editor;
    for (ValueInfo input : graph.graph.inputs()) {
      if (graph.isInput(input.name()) && graph.isSingle(input.name())) {
        name(input.name());
      }
    }
    for (Node node : graph.nodes) {
      for (String output : node.outputs()) {
        if (graph.isSingle(output) && graph.constant(output).isEmpty()) {
          name(output);
        }
      }
    }
    for (int i = 0; i < graph.nodes.size(); i++) {
      cancel(i);
    }
  }

  /** The inserted casts and second dequantizations: what each makes, by the name of the node. */
  Map<String, String> casts() {
    return casts;
  }

  String halfSuffix() {
    return options.target() == DataType.FLOAT16 ? "_fp16" : "_bf16";
  }

  /** The name of the form in which a tensor is made. */
  String made(String tensor) {
    return (forms.isMadeInHalf(tensor) ? half : single).getOrDefault(tensor, alias(tensor));
  }

  String half(String tensor) {
    return half.getOrDefault(tensor, tensor);
  }

  String single(String tensor) {
    return single.getOrDefault(tensor, alias(tensor));
  }

  private String alias(String tensor) {
    return aliases.getOrDefault(tensor, tensor);
  }

  /** Tells whether nobody needs a node any more, since it casts back what was cast to. */
  boolean isCancelled(int node) {
    List<String> outputs = graph.nodes.get(node).outputs();
    return !outputs.isEmpty()
        && (aliases.containsKey(outputs.get(0))
            || (forms.isCastBack(node)
                && forms.isWantedHalf(outputs.get(0))
                && forms.isUnread(outputs.get(0))));
  }

  /** Tells whether an output of the graph becomes half precision. */
  boolean isHalfOutput(String tensor) {
    return options.convertInterface()
        && graph.isOutput(tensor)
        && graph.isSingle(tensor)
        && graph.constant(tensor).isEmpty();
  }

  private void name(String tensor) {
    boolean madeInHalf = forms.isMadeInHalf(tensor);
    Map<String, String> madeAs = madeInHalf ? half : single;
    Map<String, String> castTo = madeInHalf ? single : half;
    if (graph.isOutput(tensor) && madeInHalf != isHalfOutput(tensor)) {
      madeAs.put(tensor, editor.freshName(tensor + (madeInHalf ? halfSuffix() : "_fp32")));
      castTo.put(tensor, tensor);
      convert(tensor, madeAs.get(tensor), tensor, !madeInHalf);
      return;
    }
    madeAs.put(tensor, tensor);
    if (madeInHalf ? forms.isWantedSingle(tensor) : forms.isWantedHalf(tensor)) {
      castTo.put(tensor, other(tensor, madeInHalf));
    }
  }

  private String other(String tensor, boolean madeInHalf) {
    int producer = graph.producer(tensor);
    String from = tensor;
    if (producer >= 0 && decisions.form(producer) == HalfDecisions.Form.SOURCE) {
      from = graph.nodes.get(producer).inputs().get(0);
      if (forms.isCastBack(producer)) {
        return from;
      }
    }
    String to = editor.freshName(tensor + (madeInHalf ? "_fp32" : halfSuffix()));
    convert(tensor, from, to, !madeInHalf);
    return to;
  }

  private void convert(String tensor, String from, String to, boolean toHalf) {
    if (!toHalf && graph.isMadeBy(tensor, "DequantizeLinear")) {
      Node node = graph.nodes.get(graph.producer(tensor));
      Optional<Initializer> scale = graph.constant(node.inputs().get(1));
      if (scale.isPresent()) {
        dequantizeAgain(node, scale.get(), to);
        return;
      }
    }
    cast(tensor, from, to, toHalf);
  }

  /** A second DequantizeLinear in single precision fuses with its reader, which a Cast prevents. */
  private void dequantizeAgain(Node node, Initializer scale, String to) {
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, singleScales.computeIfAbsent(scale.name(), k -> singleScale(scale)));
    String name = editor.freshName(node.name() + "_fp32");
    editor.insertAfter(
        node,
        node.toBuilder().name(name).inputs(inputs.toArray(String[]::new)).outputs(to).build());
    casts.put(name, "Dequantizes '" + inputs.get(0) + "' to " + DataType.FLOAT32 + ", too.");
    declare(node.outputs().get(0), to, DataType.FLOAT32);
  }

  private String singleScale(Initializer scale) {
    if (forms.isWantedSingle(scale.name())) {
      return scale.name();
    }
    String name = editor.freshName(scale.name() + "_fp32");
    editor.putInitializer(scale.withName(name));
    return name;
  }

  private void cast(String tensor, String from, String to, boolean toHalf) {
    DataType type = toHalf ? options.target() : DataType.FLOAT32;
    String name = editor.freshName(from + "_to" + (toHalf ? halfSuffix() : "_fp32"));
    Node cast =
        Node.builder("Cast")
            .name(name)
            .inputs(from)
            .outputs(to)
            .attribute(Attribute.of("to", (long) type.onnxCode()))
            .build();
    int producer = graph.producer(tensor);
    if (producer >= 0) {
      editor.insertAfter(graph.nodes.get(producer), cast);
    } else if (graph.readers(tensor).isEmpty()) {
      editor.append(cast);
    } else {
      editor.insertBefore(graph.nodes.get(graph.readers(tensor).get(0)), cast);
    }
    casts.put(name, "Casts '" + from + "' to " + type + ".");
    declare(tensor, to, type);
  }

  /** Declares a tensor with the shape that the model declares for the one it comes from. */
  void declare(String from, String to, DataType type) {
    Optional<TensorSpec> declared = graph.graph.declared(from);
    if (declared.isPresent() && !graph.isOutput(to)) {
      editor.putValueInfo(new TensorSpec(to, type, declared.get().shape()));
    }
  }

  /** Takes out a cast of the model to the type that its input is made in now. */
  private void cancel(int i) {
    Node node = graph.nodes.get(i);
    if (graph.is(i, "Cast") && decisions.form(i) == HalfDecisions.Form.ANY) {
      String input = node.inputs().get(0);
      String output = node.outputs().get(0);
      if (forms.isMadeInHalf(input)
          && graph.type(output).filter(t -> t == options.target()).isPresent()
          && !graph.isOutput(output)) {
        aliases.put(output, half(input));
      }
    }
  }
}
