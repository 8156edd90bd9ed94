package io.inferc.shape.internal;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.Messages;
import io.inferc.onnx.Graph;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.shape.ProfileException;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The shapes of the tensors between nodes, as far as they follow from the shapes of the inputs.
 *
 * <p>Each operator's definition is applied in turn to sizes that are numbers, symbols of the model,
 * or expressions of these; the values of small integer tensors are followed, since exported models
 * compute shapes from shapes. What is proved holds of every input that the declared input shapes
 * and the profiles admit. What depends on the data, or on a bound that a profile does not settle,
 * is unknown. The model is not run, and what it declares of tensors between nodes is not believed.
 *
 * <pre>{@code
 * ProvedShapes shapes = ProvedShapes.of(model, profiles);
 * shapes.declarations().get("/encoder/layer.0/output"); // [batch_size, sequence_length, 384]
 * }</pre>
 *
 * <p>The rules are those of the ONNX operator specification. Immutable and thread-safe.
 */
public final class ProvedShapes {
  /** No dimension of an input is larger; runtimes keep sizes in 32 bits in many places. */
  private static final long LARGEST = Integer.MAX_VALUE;

  private static final int LONGEST_TEXT = 300;

  private final List<TensorSpec> inputs;
  private final Map<String, List<Size>> shapes;
  private final SymbolNames names;
  private final Optional<Outsized> largest;

  private ProvedShapes(
      List<TensorSpec> inputs,
      Map<String, List<Size>> shapes,
      SymbolNames names,
      Optional<Outsized> largest) {
    this.inputs = inputs;
    this.shapes = shapes;
    this.names = names;
    this.largest = largest;
  }

  /**
   * Proves what can be proved.
   *
   * @param model the model
   * @param profiles the sizes that its inputs will have; none for any that it declares
   * @return the shapes of the tensors that the nodes of its main graph make
   * @throws ProfileException if a profile does not fit the model
   */
  public static ProvedShapes of(OnnxModel model, List<ShapeProfile> profiles) {
    Graph graph = model.graph();
    List<TensorSpec> inputs = new ArrayList<>();
    for (ValueInfo input : graph.requiredInputs()) {
      input.tensor().filter(t -> t.shape().isRankKnown()).ifPresent(inputs::add);
    }
    Map<String, Bounds> bounds = bounds(inputs, profiles);
    Map<String, List<Size>> given = new LinkedHashMap<>();
    for (TensorSpec input : inputs) {
      List<Dimension> dimensions = input.shape().dimensions().orElseThrow();
      List<Size> sizes = new ArrayList<>();
      for (int axis = 0; axis < dimensions.size(); axis++) {
        Dimension d = dimensions.get(axis);
        String name = name(input, axis);
        sizes.add(
            d.isFixed()
                ? Size.of(d.size().getAsLong())
                : Size.symbol(name, bounds.getOrDefault(name, new Bounds(0, LARGEST))));
      }
      given.put(input.name(), sizes);
    }
    ShapeProver prover = new ShapeProver(model, given);
    Map<String, List<Size>> shapes = prover.prove(graph);
    return new ProvedShapes(inputs, shapes, SymbolNames.of(graph, shapes), prover.largest());
  }

  /** A symbol's name, or the place of a dimension that has none. */
  private static String name(TensorSpec input, int axis) {
    return input
        .shape()
        .dimensions()
        .orElseThrow()
        .get(axis)
        .symbol()
        .orElseGet(() -> unnamed(input, axis));
  }

  private static String unnamed(TensorSpec input, int axis) {
    // No symbol has this character.
    return "\0" + input.name() + "[" + axis + "]";
  }

  /** What all profiles together allow of each open dimension. */
  private static Map<String, Bounds> bounds(List<TensorSpec> inputs, List<ShapeProfile> profiles) {
    Map<String, Bounds> bounds = new HashMap<>();
    for (int i = 0; i < profiles.size(); i++) {
      Map<String, Bounds> one = bounds(inputs, new ProfileRanges(profiles.get(i), inputs));
      if (i == 0) {
        bounds.putAll(one);
      } else {
        bounds.keySet().retainAll(one.keySet());
        bounds.replaceAll((name, b) -> hull(b, one.getOrDefault(name, b)));
      }
    }
    return bounds;
  }

