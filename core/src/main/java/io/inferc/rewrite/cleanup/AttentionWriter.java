package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphBuilder;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.rewrite.internal.Constants;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes attention with the kernel, and what decides on it while the model runs. */
final class AttentionWriter {
  /** Where the kernel's operator is. */
  static final String DOMAIN = "com.microsoft";

  private final GraphEditor editor;
  private final Graph graph;
  // What was asked of a mask once need not be asked again.
  private final Map<List<Object>, String> unmasked = new HashMap<>();
  private final Map<List<Object>, String> whole = new HashMap<>();
  private String nothing = "";

  /**
   * Creates a writer.
   *
   * @param editor takes the changes
   * @param graph the graph before them, for what it declares
   */
  AttentionWriter(GraphEditor editor, Graph graph) {
    this.editor = editor;
    this.graph = graph;
  }

  /** Replaces the nodes of a match. */
  void write(AttentionMatch match) {
    Node last = match.last();
    String result = last.outputs().get(0);
    List<Node> written = new ArrayList<>();
    if (match.zeroesNaN()) {
      String rows = editor.freshName(result + "_or_nan");
      written.addAll(attention(match, rows, written));
      zeroNaN(match, rows, result, written);
    } else {
      written.addAll(attention(match, result, written));
    }
    editor.replace(last, written.toArray(Node[]::new));
    for (int i = match.nodes().size() - 2; i >= 0; i--) {
      Node node = match.nodes().get(i);
      editor.remove(node);
      node.outputs().forEach(editor::removeValueInfo);
    }
  }

  /**
   * Makes 0 of rows that are not numbers, which no weight has been for. What is not finite in the
   * values is not made 0 by a weight of 0, so they are NaN if there is any.
   */
  private void zeroNaN(AttentionMatch match, String rows, String result, List<Node> written) {
    String test = editor.freshName(result + "_is_nan");
    String zero = editor.freshName(result + "_no_weight");
    String all = sum(match.value(), match.value() + "_sum", written);
    written.add(Node.builder("Mul").name(zero).inputs(all, constant()).outputs(zero).build());
    written.add(Node.builder("IsNaN").name(test).inputs(rows).outputs(test).build());
    written.add(
        Node.builder("Where")
            .name(editor.freshName(result + "_where"))
            .inputs(test, zero, rows)
            .outputs(result)
            .build());
  }

  /**
   * Attention with its mask, or without it where it masks nothing.
   *
   * @param before takes nodes that have to be in the main graph
   */
  private List<Node> attention(AttentionMatch match, String result, List<Node> before) {
    Optional<String> mask = match.mask();
    if (mask.isEmpty()) {
      return kernel(match, result, Optional.empty());
    }
    if (match.isOfHeads() || Constants.find(editor, mask.get()).isPresent()) {
      return kernel(match, result, Optional.of(whole(match, before)));
    }
    String condition = unmasked(mask.get(), match, before);
    String fused = editor.freshName(result + "_unmasked");
    GraphBuilder then = Graph.builder("unmasked");
    kernel(match, fused, Optional.empty()).forEach(then::node);
    Graph masked;
    if (match.zeroesNaN()) {
      String added = editor.freshName(result + "_masked");
      GraphBuilder otherwise = Graph.builder("masked");
      kernel(match, added, Optional.of(whole(match, before))).forEach(otherwise::node);
      masked = otherwise.output(result(added, match)).build();
    } else {
      // The kernel with a mask is no faster than what was there.
      masked = asBefore("masked", match);
    }
    return List.of(choice(result, condition, then.output(result(fused, match)).build(), masked));
  }

  /** The kernel, and what its result is reshaped to if that is not as it comes. */
  private List<Node> kernel(AttentionMatch match, String result, Optional<String> mask) {
    String made = match.isBroughtBack() ? result : editor.freshName(result + "_heads");
    Node.Builder kernel =
        Node.builder("MultiHeadAttention")
            .domain(DOMAIN)
            .name(editor.freshName(result + "_attention"))
            .outputs(made)
            .attribute(Attribute.of("num_heads", match.heads()))
            .attribute(Attribute.of("scale", (float) match.scale()));
    if (mask.isPresent()) {
      kernel.inputs(match.query(), match.key(), match.value(), "", "", mask.get());
    } else {
      kernel.inputs(match.query(), match.key(), match.value());
    }
    if (match.isBroughtBack()) {
      return List.of(kernel.build());
    }
    String name = editor.freshName(result + "_reshape");
    return List.of(
        kernel.build(),
        match.last().toBuilder()
            .name(name)
            .inputs(made, match.last().inputs().get(1))
            .outputs(result)
            .build());
  }

  private Node choice(String result, String condition, Graph then, Graph otherwise) {
    return Node.builder("If")
        .name(editor.freshName(result + "_if"))
        .inputs(condition)
        .outputs(result)
        .attribute(Attribute.of("then_branch", then))
        .attribute(Attribute.of("else_branch", otherwise))
        .build();
  }

