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
 * at {@value #RUNS} assignments of unlike numbers to the symbols, and to the open dimensions of
 * inputs that have no name: a dimension that had the value of one symbol each time is that symbol,
 * one that never changed is a number, and any other stays open.
 *
 * <pre>{@code
 * Map<String, TensorSpec> shapes = SymbolicShapes.observe(model, backend, choice, profiles);
 * shapes.get("/encoder/layer.0/output"); // [batch_size, sequence_length, 384]
 * }</pre>
 */
public final class SymbolicShapes {
  private static final int RUNS = 3;
  // The first symbol is nearly always the batch, which may be small. Others may pass through
  // strides that would make small sizes equal.
  private static final int[][] DEFAULTS = {
    {3, 37, 43, 53, 61, 83}, {5, 47, 67, 71, 73, 97}, {2, 59, 79, 89, 101, 103}
  };

  /** An open dimension of the inputs: a symbol, or a place that has no name. */
  private record Open(String name, boolean symbol) {
    static Open of(String input, int axis, Dimension dimension) {
      return dimension
          .symbol()
          .map(s -> new Open(s, true))
          .orElseGet(() -> new Open(input + "[" + axis + "]", false));
    }

    Dimension declared() {
      return symbol ? Dimension.symbolic(name) : Dimension.unknown();
    }
  }

  private final OnnxModel model;
  private final BackendModel loaded;
  private final Map<Open, List<Range>> ranges;

  private SymbolicShapes(OnnxModel model, BackendModel loaded, Map<Open, List<Range>> ranges) {
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
   * @param profiles sizes that the model is known to accept, for each symbol or dimension; symbols
   *     of none are tried with small prime numbers
   * @return a specification for each tensor made by a node of the main graph, by name
   * @throws InfercException if the back end cannot return intermediate tensors, an input has no
   *     rank, no zero, or a dimension that neither has a name nor is bound by a profile, or the
   *     model refuses a size
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
    Map<Open, List<Range>> ranges = ranges(model, profiles);
    try (ModelSource source = ModelSource.of(everythingReturned(model));
        BackendModel loaded =
            backend.compile(CompileRequest.of(source, model.graph().name(), choice).asFaithful())) {
      return new SymbolicShapes(model, loaded, ranges).observe();
    }
  }

  /** The open dimensions of the inputs, and the sizes that profiles allow them. */
  private static Map<Open, List<Range>> ranges(OnnxModel model, List<ShapeProfile> profiles) {
    List<TensorSpec> inputs =
        model.graph().requiredInputs().stream().map(SymbolicShapes::ranked).toList();
    List<ProfileRanges> laid = profiles.stream().map(p -> new ProfileRanges(p, inputs)).toList();
    Map<Open, List<Range>> ranges = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorSpec input = inputs.get(i);
      List<Dimension> dimensions = input.shape().dimensions().orElseThrow();
      for (int axis = 0; axis < dimensions.size(); axis++) {
        Dimension d = dimensions.get(axis);
        if (d.isFixed()) {
          continue;
        }
        List<Range> allowed =
            ranges.computeIfAbsent(Open.of(input.name(), axis, d), o -> new ArrayList<>());
        for (ProfileRanges profile : laid) {
          profile.range(i, axis).ifPresent(allowed::add);
        }
        if (d.symbol().isEmpty() && allowed.isEmpty()) {
          throw new InfercException(
              Stage.SHAPE,
              "Tried to observe shapes, but dimension "
                  + axis
                  + " of the input '"
                  + input.name()
                  + "' has no name, and no profile binds it: "
                  + input
                  + ".",
              "Name its open dimensions in the model, or bind them in a profile with"
                  + " input(name, Range...).");
        }
      }
    }
    return ranges;
  }

  private static TensorSpec ranked(ValueInfo input) {
    return input
        .tensor()
        .filter(t -> t.shape().dimensions().isPresent())
        .orElseThrow(
            () ->
                new InfercException(
                    Stage.SHAPE,
                    "Tried to observe shapes, but the input '"
                        + input.name()
                        + "' has no rank: "
                        + input
                        + ".",
                    "Declare the shapes of the inputs in the model."));
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
    List<Map<Open, Long>> assignments = new ArrayList<>();
    List<List<long[]>> shapes = new ArrayList<>();
    for (int run = 0; run < RUNS; run++) {
      Map<Open, Long> sizes = assignment(run);
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
  private Map<Open, Long> assignment(int run) {
    Map<Open, Long> sizes = new LinkedHashMap<>();
    Set<Long> taken = new LinkedHashSet<>();
    int index = 0;
    for (Map.Entry<Open, List<Range>> open : ranges.entrySet()) {
      long size = DEFAULTS[run][Math.min(index, DEFAULTS[run].length - 1)];
      if (!open.getValue().isEmpty()) {
        long min = open.getValue().stream().mapToLong(Range::min).min().orElse(1);
        long max = open.getValue().stream().mapToLong(Range::max).max().orElse(size);
        size = Math.max(min, Math.min(max, size));
        size = Math.min(max, size + (size == min ? run : 0));
        while (taken.contains(size) && size < max) {
          size++;
        }
      }
      taken.add(size);
      sizes.put(open.getKey(), size);
      index++;
    }
    return sizes;
  }

  private List<long[]> run(Map<Open, Long> sizes) {
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

  private Tensor zeros(TensorSpec spec, Map<Open, Long> sizes) {
    List<Dimension> declared =
        model.graph().declared(spec.name()).orElse(spec).shape().dimensions().orElseThrow();
    long[] shape = new long[declared.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      Dimension d = declared.get(axis);
      shape[axis] =
          d.isFixed()
              ? d.size().getAsLong()
              : sizes.getOrDefault(Open.of(spec.name(), axis, d), 1L);
    }
    if (spec.type() == DataType.STRING) {
      throw new InfercException(
          Stage.SHAPE,
          "Tried to observe shapes, but the input '" + spec.name() + "' takes text.",
          "Declare the shapes of such a model when exporting it.");
    }
    return Tensor.allocate(spec.type(), shape);
  }

  private TensorShape generalize(List<long[]> seen, List<Map<Open, Long>> assignments) {
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

  private Dimension generalize(List<long[]> seen, List<Map<Open, Long>> assignments, int axis) {
    Open only = null;
    int matches = 0;
    boolean mayVary = true;
    for (Open open : ranges.keySet()) {
      boolean equal = true;
      boolean varies = false;
      for (int run = 0; run < seen.size(); run++) {
        long size = assignments.get(run).getOrDefault(open, -1L);
        equal &= seen.get(run)[axis] == size;
        varies |= size != assignments.get(0).getOrDefault(open, -1L);
      }
      if (equal) {
        matches++;
        only = open;
        // A dimension that its profiles fix cannot be told from a number.
        mayVary &= varies;
      }
    }
    if (matches == 1 && only != null && mayVary) {
      return only.declared();
    }
    long first = seen.get(0)[axis];
    boolean constant = seen.stream().allMatch(s -> s[axis] == first);
    return matches == 0 && constant ? Dimension.fixed(first) : Dimension.unknown();
  }
}