  private static Map<String, Bounds> bounds(List<TensorSpec> inputs, ProfileRanges profile) {
    Map<String, Bounds> bounds = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      for (int axis = 0; axis < inputs.get(i).shape().dimensions().orElseThrow().size(); axis++) {
        Optional<Range> range = profile.range(i, axis);
        if (range.isPresent()) {
          Bounds here = new Bounds(range.get().min(), Math.min(LARGEST, range.get().max()));
          // All places of a symbol have the same size.
          bounds.merge(name(inputs.get(i), axis), here, ProvedShapes::both);
        }
      }
    }
    return bounds;
  }

  private static Bounds both(Bounds a, Bounds b) {
    long least = Math.max(a.min(), b.min());
    long most = Math.min(a.max(), b.max());
    return least <= most ? new Bounds(least, most) : a;
  }

  private static Bounds hull(Bounds a, Bounds b) {
    return new Bounds(Math.min(a.min(), b.min()), Math.max(a.max(), b.max()));
  }

  /**
   * Returns the shapes as a model can declare them: fixed sizes, the model's own symbols, and new
   * symbols for sizes that are none of these but are the same in several tensors.
   *
   * @return a shape for each tensor of known rank that a node of the main graph makes, by name
   */
  public Map<String, TensorShape> declarations() {
    Map<Size, Integer> uses = new HashMap<>();
    shapes
        .values()
        .forEach(s -> new HashSet<>(s).forEach(size -> uses.merge(size, 1, Integer::sum)));
    Map<Size, Dimension> named = new HashMap<>();
    Map<String, TensorShape> declared = new LinkedHashMap<>();
    shapes.forEach(
        (tensor, sizes) ->
            declared.put(
                tensor,
                TensorShape.of(sizes.stream().map(s -> dimension(s, uses, named)).toList())));
    return Collections.unmodifiableMap(declared);
  }

  private Dimension dimension(Size size, Map<Size, Integer> uses, Map<Size, Dimension> named) {
    Optional<String> symbol = size.symbol();
    if (symbol.isPresent() && isDeclared(symbol.get())) {
      return Dimension.symbolic(symbol.get());
    }
    OptionalLong fixed = size.fixed();
    if (fixed.isPresent()) {
      // A negative one is an error that the run will find.
      return fixed.getAsLong() >= 0 ? Dimension.fixed(fixed.getAsLong()) : Dimension.unknown();
    }
    if (uses.getOrDefault(size, 0) < 2) {
      return Dimension.unknown();
    }
    return named.computeIfAbsent(
        size, s -> Dimension.symbolic(names.known(s).orElseGet(() -> names.fresh(named.size()))));
  }

  private boolean isDeclared(String name) {
    return inputs.stream()
        .flatMap(i -> i.shape().dimensions().orElseThrow().stream())
        .anyMatch(d -> d.symbol().filter(name::equals).isPresent());
  }

  /**
   * Returns the sizes that a tensor must have for given inputs.
   *
   * @param tensor a tensor that a node of the main graph makes
   * @param inputShapes the shapes of the inputs by name
   * @return a size for each axis, empty where the inputs' shapes do not decide on it; or empty if
   *     the rank is not known
   */
  public Optional<List<OptionalLong>> expected(String tensor, Map<String, long[]> inputShapes) {
    List<Size> sizes = shapes.get(tensor);
    if (sizes == null) {
      return Optional.empty();
    }
    Map<String, Long> values = new HashMap<>();
    for (TensorSpec input : inputs) {
      long[] shape = inputShapes.get(input.name());
      for (int axis = 0; shape != null && axis < shape.length; axis++) {
        values.put(name(input, axis), shape[axis]);
      }
    }
    return Optional.of(sizes.stream().map(s -> s.evaluate(values)).toList());
  }

  /**
   * Returns how a tensor's sizes are made of the symbols, for messages.
   *
   * @param tensor a tensor that a node of the main graph makes
   * @return text such as {@code [1*'batch', 2*'seq'+1]}; {@code [...]} if the rank is not known
   */
  public String describe(String tensor) {
    List<Size> sizes = shapes.get(tensor);
    return sizes == null ? "[...]" : sizes.toString().replace("\0", "");
  }

  /**
   * Checks that no node makes more than fits, whatever the data: runtimes follow such sizes without
   * end, or take all memory there is, some of them while they compile.
   *
   * @param model what messages call the model
   * @param elements how many elements a tensor may have
   * @throws InfercException if a tensor has more
   */
  public void requireTensorsOf(String model, long elements) {
    Objects.requireNonNull(model, "model");
    if (largest.isEmpty() || largest.get().elements() <= elements) {
      return;
    }
    Outsized tensor = largest.get();
    throw new InfercException(
        Stage.COMPILE,
        "Tried to compile the model "
            + model
            + ", but its node "
            + Messages.cut(tensor.node().toString(), LONGEST_TEXT)
            + " makes the tensor '"
            + Messages.cut(tensor.output(), LONGEST_TEXT)
            + "' of "
            + Messages.cut(tensor.text().replace("\0", ""), LONGEST_TEXT)
            + ", and the limit is "
            + elements
            + " elements.",
        "Correct the constants it is made from. If there is memory for it, set a larger limit:"
            + " Compiler.Builder.limits(ModelLimits.defaults().withTensorElements(…)).");
  }
}