  /** What a branch returns, which others than ONNX Runtime do not work out. */
  private ValueInfo result(String name, AttentionMatch match) {
    if (match.isBroughtBack()) {
      Dimension all = Dimension.fixed(match.heads() * match.width());
      return ValueInfo.of(
          new TensorSpec(
              name,
              DataType.FLOAT32,
              TensorShape.of(List.of(Dimension.unknown(), Dimension.unknown(), all))));
    }
    TensorShape declared =
        graph
            .declared(match.last().outputs().get(0))
            .map(TensorSpec::shape)
            .orElseGet(TensorShape::unknownRank);
    return ValueInfo.of(new TensorSpec(name, DataType.FLOAT32, declared));
  }

  /** A mask with a number for each row and column of the scores, as the kernel needs it. */
  private String whole(AttentionMatch match, List<Node> before) {
    String mask = match.mask().orElseThrow();
    if (!match.isSpread()) {
      return mask;
    }
    List<Object> of = List.of(mask, match.sizes());
    String known = whole.get(of);
    if (known != null) {
      return known;
    }
    String rows = editor.freshName(mask + "_rows");
    String columns = editor.freshName(mask + "_columns");
    String shape = editor.freshName(mask + "_shape");
    String spread = editor.freshName(mask + "_spread");
    String ones = editor.freshName(mask + "_ones");
    editor.putInitializer(Initializer.longs(ones, new long[] {1, 1}, 2));
    length(match.query(), rows, before);
    length(match.key(), columns, before);
    before.add(
        Node.builder("Concat")
            .name(shape)
            .inputs(ones, rows, columns)
            .outputs(shape)
            .attribute(Attribute.of("axis", 0))
            .build());
    before.add(Node.builder("Expand").name(spread).inputs(mask, shape).outputs(spread).build());
    whole.put(of, spread);
    return spread;
  }

  /** Before opset 15 a Shape has all sizes. */
  private void length(String tensor, String name, List<Node> nodes) {
    String sizes = editor.freshName(name + "_of");
    String second = editor.freshName(name + "_at");
    editor.putInitializer(Initializer.longs(second, new long[] {1}, 1));
    nodes.add(Node.builder("Shape").name(sizes).inputs(tensor).outputs(sizes).build());
    nodes.add(Node.builder("Gather").name(name).inputs(sizes, second).outputs(name).build());
  }

  /** What tells whether a mask masks nothing: it is all zeros, or all true, or all false. */
  private String unmasked(String mask, AttentionMatch match, List<Node> before) {
    boolean byTrue = match.choosesByTrue();
    List<Object> of = List.of(mask, byTrue);
    String known = unmasked.get(of);
    if (known != null) {
      return known;
    }
    boolean truth =
        match.chooses()
            || graph.declared(mask).map(TensorSpec::type).filter(DataType.BOOL::equals).isPresent();
    String magnitude = editor.freshName(mask + "_magnitude");
    String condition = editor.freshName(mask + "_masks_nothing");
    if (truth) {
      String not = byTrue ? editor.freshName(mask + "_not") : mask;
      if (byTrue) {
        before.add(Node.builder("Not").name(not).inputs(mask).outputs(not).build());
      }
      before.add(
          Node.builder("Cast")
              .name(magnitude)
              .inputs(not)
              .outputs(magnitude)
              .attribute(Attribute.of("to", DataType.FLOAT32.onnxCode()))
              .build());
    } else {
      before.add(Node.builder("Abs").name(magnitude).inputs(mask).outputs(magnitude).build());
    }
    // Not the largest: a maximum may pass over what is not a number.
    String all = sum(magnitude, mask + "_all", before);
    before.add(
        Node.builder("Equal").name(condition).inputs(all, constant()).outputs(condition).build());
    unmasked.put(of, condition);
    return condition;
  }

  private String sum(String tensor, String name, List<Node> before) {
    String all = editor.freshName(name);
    before.add(
        Node.builder("ReduceSum")
            .name(all)
            .inputs(tensor)
            .outputs(all)
            .attribute(Attribute.of("keepdims", 0))
            .build());
    return all;
  }

  private String constant() {
    if (nothing.isEmpty()) {
      nothing = editor.freshName("nothing");
      editor.putInitializer(Initializer.floats(nothing, new float[1]));
    }
    return nothing;
  }

  /** A branch that computes what was there before. */
  private Graph asBefore(String name, AttentionMatch match) {
    GraphBuilder graph = Graph.builder(name);
    String result = match.last().outputs().get(0);
    String renamed = editor.freshName(result + "_" + name);
    for (Node node : match.nodes()) {
      graph.node(
          node.outputs().get(0).equals(result) ? node.toBuilder().outputs(renamed).build() : node);
    }
    return graph.output(result(renamed, match)).build();
  }
}
