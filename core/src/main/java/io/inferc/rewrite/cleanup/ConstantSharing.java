package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.ConstantContent;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.InnerGraphs;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Keeps large constants once that several graphs of a model have alike, as the two branches of an
 * If do after their weights were folded: the one that stays is in the main graph, where all see it.
 * Constants of one graph are {@link CommonSubexpressions}' own to unify.
 */
public final class ConstantSharing implements GraphPass {
  /** Smaller constants are left where they are read. */
  public static final long SMALLEST_BYTES = 1024;

  /** Creates the pass. */
  public ConstantSharing() {}

  @Override
  public String name() {
    return "share-constants";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(DeadNodeElimination.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    Map<ConstantContent, Integer> seen = new LinkedHashMap<>();
    Set<String> hidden = new HashSet<>();
    InnerGraphs.of(model.graph())
        .forEach(
            body -> {
              hidden.addAll(body.definedNames());
              body.initializers().stream()
                  .filter(ConstantSharing::isLarge)
                  .forEach(c -> seen.merge(new ConstantContent(c), 1, Integer::sum));
            });
    if (seen.isEmpty() || model.irVersion() <= 3) {
      // Up to IR version 3 a body sees no constants of the main graph but its declared inputs.
      return model;
    }
    Map<ConstantContent, String> homes = new HashMap<>();
    return ModelRewrite.outerFirst(
        this,
        model,
        log,
        (graph, scope) ->
            scope.isMain()
                ? withHomes(graph, scope, seen, hidden, homes)
                : withoutCopies(graph, homes));
  }

  private static boolean isLarge(Initializer constant) {
    return constant.byteSize() >= SMALLEST_BYTES;
  }

  /** Finds the constants of the main graph that bodies have too, and adds what several have. */
  private static Graph withHomes(
      Graph graph,
      GraphScope scope,
      Map<ConstantContent, Integer> seen,
      Set<String> hidden,
      Map<ConstantContent, String> homes) {
    for (Initializer constant : graph.initializers()) {
      String name = constant.name();
      if (isLarge(constant) && !scope.isOverridable(name) && !hidden.contains(name)) {
        ConstantContent content = new ConstantContent(constant);
        if (seen.containsKey(content)) {
          homes.putIfAbsent(content, name);
        }
      }
    }
    GraphEditor editor = graph.edit();
    boolean changed = false;
    for (Map.Entry<ConstantContent, Integer> e : seen.entrySet()) {
      if (e.getValue() > 1 && !homes.containsKey(e.getKey())) {
        Initializer constant = e.getKey().constant();
        String name = editor.freshName(constant.name() + "_shared");
        editor.putInitializer(constant.withName(name));
        homes.put(e.getKey(), name);
        changed = true;
      }
    }
    return changed ? editor.build() : graph;
  }

  private static Graph withoutCopies(Graph graph, Map<ConstantContent, String> homes) {
    Map<String, String> replaced = new HashMap<>();
    for (Initializer constant : graph.initializers()) {
      String home = isLarge(constant) ? homes.get(new ConstantContent(constant)) : null;
      if (home != null) {
        replaced.put(constant.name(), home);
      }
    }
    graph.outputs().forEach(o -> replaced.remove(o.name()));
    graph.inputs().forEach(i -> replaced.remove(i.name()));
    if (replaced.isEmpty()) {
      return graph;
    }
    GraphEditor editor = graph.edit();
    Set<Node> readers = Collections.newSetFromMap(new IdentityHashMap<>());
    replaced.keySet().forEach(c -> readers.addAll(editor.consumers(c)));
    for (Node reader : readers) {
      editor.replace(reader, reader.mapReads(n -> replaced.getOrDefault(n, n)));
    }
    replaced.keySet().forEach(c -> editor.removeInitializer(c).removeValueInfo(c));
    return editor.build();
  }
}
