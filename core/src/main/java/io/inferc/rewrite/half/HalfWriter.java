package io.inferc.rewrite.half;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.tensor.DataType;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the graph as it was decided. */
@SuppressWarnings("ReferenceEquality") // What an edit did not touch is the same object.
final class HalfWriter {
  private static final Set<String> TYPE_ATTRIBUTES =
      Set.of("to", "dtype", "output_dtype", "output_datatype");

  private final HalfGraph graph;
  private final HalfDecisions decisions;
  private final HalfForms forms;
  private final HalfMasks masks;
  private final HalfValues values;
  private final HalfOptions options;
  private final GraphEditor editor;
  private final HalfNames names;
  private final Map<String, String> constants = new HashMap<>();
  private final Map<String, Initializer> retyped = new HashMap<>();
  private final Set<String> declared = new HashSet<>();

  HalfWriter(
      HalfGraph graph,
      HalfDecisions decisions,
      HalfForms forms,
      HalfMasks masks,
      HalfValues values,
      HalfOptions options) {
    this.graph = graph;
    this.decisions = decisions;
    this.forms = forms;
    this.masks = masks;
    this.values = values;
    this.options = options;
    this.editor = graph.graph.edit();
    this.names = new HalfNames(graph, decisions, forms, options, editor);
    graph.graph.valueInfos().forEach(v -> declared.add(v.name()));
  }

  /** Returns the graph; the notes go to the log. */
  Graph write(GraphPass pass, RewriteLog log) {
    constants();
    for (int i = 0; i < graph.nodes.size(); i++) {
      Node node = graph.nodes.get(i);
      if (names.isCancelled(i)) {
        editor.remove(node);
        log.changed(pass, node.name(), "The Cast was removed: what it made is there already.");
      } else if (!graph.is(i, "Constant")) {
        rewrite(i, node, pass, log);
      }
    }
    signature();
    names.casts().forEach((name, text) -> log.changed(pass, name, text));
    return editor.build();
  }

  private void constants() {
    for (Map.Entry<String, EnumSet<HalfValues.Clamp>> entry : forms.constants().entrySet()) {
      String name = entry.getKey();
      Initializer constant = graph.constant(name).orElseThrow();
      boolean kept = forms.isWantedSingle(name) || graph.isOutput(name);
      for (HalfValues.Clamp clamp : entry.getValue()) {
        String half = kept ? editor.freshName(name + names.halfSuffix()) : name;
        put(constant, values.convert(constant, half, clamp), kept);
        constants.put(key(name, clamp), half);
        kept = true;
      }
    }
  }

  private static String key(String name, HalfValues.Clamp clamp) {
    return clamp + "/" + name;
  }

  /** Adds a constant, or puts it where another one was. */
  private void put(Initializer before, Initializer after, boolean added) {
    int producer = graph.producer(before.name());
    if (added || producer < 0) {
      editor.putInitializer(after);
      retyped.put(after.name(), after);
    } else {
      Node node = graph.nodes.get(producer);
      Node.Builder copy = node.toBuilder();
      node.attributes().forEach(a -> copy.removeAttribute(a.name()));
      editor.replace(node, copy.attribute(Attribute.of("value", after)).build());
    }
    if (!added && declared.contains(after.name())) {
      editor.putValueInfo(after.spec());
    }
  }

  private void rewrite(int i, Node node, GraphPass pass, RewriteLog log) {
    boolean half = decisions.isHalf(i);
    boolean turnedSource =
        decisions.form(i) == HalfDecisions.Form.SOURCE && forms.isMadeInHalf(node.outputs().get(0));
    // Most nodes of a large graph keep what they read and make: those are not copied.
    Node mapped =
        node.hasSubgraphs()
            ? node.mapReads(
                decisions.form(i) == HalfDecisions.Form.ANY ? names::made : names::single)
            : node;
    List<String> inputs = inputs(i, node, pass, log);
    List<String> outputs = new ArrayList<>(node.outputs());
    outputs.replaceAll(names::made);
    List<Attribute> attributes = half || turnedSource ? attributes(i, node) : List.of();
    if (half || turnedSource) {
      for (String output : node.outputs()) {
        if (forms.isMadeInHalf(output)) {
          names.declare(output, names.half(output), options.target());
        }
      }
      log.changed(pass, node.name(), "It computes in " + options.precision() + ".");
    }
    decisions.reason(i).ifPresent(r -> log.leftAlone(pass, node.name(), r));
    if (mapped != node
        || !attributes.isEmpty()
        || !inputs.equals(node.inputs())
        || !outputs.equals(node.outputs())) {
      Node.Builder copy =
          mapped.toBuilder()
              .inputs(inputs.toArray(String[]::new))
              .outputs(outputs.toArray(String[]::new));
      attributes.forEach(copy::attribute);
      editor.replace(node, copy.build());
    }
  }

