package io.inferc.shape;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out which dimensions of the tensors between nodes are the model's symbols, by running the
 * model at several sizes.
 *
 * <p>Runtimes lose symbols where shapes are computed, such as in exported attention, and then fuse
 * less, since they cannot know that two tensors have the same shape. Here the model runs on zeros
 * at {@value #RUNS} assignments of unlike numbers to the symbols: a dimension that had the value of
 * one symbol each time is that symbol, one that never changed is a number, and any other stays
 * open.
 *
 * <pre>{@code
 * Map<String, TensorSpec> shapes = SymbolicShapes.observe(model, backend, choice, profiles);
 * shapes.get("/encoder/layer.0/output"); // [batch_size, sequence_length, 384]
 * }</pre>
 */
public final class SymbolicShapes {
  private static final int RUNS = 3;
  // The first symbol is nearly always the batch, which may be small. Others may pass through
  // strides
  // that would make small sizes equal.
  private static final int[][] DEFAULTS = {
    {3, 37, 43, 53, 61, 83}, {5, 47, 67, 71, 73, 97}, {2, 59, 79, 89, 101, 103}
  };

  private final OnnxModel model;
  private final BackendModel loaded;
  private final Map<String, List<Range>> ranges;

  private SymbolicShapes(OnnxModel model, BackendModel loaded, Map<String, List<Range>> ranges) {
    this.model = model;
    this.loaded = loaded;
    this.ranges = ranges;
  }

  /**
   * Runs the model and compares shapes.
   *
   * @param model the model
   * @param backend a back end whose capabilities have {@code intermediateOutputs}
   * @param choice its device and options
   * @param profiles sizes that the model is known to accept, for each symbol; symbols of none are
   *     tried with small prime numbers
   * @return a specification for each tensor made by a node of the main graph, by name
   * @throws InfercException if the back end cannot return intermediate tensors, an input has a
   *     dimension without a symbol or no zero, or the model refuses a size
   */
  public static Map<String, TensorSpec> observe(
      OnnxModel model, Backend backend, Target.Choice choice, List<ShapeProfile> profiles) {
    if (!backend.capabilities(choice).intermediateOutputs()) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to observe the shapes of "
              + model
              + " with the back end '"
              + backend.name()
              + "', but it cannot return intermediate tensors.",
          "Use ONNX Runtime for this: add io.inferc:inferc-backend-onnxruntime.");
    }
    Map<String, List<Range>> ranges = symbols(model, profiles);
    try (ModelSource source = ModelSource.of(everythingReturned(model));
        BackendModel loaded =
            backend.compile(CompileRequest.of(source, model.graph().name(), choice).asFaithful())) {
      return new SymbolicShapes(model, loaded, ranges).observe();
    }
  }

  private static Map<String, List<Range>> symbols(OnnxModel model, List<ShapeProfile> profiles) {
    Map<String, List<Range>> symbols = new LinkedHashMap<>();
    for (ValueInfo input : model.graph().requiredInputs()) {
      List<Dimension> dimensions =
          input.tensor().flatMap(t -> t.shape().dimensions()).orElseThrow(() -> open(input));
      for (Dimension d : dimensions) {
        if (d.isFixed()) {
          continue;
        }
        String symbol = d.symbol().orElseThrow(() -> open(input));
        symbols.computeIfAbsent(
            symbol, s -> profiles.stream().flatMap(p -> p.range(s).stream()).toList());
      }
    }
    return symbols;
  }

  private static InfercException open(ValueInfo input) {
    return new InfercException(
        Stage.SHAPE,
        "Tried to observe shapes, but the input '"
            + input.name()
            + "' has a dimension without a name: "
            + input
            + ".",
        "Name its open dimensions in the model.");
  }

  private static OnnxModel everythingReturned(OnnxModel model) {
    GraphEditor editor = model.graph().edit();
    model.graph().outputs().forEach(o -> editor.removeOutput(o.name()));
    for (Node node : model.graph().nodes()) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          editor.addOutput(ValueInfo.untyped(output));
        }
      }
    }
    return model.withGraph(editor.build());
  }

  private Map<String, TensorSpec> observe() {
    List<Map<String, Long>> assignments = new ArrayList<>();
    List<List<long[]>> shapes = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      Map<String, Long> sizes = assignment(run);
      assignments.add(sizes);
      shapes.add(run(sizes));
    }
    Map<String, TensorSpec> found = new LinkedHashMap<>();
    List<TensorSpec> outputs = loaded.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      List<long[]> seen = new ArrayList<>();
      for (List<long[]> run : shapes) {
        seen.add(run.get(i));
      }
      TensorSpec spec = outputs.get(i);
      found.put(
          spec.name(), new TensorSpec(spec.name(), spec.type(), generalize(seen, assignments)));
    }
    return Collections.unmodifiableMap(found);
  }

  /** Chooses unlike sizes, within the profiles where there are some. */
  private Map<String, Long> assignment(int run) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    Set<Long> taken = new LinkedHashSet<>();
    int index = 0;
    for (Map.Entry<String, List<Range>> symbol : ranges.entrySet()) {
      long size = DEFAULTS[run][Math.min(index, DEFAULTS[run].length - 1)];
      if (!symbol.getValue().isEmpty()) {
        long min = symbol.getValue().stream().mapToLong(Range::min).min().orElse(1);
        long max = symbol.getValue().stream().mapToLong(Range::max).max().orElse(size);
        size = Math.max(min, Math.min(max, size));
        size = Math.min(max, size + (size == min ? run : 0));
        while (taken.contains(size) && size < max) {
          size++;
        }
      }
      taken.add(size);
      sizes.put(symbol.getKey(), size);
      index++;
    }
    return sizes;
  }

  private List<long[]> run(Map<String, Long> sizes) {
    List<Tensor> inputs = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    try (BackendSession session = loaded.newSession(-1)) {
      for (int i = 0; i < loaded.inputs().size(); i++) {
        Tensor zeros = zeros(loaded.inputs().get(i), sizes);
        inputs.add(zeros);
        session.bindInput(i, zeros);
      }
      session.run();
      for (int i = 0; i < loaded.outputs().size(); i++) {
        try (Tensor output = session.takeOutput(i)) {
          shapes.add(output.shape());
        }
      }
    } finally {
      inputs.forEach(Tensor::close);
    }
    return shapes;
  }

  private Tensor zeros(TensorSpec spec, Map<String, Long> sizes) {
    List<Dimension> declared =
        model.graph().declared(spec.name()).orElse(spec).shape().dimensions().orElseThrow();
    long[] shape = new long[declared.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      Dimension d = declared.get(axis);
      shape[axis] = d.symbol().map(s -> sizes.getOrDefault(s, 1L)).orElse(d.size().orElse(1));
    }
    if (spec.type() == DataType.STRING) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to observe shapes, but the input '" + spec.name() + "' takes text.",
          "Declare the shapes of such a model when exporting it.");
    }
    return Tensor.allocate(spec.type(), shape);
  }

  private TensorShape generalize(List<long[]> seen, List<Map<String, Long>> assignments) {
    int rank = seen.get(0).length;
    if (seen.stream().anyMatch(s -> s.length != rank)) {
      return TensorShape.unknownRank();
    }
    List<Dimension> dimensions = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      dimensions.add(generalize(seen, assignments, axis));
    }
    return TensorShape.of(dimensions);
  }

  private Dimension generalize(List<long[]> seen, List<Map<String, Long>> assignments, int axis) {
    String only = null;
    int matches = 0;
    boolean mayVary = true;
    for (String symbol : ranges.keySet()) {
      boolean equal = true;
      boolean varies = false;
      for (int run = 0; run < seen.size(); run++) {
        long size = assignments.get(run).getOrDefault(symbol, -1L);
        equal &= seen.get(run)[axis] == size;
        varies |= size != assignments.get(0).getOrDefault(symbol, -1L);
      }
      if (equal) {
        matches++;
        only = symbol;
        // A symbol that its profiles fix cannot be told from a number.
        mayVary &= varies;
      }
    }
    if (matches == 1 && only != null && mayVary) {
      return Dimension.symbolic(only);
    }
    long first = seen.get(0)[axis];
    boolean constant = seen.stream().allMatch(s -> s[axis] == first);
    return matches == 0 && constant ? Dimension.fixed(first) : Dimension.unknown();
  }
}
