package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Graph;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.PassNeeds;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotFoldException;
import io.inferc.rewrite.internal.ConstantEvaluator;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.GraphScope;
import io.inferc.rewrite.internal.ModelRewrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes at compile time what depends on constants and proved shapes only: Constant nodes become
 * initializers, and cheap operators on constants (moving elements, integer arithmetic, single
 * floating-point operations) become their results, which keep the tensor's name.
 *
 * <p>Nothing is folded whose last bit the ONNX operator specification leaves open, nor
 * QuantizeLinear and DequantizeLinear, which back ends match, nor nodes that make an output of the
 * graph. A result may be as large as all its inputs together or {@value #SMALL_BYTES} bytes,
 * whichever is more, and no larger than {@value #LARGEST_BYTES} bytes; what a body of If, Loop or
 * Scan reads from outside does not count, and leaves room for {@value #OUTER_BYTES} bytes.
 * Constants that nobody reads any more are left to {@link DeadNodeElimination}.
 */
public final class ConstantFolding implements GraphPass {
  /** Results of up to this many bytes are folded whatever the size of the inputs. */
  public static final long SMALL_BYTES = 64 * 1024;

  /** Results of up to this many bytes are folded into a body that reads what lies outside of it. */
  public static final long OUTER_BYTES = 1024;

  /** Larger results are not folded. */
  public static final long LARGEST_BYTES = 64 * 1024 * 1024;

  /**
   * All results of a graph together may take this many bytes and twice those of its constants,
   * since many small nodes can each make something larger.
   */
  public static final long GROWTH_BYTES = 128 * 1024 * 1024;

  /** Creates the pass. */
  public ConstantFolding() {}

  @Override
  public String name() {
    return "fold-constants";
  }

  @Override
  public PassNeeds needs() {
    return PassNeeds.nothing().follows(CastLikeResolution.class);
  }

  @Override
  public OnnxModel apply(OnnxModel model, RewriteLog log) {
    return ModelRewrite.outerFirst(
        this, model, log, (graph, scope) -> new Folder(graph, scope).fold());
  }

  /** Folds one graph. */
  private static final class Folder {
    private final Graph graph;
    private final GraphScope scope;
    private final ShapeConstants shapes;
    private long room;
    private final Set<String> outputs = new HashSet<>();
    private final Map<String, Initializer> folded = new HashMap<>();
    private final List<Node> removed = new ArrayList<>();
    private final List<Initializer> added = new ArrayList<>();

    Folder(Graph graph, GraphScope scope) {
      this.graph = graph;
      this.scope = scope;
      this.shapes = new ShapeConstants(this::constant, scope::provedShape);
      graph.outputs().forEach(o -> outputs.add(o.name()));
      room = GROWTH_BYTES;
      for (Initializer i : graph.initializers()) {
        room += 2 * i.byteSize();
      }
    }

    Graph fold() {
      for (Node node : graph.nodes()) {
        if (node.outputs().size() == 1 && !outputs.contains(node.outputs().get(0))) {
          value(node).ifPresent(v -> replace(node, v));
        }
      }
      if (removed.isEmpty()) {
        return graph;
      }
      GraphEditor editor = graph.edit();
      for (Node node : removed) {
        editor.remove(node);
      }
      added.forEach(editor::putInitializer);
      return editor.build();
    }

    private void replace(Node node, Initializer value) {
      String name = node.outputs().get(0);
      Initializer constant = value.withName(name);
      folded.put(name, constant);
      added.add(constant);
      removed.add(node);
      if (!Constants.isNode(node)) {
        scope.changed(node, "The node was replaced by its value, which is constant: " + value);
      }
    }

    private Optional<Initializer> constant(String tensor) {
      Initializer known = folded.get(tensor);
      if (known != null) {
        return Optional.of(known);
      }
      Optional<Initializer> here = graph.initializer(tensor);
      return here.isPresent()
          ? here.filter(i -> !scope.isOverridable(tensor))
          : scope.outerConstant(tensor);
    }

    /** What lies in an outer graph stays there for others, so a result is one more constant. */
    private boolean isOuter(String tensor) {
      return !tensor.isEmpty()
          && !folded.containsKey(tensor)
          && graph.initializer(tensor).isEmpty();
    }

    private boolean readsOuter(Node node) {
      return node.inputs().stream().anyMatch(this::isOuter);
    }

    private Optional<Initializer> value(Node node) {
      if (Constants.isNode(node)) {
        return Constants.value(node);
      }
      Optional<Initializer> ofShape = shapes.value(node);
      if (ofShape.isPresent() || !ConstantEvaluator.knows(node, scope.opset())) {
        return ofShape;
      }
      List<@Nullable Initializer> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        Optional<Initializer> constant = constant(input);
        if (constant.isEmpty() && !input.isEmpty()) {
          return Optional.empty();
        }
        inputs.add(constant.orElse(null));
      }
      return evaluate(node, inputs);
    }

    private Optional<Initializer> evaluate(Node node, List<@Nullable Initializer> inputs) {
      try {
        long most = readsOuter(node) ? OUTER_BYTES : SMALL_BYTES;
        for (int i = 0; i < inputs.size(); i++) {
          Initializer input = inputs.get(i);
          most += input == null || isOuter(node.inputs().get(i)) ? 0 : input.byteSize();
        }
        long expected = ConstantEvaluator.expectedBytes(node, inputs);
        if (expected > Math.min(most, LARGEST_BYTES)) {
          throw new CannotFoldException("The result is too large.");
        }
        if (expected > room) {
          throw new CannotFoldException("The results before it are too large together.");
        }
        room -= expected;
        return Optional.of(ConstantEvaluator.evaluate(node, inputs));
      } catch (CannotFoldException | ArithmeticException e) {
        scope.leftAlone(
            node, "The node reads constants only, but was not computed: " + e.getMessage());
        return Optional.empty();
      }
    }
  }
}
