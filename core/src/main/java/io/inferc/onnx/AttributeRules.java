package io.inferc.onnx;

import io.inferc.tensor.DataType;
import java.util.Arrays;
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

  /** The square of it, and that times the size of an element, are far from overflow. */
  private static final long LARGEST_BLOCK = 1L << 16;

  private static final long LARGEST_CUT = 1L << 31;

  private static final long MOST_ELEMENTS = 1024;

  /** Where nobody says how many there are. */
  private static final int MOST_DIMENSIONS = 1024;

  private final KnownTensors known;
  private final IndexRules indices;

  AttributeRules(KnownTensors known) {
    this.known = known;
    indices = new IndexRules(known);
  }

  /**
   * What is wrong.
   *
   * @param attribute the attribute or argument
   * @param text a sentence
   */
  record Objection(String attribute, String text) {}

  /** Says what is wrong with a node whose attributes are of the right kinds. */
  Optional<Objection> objection(Node node) {
    return positive(node)
        .or(() -> windows(node))
        .or(() -> axis(node))
        .or(() -> heads(node))
        .or(() -> limits(node))
        .or(() -> divides(node))
        .or(() -> arguments(node));
  }

  private static Optional<Objection> positive(Node node) {
    return POSITIVE.getOrDefault(node.opType(), List.of()).stream()
        .filter(name -> AttributeValues.integer(node, name).isPresent())
        .filter(name -> node.intAttribute(name, 1) < 1)
        .findFirst()
        .map(name -> tooSmall(name, node.intAttribute(name, 1)));
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
    if (!OF_AXIS.contains(node.opType()) || AttributeValues.integer(node, "axis").isEmpty()) {
      return Optional.empty();
    }
    int rank = node.input(0).map(known::sizes).map(sizes -> sizes.length).orElse(0);
    long axis = node.intAttribute("axis", 0);
    if (rank == 0 || (axis >= -rank && axis < rank)) {
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
            && AttributeValues.integer(node, "q_num_heads").isPresent()
            && AttributeValues.integer(node, "kv_num_heads").isPresent();
    long heads = both ? node.intAttribute("q_num_heads", 1) : 1;
    long shared = both ? node.intAttribute("kv_num_heads", 1) : 1;
    return heads % shared == 0
        ? Optional.empty()
        : Optional.of(
            new Objection(
                "q_num_heads",
                "It is " + heads + ", and must be a multiple of kv_num_heads, " + shared + "."));
  }

  /** Numbers that runtimes multiply, or count with, before they look at them. */
  private Optional<Objection> limits(Node node) {
    return switch (node.opType()) {
      case "SpaceToDepth", "DepthToSpace" -> most(node, "blocksize", LARGEST_BLOCK);
      case "GatherND" -> batches(node);
      default -> Optional.empty();
    };
  }

  private Optional<Objection> batches(Node node) {
    int rank = node.input(0).map(known::sizes).map(sizes -> sizes.length).orElse(MOST_DIMENSIONS);
    return AttributeValues.integer(node, "batch_dims")
        .filter(n -> n < 0 || n >= Math.max(1, rank))
        .map(
            n ->
                new Objection(
                    "batch_dims",
                    "It is "
                        + n
                        + ", and must be at least 0 and less than the input has"
                        + " dimensions."));
  }

  private static Optional<Objection> most(Node node, String name, long most) {
    return AttributeValues.integer(node, name).isPresent() && node.intAttribute(name, 1) > most
        ? Optional.of(
            new Objection(
                name,
                "It is " + node.intAttribute(name, 1) + ", and must be at most " + most + "."))
        : Optional.empty();
  }

  /** Processors trap where the smallest integer is divided by -1, whose quotient is none. */
  private Optional<Objection> divides(Node node) {
    if (!node.opType().equals("Div") && !node.opType().equals("Mod")) {
      return Optional.empty();
    }
    boolean traps =
        smallest(node)
            .filter(least -> holds(constant(node, 0), least) && holds(constant(node, 1), -1))
            .isPresent();
    return traps
        ? Optional.of(
            new Objection(
                "B", "It is -1 and divides the smallest integer, whose quotient is no integer."))
        : Optional.empty();
  }

  private static boolean holds(Optional<long[]> values, long wanted) {
    return values.filter(v -> Arrays.stream(v).anyMatch(i -> i == wanted)).isPresent();
  }

  /** The smallest number of the type of a constant dividend. */
  private Optional<Long> smallest(Node node) {
    return node.input(0)
        .map(known::constant)
        .map(
            c ->
                c.proto().getDataType() == DataType.INT32.onnxCode()
                    ? (long) Integer.MIN_VALUE
                    : Long.MIN_VALUE);
  }

  /** Arguments that are inputs, where they are constant. */
  private Optional<Objection> arguments(Node node) {
    return switch (node.opType()) {
      case "Col2Im" -> least(node, 1, "image_shape", 1).or(() -> least(node, 2, "block_shape", 1));
      case "DFT" -> least(node, 1, "dft_length", 1).or(() -> signal(node));
      case "STFT" ->
          least(node, 1, "frame_step", 1)
              .or(() -> least(node, 3, "frame_length", 1))
              .or(() -> signal(node));
      case "Split" -> least(node, 1, "split", 0);
      // One number is the length of each part, which the dimension is divided by.
      case "SplitToSequence" -> least(node, 1, "split", isSingle(node, 1) ? 1 : 0);
      case "Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND" ->
          constant(node, 1)
              .flatMap(v -> indices.objection(node, v))
              .map(text -> new Objection("indices", text));
      case "Pad" -> beyond(node, 1, "pads").or(() -> cuts(node));
      case "ArgMax", "ArgMin" -> chooses(node);
      case "Slice" -> beyond(node, 4, "steps");
      case "Trilu" -> beyond(node, 1, "k");
      default -> Optional.empty();
    };
  }

  private Optional<Objection> beyond(Node node, int input, String name) {
    return constant(node, input)
        .filter(
            v ->
                Arrays.stream(v).anyMatch(i -> i > IndexRules.FARTHEST || i < -IndexRules.FARTHEST))
        .map(v -> new Objection(name, "It is " + cut(v) + ", beyond any matrix."));
  }

  /** Transforms divide by the length of what they transform. */
  private Optional<Objection> signal(Node node) {
    return node.input(0).filter(indices::isEmpty).isPresent()
        ? Optional.of(
            new Objection("input", "It has no elements, and there is nothing to transform."))
        : Optional.empty();
  }

  private Optional<Objection> least(Node node, int input, String name, long least) {
    return constant(node, input)
        .filter(v -> Arrays.stream(v).anyMatch(i -> i < least))
        .map(v -> new Objection(name, "It is " + cut(v) + ", and must be at least " + least + "."));
  }

  /** Negative pads cut off, and no more than there is. */
  private Optional<Objection> cuts(Node node) {
    long[] pads = constant(node, 1).orElse(new long[0]);
    long[] sizes =
        node.input(3).isPresent()
            ? new long[0]
            : node.input(0).map(known::sizes).orElse(new long[0]);
    int axes = pads.length / 2;
    for (int i = 0; i < axes; i++) {
      long cut = -(pads[i] + pads[i + axes]);
      long most = i < sizes.length && sizes[i] >= 0 ? sizes[i] : LARGEST_CUT;
      if (cut > most || Math.min(pads[i], pads[i + axes]) < -LARGEST_CUT) {
        return Optional.of(
            new Objection("pads", "It is " + cut(pads) + ", which cuts off more than there is."));
      }
    }
    return Optional.empty();
  }

  private Optional<Objection> chooses(Node node) {
    if (node.attribute("axis").isPresent() && AttributeValues.integer(node, "axis").isEmpty()) {
      return Optional.empty();
    }
    long[] sizes = node.input(0).map(known::sizes).orElse(new long[0]);
    long axis = node.intAttribute("axis", 0);
    long counted = axis < 0 ? axis + sizes.length : axis;
    return counted >= 0 && counted < sizes.length && sizes[(int) counted] == 0
        ? Optional.of(
            new Objection(
                "input", "It has no elements along axis " + axis + ", and none can be chosen."))
        : Optional.empty();
  }

  private boolean isSingle(Node node, int input) {
    return node.input(input)
        .map(known::constant)
        .filter(c -> c.proto().getDimsCount() == 0)
        .isPresent();
  }

  private static String cut(long... values) {
    return Arrays.toString(Arrays.copyOf(values, Math.min(values.length, 8)));
  }

  private Optional<long[]> constant(Node node, int input) {
    Initializer found = node.input(input).map(known::constant).orElse(null);
    if (found == null || TensorBytes.isExternal(found.proto())) {
      return Optional.empty();
    }
    int code = found.proto().getDataType();
    boolean whole = code == DataType.INT64.onnxCode() || code == DataType.INT32.onnxCode();
    try {
      return whole && found.elementCount() <= MOST_ELEMENTS
          ? Optional.of(found.longs())
          : Optional.empty();
    } catch (RuntimeException e) {
      // What is wrong with the constant itself is reported by its own check.
      return Optional.empty();
    }
  }
}