  private List<String> inputs(int i, Node node, GraphPass pass, RewriteLog log) {
    List<String> read = new ArrayList<>();
    for (int k = 0; k < node.inputs().size(); k++) {
      String input = node.inputs().get(k);
      boolean single = graph.isSingle(input);
      Optional<Initializer> constant = single ? graph.constant(input) : Optional.empty();
      boolean half = single && forms.want(i, k) == HalfForms.Want.HALF;
      boolean clamped = constant.isPresent() && (half || forms.clampsInSingle(i, k));
      if (clamped && forms.clamp(i, k) != HalfValues.Clamp.NONE) {
        log.changed(pass, node.name(), clampText(constant.get(), forms.clamp(i, k)));
      }
      if (constant.isPresent() && half) {
        read.add(constants.getOrDefault(key(input, forms.clamp(i, k)), input));
      } else if (clamped) {
        read.add(clampedSingle(constant.get()));
      } else if (half) {
        read.add(names.half(input));
      } else {
        boolean any = !single || forms.want(i, k) == HalfForms.Want.ANY;
        read.add(any ? names.made(input) : names.single(input));
      }
    }
    return read;
  }

  private String clampedSingle(Initializer constant) {
    return constants.computeIfAbsent(
        "single/" + constant.name(),
        k -> {
          String name = editor.freshName(constant.name() + "_clamped");
          Initializer clamped = values.clamped(constant, name, HalfValues.Clamp.MASK);
          editor.putInitializer(clamped);
          retyped.put(name, clamped);
          return name;
        });
  }

  private String clampText(Initializer constant, HalfValues.Clamp clamp) {
    float limit = clamp == HalfValues.Clamp.MASK ? -values.masked() : values.largest();
    return "Values of its constant '"
        + constant.name()
        + "' beyond the range of "
        + options.precision()
        + " became "
        + limit
        + " with their sign: "
        + (clamp == HalfValues.Clamp.MASK ? "they mask." : "they stand for no bound.");
  }

  /** The attributes that become others. */
  private List<Attribute> attributes(int i, Node node) {
    List<Attribute> changed = new ArrayList<>();
    for (Attribute a : node.attributes()) {
      boolean single =
          TYPE_ATTRIBUTES.contains(a.name())
              && a.kind() == Attribute.Kind.INT
              && a.asInt() == DataType.FLOAT32.onnxCode();
      if (single) {
        changed.add(Attribute.of(a.name(), (long) options.target().onnxCode()));
      }
    }
    if (graph.is(i, "ConstantOfShape")) {
      Initializer fill = masks.fill(i).orElseGet(() -> Initializer.floats("", new float[1], 1));
      changed.add(Attribute.of("value", values.convert(fill, "", HalfValues.Clamp.MASK)));
    }
    return changed;
  }

  /** Drops constants that are now read in half precision only, and retypes what is declared. */
  private void signature() {
    if (options.convertInterface()) {
      for (ValueInfo input : graph.graph.inputs()) {
        editor.removeInput(input.name());
        boolean turns = graph.isInput(input.name()) && graph.isSingle(input.name());
        input.tensor().ifPresent(t -> editor.addInput(turns ? retype(t) : t));
      }
      for (ValueInfo output : graph.graph.outputs()) {
        editor.removeOutput(output.name());
        boolean turns = names.isHalfOutput(output.name());
        editor.addOutput(
            turns ? output.tensor().map(t -> ValueInfo.of(retype(t))).orElse(output) : output);
      }
    }
    if (graph.declaresConstants()) {
      for (Initializer constant : retyped.values()) {
        editor.removeInput(constant.name()).addInput(constant.spec());
      }
    }
  }

  private TensorSpec retype(TensorSpec spec) {
    return spec.type() == DataType.FLOAT32
        ? new TensorSpec(spec.name(), options.target(), spec.shape())
        : spec;
  }
}
