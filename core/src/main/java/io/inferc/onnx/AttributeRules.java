package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for attributes and constant arguments outside the range that the ONNX operator
 * specification gives them. Runtimes divide by some of them, and use others as addresses.
 */
final class AttributeRules {
  private static final Set<String> WINDOWS =
      Set.of(
          "Conv",
          "ConvInteger",
          "ConvTranspose",
          "QLinearConv",
          "DeformConv",
          "MaxPool",
          "AveragePool",
          "LpPool",
          "MaxUnpool",
          "Col2Im");

  private static final List<String> POSITIVE_LISTS =
      List.of("kernel_shape", "strides", "dilations");

  private static final Map<String, List<String>> POSITIVE =
      Map.ofEntries(
          Map.entry("Split", List.of("num_outputs")),
          Map.entry("Attention", List.of("q_num_heads", "kv_num_heads")),
          Map.entry("SpaceToDepth", List.of("blocksize")),
          Map.entry("DepthToSpace", List.of("blocksize")),
          Map.entry("GroupNormalization", List.of("num_groups")),
          Map.entry("LRN", List.of("size")),
          Map.entry("RNN", List.of("hidden_size")),
          Map.entry("GRU", List.of("hidden_size")),
          Map.entry("LSTM", List.of("hidden_size")),
          Map.entry("RoiAlign", List.of("output_height", "output_width")),
          Map.entry("Conv", List.of("group")),
          Map.entry("ConvInteger", List.of("group")),
          Map.entry("ConvTranspose", List.of("group")),
          Map.entry("QLinearConv", List.of("group")),
          Map.entry("DeformConv", List.of("group", "offset_group")));

  /** Operators whose attribute axis counts the dimensions of their first input. */
  private static final Set<String> OF_AXIS =
      Set.of(
          "Split",
          "Concat",
          "Gather",
          "LayerNormalization",
          "RMSNormalization",
          "LogSoftmax",
          "ArgMax",
          "ArgMin",
          "GatherElements",
          "ScatterElements",
          "TopK",
          "DFT");

  /** No dimension comes near it, and sums with it do not overflow. */
  private static final long FARTHEST_DIAGONAL = 1L << 48;

  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Initializer> constants = new HashMap<>();

  /**
   * What is wrong.
   *
   * @param attribute the attribute or argument
   * @param text a sentence
   */
  record Objection(String attribute, String text) {}

  /** Knows the inputs and constants of a graph; what others make is open. */
  static AttributeRules of(Graph graph) {
    AttributeRules rules = new AttributeRules();
    for (ValueInfo input : graph.inputs()) {
      rank(input).ifPresent(r -> rules.ranks.put(input.name(), r));
    }
    Set<String> inputs = rules.ranks.keySet();
    for (Initializer constant : graph.initializers()) {
      if (!inputs.contains(constant.name())) {
        rules.ranks.put(constant.name(), constant.proto().getDimsCount());
        rules.constants.put(constant.name(), constant);
      }
    }
    return rules;
  }

  private static Optional<Integer> rank(ValueInfo input) {
    var type = input.proto().getType();
    return type.hasTensorType() && type.getTensorType().hasShape()
        ? Optional.of(type.getTensorType().getShape().getDimCount())
        : Optional.empty();
  }

  /** Says what is wrong with a node whose attributes are of the right kinds. */
  Optional<Objection> objection(Node node) {
    return positive(node)
        .or(() -> windows(node))
        .or(() -> axis(node))
        .or(() -> heads(node))
        .or(() -> arguments(node));
  }

  private static Optional<Objection> positive(Node node) {
    return POSITIVE.getOrDefault(node.opType(), List.of()).stream()
        .filter(name -> node.attribute(name).filter(AttributeRules::holdsInt).isPresent())
        .filter(name -> node.intAttribute(name, 1) < 1)
        .findFirst()
        .map(name -> tooSmall(name, node.intAttribute(name, 1)));
  }

  private static boolean holdsInt(Attribute a) {
    return a.kind() == Attribute.Kind.INT && a.proto().getRefAttrName().isEmpty();
  }

