package io.inferc.backend.tensorrt;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.Dimension;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which layers TensorRT builds in integers, and computes rightly. Measured with version 10.6 on an
 * H200.
 */
final class IntegerRules {
  private static final int PACKED = 4;
  private static final int IMAGE = 4;
  private static final float SIX = 6;

  /** How far a layer's inputs are followed, so that long models take linear time. */
  private static final int MOST_PASSED = 1000;

  /** Its parser refuses quantized weights of one spatial dimension. */
  private static final KernelRule SPATIAL = KernelRule.rank(0, 4, 5);

  /** Integers are packed by four channels, which must not be of different groups. */
  private static final KernelRule GROUPS =
      KernelRule.of("groups of 4 channels, or of one", IntegerRules::packsUnlikeChannels);

  /** Operators past which it moves a quantization, to what they read. */
  private static final Set<String> PASSED =
      Set.of(
          "Concat",
          "Flatten",
          "Identity",
          "MaxPool",
          "Relu",
          "Reshape",
          "Resize",
          "Slice",
          "Split",
          "Squeeze",
          "Transpose",
          "Unsqueeze");

  /** It computes these in the integers of the layer behind, where it has a kernel for it or not. */
  private static final KernelRules EAGER =
      KernelRules.builder()
          .rule("MaxPool", KernelRule.of("no volumes", IntegerRules::takesVolumes))
          .rule("GlobalMaxPool", KernelRule.of("no volumes", IntegerRules::takesVolumes))
          .rule("Resize", KernelRule.of("no nearest of volumes", IntegerRules::takesNearest))
          .rule("Clip", KernelRule.of("one bound, or 0 and 6", IntegerRules::hasTwoBounds))
          .build();

  private static final KernelRule NEIGHBOURS =
      KernelRule.of("neighbours that have integer kernels", IntegerRules::eagerNeighbour);

  private IntegerRules() {}

  static KernelRules kernels() {
    KernelRules.Builder rules = KernelRules.builder();
    for (String type : List.of("Conv", "ConvTranspose")) {
      rules.rule(type, SPATIAL.and(GROUPS).and(NEIGHBOURS));
    }
    for (String type : List.of("Gemm", "MatMul")) {
      rules.rule(type, NEIGHBOURS);
    }
    return rules.build();
  }

  private static Optional<String> packsUnlikeChannels(OperatorUse use) {
    long groups = use.node().intAttribute("group", 1);
    Optional<List<Dimension>> weights = use.dimensions(1).filter(d -> d.size() > 2);
    if (groups == 1 || weights.isEmpty()) {
      return Optional.empty();
    }
    if (weights.get().size() > IMAGE) {
      return Optional.of("there is no kernel for volumes in groups.");
    }
    long first = weights.get().get(0).size().orElse(0) / groups;
    long second = weights.get().get(1).size().orElse(0);
    boolean depthwise = first == 1 && second == 1;
    return depthwise || (first % PACKED == 0 && second % PACKED == 0)
        ? Optional.empty()
        : Optional.of(
            "its groups have "
                + second
                + " and "
                + first
                + " channels, and the kernel takes multiples of "
                + PACKED
                + ", or one of each.");
  }

  private static Optional<String> takesVolumes(OperatorUse use) {
    return use.rank(0)
        .filter(rank -> rank > IMAGE)
        .map(rank -> "which has no integer kernel for " + rank + " dimensions.");
  }

  private static Optional<String> takesNearest(OperatorUse use) {
    return use.text("mode", "nearest").equals("nearest") ? takesVolumes(use) : Optional.empty();
  }

  /** All of the result becomes the same then. A lower bound of 0 with 6 is a kernel of its own. */
  static Optional<String> hasTwoBounds(OperatorUse use) {
    Optional<Float> low = bound(use, 1).filter(b -> !(b <= -Float.MAX_VALUE));
    Optional<Float> high = bound(use, 2).filter(b -> !(b >= Float.MAX_VALUE));
    boolean right = low.isEmpty() || high.isEmpty() || (low.get() == 0 && high.get() == SIX);
    return right ? Optional.empty() : Optional.of("which comes out wrong in integers.");
  }

  /** A bound that is not known is not a number. */
  private static Optional<Float> bound(OperatorUse use, int input) {
    return use.node()
        .input(input)
        .map(
            name ->
                use.constant(input)
                    .filter(c -> c.elementCount() == 1)
                    .map(Initializer::floats)
                    .map(values -> values[0])
                    .orElse(Float.NaN));
  }

  private static Optional<String> eagerNeighbour(OperatorUse use) {
    OperatorUse.Facts facts = use.facts();
    for (Node reader : facts.consumers(use.node().outputs().get(0))) {
      if (reader.opType().equals("Clip")) {
        Optional<String> why = EAGER.refusal(new OperatorUse(reader, use.opset(), facts));
        if (why.isPresent()) {
          return why.map(text -> "its result goes to " + title(reader) + ", " + text);
        }
      }
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(use.node().inputs());
    while (!open.isEmpty()) {
      if (seen.size() > MOST_PASSED) {
        return Optional.of("what it reads is moved by more than " + MOST_PASSED + " nodes.");
      }
      String tensor = open.pop();
      Optional<Node> producer = seen.add(tensor) ? facts.producer(tensor) : Optional.empty();
      if (producer.isPresent()) {
        Node node = producer.get();
        Optional<String> why = EAGER.refusal(new OperatorUse(node, use.opset(), facts));
        if (why.isPresent()) {
          return why.map(text -> "it reads the result of " + title(node) + ", " + text);
        }
        if (PASSED.contains(node.opType()) && node.domain().isEmpty()) {
          open.addAll(node.inputs());
        }
      }
    }
    return Optional.empty();
  }

  static String title(Node node) {
    return "the " + node.opType() + " '" + node.label() + "'";
  }
}