  private static Optional<long[]> ints(Node node, String name) {
    return node.attribute(name)
        .filter(a -> a.kind() == Attribute.Kind.INTS && a.proto().getRefAttrName().isEmpty())
        .map(Attribute::asInts);
  }

  private static Objection tooSmall(String name, Object found) {
    return new Objection(name, "It is " + found + ", and must be at least 1.");
  }

  private static Optional<Objection> windows(Node node) {
    if (!WINDOWS.contains(node.opType())) {
      return Optional.empty();
    }
    return POSITIVE_LISTS.stream()
        .filter(n -> ints(node, n).filter(v -> Arrays.stream(v).anyMatch(i -> i < 1)).isPresent())
        .findFirst()
        .map(n -> tooSmall(n, Arrays.toString(ints(node, n).orElseThrow())));
  }

  private Optional<Objection> axis(Node node) {
    if (!OF_AXIS.contains(node.opType())
        || node.attribute("axis").filter(AttributeRules::holdsInt).isEmpty()) {
      return Optional.empty();
    }
    Integer rank = node.input(0).map(ranks::get).orElse(null);
    long axis = node.intAttribute("axis", 0);
    if (rank == null || rank == 0 || (axis >= -rank && axis < rank)) {
      return Optional.empty();
    }
    return Optional.of(
        new Objection(
            "axis",
            "It is "
                + axis
                + ", and the input has "
                + rank
                + " dimensions: expected "
                + -rank
                + " to "
                + (rank - 1)
                + "."));
  }

  private static Optional<Objection> heads(Node node) {
    boolean both =
        node.opType().equals("Attention")
            && node.attribute("q_num_heads").filter(AttributeRules::holdsInt).isPresent()
            && node.attribute("kv_num_heads").filter(AttributeRules::holdsInt).isPresent();
    long heads = both ? node.intAttribute("q_num_heads", 1) : 1;
    long shared = both ? node.intAttribute("kv_num_heads", 1) : 1;
    return heads % shared == 0
        ? Optional.empty()
        : Optional.of(
            new Objection(
                "q_num_heads",
                "It is " + heads + ", and must be a multiple of kv_num_heads, " + shared + "."));
  }

  /** Arguments that are inputs, where they are constant. */
  private Optional<Objection> arguments(Node node) {
    return switch (node.opType()) {
      case "Col2Im" -> least(node, 1, "image_shape", 1).or(() -> least(node, 2, "block_shape", 1));
      case "DFT" -> least(node, 1, "dft_length", 1);
      case "Split" -> least(node, 1, "split", 0);
      case "Trilu" ->
          constant(node, 1)
              .filter(
                  k ->
                      Arrays.stream(k)
                          .anyMatch(v -> Math.abs(v) > FARTHEST_DIAGONAL || v == Long.MIN_VALUE))
              .map(k -> new Objection("k", "It is " + Arrays.toString(k) + ", beyond any matrix."));
      default -> Optional.empty();
    };
  }

  private Optional<Objection> least(Node node, int input, String name, long least) {
    return constant(node, input)
        .filter(v -> Arrays.stream(v).anyMatch(i -> i < least))
        .map(v -> new Objection(name, "It is " + cut(v) + ", and must be at least " + least + "."));
  }

  private static String cut(long... values) {
    return Arrays.toString(Arrays.copyOf(values, Math.min(values.length, 8)));
  }

  private Optional<long[]> constant(Node node, int input) {
    Initializer found = node.input(input).map(constants::get).orElse(null);
    if (found == null
        || found.proto().getDimsCount() > 1
        || TensorBytes.isExternal(found.proto())) {
      return Optional.empty();
    }
    int code = found.proto().getDataType();
    boolean whole = code == DataType.INT64.onnxCode() || code == DataType.INT32.onnxCode();
    try {
      return whole && found.elementCount() <= 64 ? Optional.of(found.longs()) : Optional.empty();
    } catch (RuntimeException e) {
      // What is wrong with the constant itself is reported by its own check.
      return Optional.empty();
    }
  }
}
