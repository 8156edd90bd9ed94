package io.inferc.report;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.report.FusionBlocker.Pattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Finds nodes that would be one kernel were they written another way. */
final class BlockerFindings {
  private static final Set<String> ELEMENT_WISE =
      Set.of(
          "Relu",
          "Clip",
          "Sigmoid",
          "Tanh",
          "Add",
          "Mul",
          "Sub",
          "Div",
          "HardSigmoid",
          "Erf",
          "QuantizeLinear",
          "DequantizeLinear",
          "Cast",
          "Identity",
          "LeakyRelu",
          "Neg",
          "Abs");
  private static final Set<String> SHAPE_ARITHMETIC =
      Set.of(
          "Concat",
          "Gather",
          "Slice",
          "Unsqueeze",
          "Squeeze",
          "Cast",
          "Mul",
          "Div",
          "Add",
          "Sub",
          "Reshape",
          "Where",
          "Equal",
          "ConstantOfShape",
          "Expand");
  private static final int LONGEST_CHAIN = 8;
  private static final int MOST_SHAPE_NODES = 64;

  private final KernelMap map;
  private final List<FusionBlocker> found = new ArrayList<>();

  BlockerFindings(KernelMap map) {
    this.map = map;
  }

  List<FusionBlocker> find() {
    for (Node node : map.nodes()) {
      switch (node.opType()) {
        case "Div" -> layerNormalization(node);
        case "Clip" -> hardSwish(node);
        case "Erf" -> gelu(node);
        case "BatchNormalization" -> batchNormalization(node);
        case "Conv" -> scaledConvolution(node);
        case "Transpose" -> transposes(node);
        case "Reshape", "Expand" -> computedShape(node);
        default -> {
          // Belongs to no pattern, or is found from another of its nodes.
        }
      }
    }
    return found;
  }

  private void add(Pattern pattern, String why, String remedy, Node... nodes) {
    found.add(
        new FusionBlocker(pattern, List.of(nodes).stream().map(Node::label).toList(), why, remedy));
  }

  /** (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon). */
  private void layerNormalization(Node div) {
    Optional<Node> sub = map.producer(div, 0, "Sub");
    Optional<Node> mean = sub.flatMap(s -> map.producer(s, 1, "ReduceMean"));
    Optional<Node> sqrt = map.producer(div, 1, "Sqrt");
    Optional<Node> sum = sqrt.flatMap(s -> map.producer(s, 0, "Add"));
    Optional<Node> variance =
        sum.flatMap(s -> map.producer(s, 0, "ReduceMean"))
            .or(() -> sum.flatMap(s -> map.producer(s, 1, "ReduceMean")));
    if (mean.isEmpty() || variance.isEmpty()) {
      return;
    }
    if (!map.areApart(mean.get(), variance.get(), div)) {
      return;
    }
    Optional<Node> scale = map.onlyReader(div).filter(n -> n.opType().equals("Mul"));
    if (scale.isPresent() && scale.get().inputs().stream().noneMatch(map::isConstant)) {
      add(
          Pattern.LAYER_NORMALIZATION,
          "Its scale is no constant, but worked out at run time.",
          "Store scale and shift as constants of the normalized axis's length.",
          mean.get(),
          sub.get(),
          variance.get(),
          sqrt.get(),
          div,
          scale.get());
      return;
    }
    Optional<long[]> axes = axes(mean.get());
    boolean last = axes.isPresent() && axes.get().length == 1 && axes.get()[0] == -1;
    if (!last && axes.isPresent()) {
      add(
          Pattern.LAYER_NORMALIZATION,
          "It normalizes over other axes than the last, or says the last by its number.",
          "Write the axis as -1 if it is the last; else transpose before and behind, so that it is.",
          mean.get(),
          sub.get(),
          variance.get(),
          sqrt.get(),
          div);
      return;
    }
    add(
        Pattern.LAYER_NORMALIZATION,
        "The runtime did not recognise it, mostly for a cast or a second reader inside.",
        "Export with opset 17 or newer, where LayerNormalization is one operator.",
        mean.get(),
        sub.get(),
        variance.get(),
        sqrt.get(),
        div);
  }

  private Optional<long[]> axes(Node reduction) {
    return reduction
        .attribute("axes")
        .map(Attribute::asInts)
        .or(() -> reduction.input(1).flatMap(map::constant).map(Initializer::longs));
  }

  /** x * clip(x + 3, 0, 6), with or without the division by six. */
  private void hardSwish(Node clip) {
    boolean six =
        is(map.scalar(clip.input(2)), 6)
            || clip.attribute("max").filter(a -> a.asFloat() == 6).isPresent();
    Optional<Node> shift = map.producer(clip, 0, "Add");
    Optional<Node> product = map.onlyReader(clip).filter(n -> n.opType().equals("Mul"));
    if (!six || shift.isEmpty() || product.isEmpty()) {
      return;
    }
    boolean three =
        is(map.scalar(shift.get().input(0)), 3) || is(map.scalar(shift.get().input(1)), 3);
    boolean ofTheSame =
        shift.get().inputs().stream().anyMatch(x -> product.get().inputs().contains(x));
    if (three && ofTheSame && map.areApart(clip, product.get())) {
      add(
          Pattern.HARD_SWISH,
          "Runtimes compute each element-wise node in a pass over the tensor.",
          "Write it as x * HardSigmoid(x) with alpha 1/6 and beta 1/2, as the pass fuse-hard-swish"
              + " does, or as HardSwish of opset 14.",
          shift.get(),
          clip,
          product.get());
    }
  }

  private static boolean is(OptionalDouble value, double expected) {
    return value.isPresent() && value.getAsDouble() == expected;
  }

  private void gelu(Node erf) {
    Optional<Node> sum = map.onlyReader(erf).filter(n -> n.opType().equals("Add"));
    Optional<Node> product = sum.flatMap(map::onlyReader).filter(n -> n.opType().equals("Mul"));
    if (product.isEmpty() || !map.areApart(erf, sum.get(), product.get())) {
      return;
    }
    add(
        Pattern.GELU,
        "The runtime did not recognise it, mostly for its constants or a cast inside.",
        "Export with opset 20 or newer, where Gelu is one operator, or with constants of the"
            + " tensors' own type.",
        erf,
        sum.get(),
        product.get());
  }

  private void batchNormalization(Node norm) {
    Optional<Node> before = norm.input(0).flatMap(map::producer);
    if (before.isEmpty()) {
      return;
    }
    Node producer = before.get();
    boolean movesData =
        producer.opType().equals("Transpose") || producer.opType().equals("Reshape");
    Optional<Node> convolution =
        producer.opType().startsWith("Conv")
            ? before
            : movesData
                ? producer
                    .input(0)
                    .flatMap(map::producer)
                    .filter(n -> n.opType().startsWith("Conv"))
                : Optional.empty();
    if (convolution.isEmpty() || !map.areApart(convolution.get(), norm)) {
      return;
    }
    if (movesData) {
      add(
          Pattern.BATCH_NORMALIZATION,
          "A " + producer.opType() + " stands between it and the convolution.",
          "Normalize before the " + producer.opType() + ".",
          convolution.get(),
          producer,
          norm);
    } else if (map.onlyReader(convolution.get()).isEmpty()) {
      add(
          Pattern.BATCH_NORMALIZATION,
          "What the convolution makes is read by others too.",
          "Let the others read the normalized tensor, or fold a copy of the convolution.",
          convolution.get(),
          norm);
    } else {
      add(
          Pattern.BATCH_NORMALIZATION,
          "Its parameters or the weights of the convolution are not constant, or are quantized.",
          "Fold it into the weights before they are quantized, as the pass that folds affine layers"
              + " does.",
          convolution.get(),
          norm);
    }
  }

  private void scaledConvolution(Node convolution) {
    Optional<Node> next =
        map.onlyReader(convolution)
            .filter(n -> n.opType().equals("Mul") || n.opType().equals("Add"));
    if (next.isEmpty() || !map.areApart(convolution, next.get())) {
      return;
    }
    boolean constant = next.get().inputs().stream().anyMatch(map::isConstant);
    if (constant) {
      add(
          Pattern.SCALED_CONVOLUTION,
          "The runtime folds constants of one element for each output channel only, and none into"
              + " quantized weights.",
          "Fold it into weights and bias, as the pass that folds affine layers does.",
          convolution,
          next.get());
    }
  }

  /** A transpose, element-wise nodes, and the transpose that undoes it. */
  private void transposes(Node first) {
    Optional<Node> at = map.onlyReader(first);
    for (int i = 0; i < LONGEST_CHAIN && at.isPresent(); i++) {
      Node node = at.get();
      if (node.opType().equals("Transpose")) {
        if (cancel(first, node) && map.areApart(first, node)) {
          add(
              Pattern.TRANSPOSES,
              "Two transposes copy the tensor there and back.",
              "Remove both: what lies between works on each element by itself.",
              first,
              node);
        }
        return;
      }
      // A constant of more than one element would have to be transposed with them.
      boolean single =
          node.inputs().stream().filter(x -> map.scalar(Optional.of(x)).isEmpty()).count() == 1;
      if (!ELEMENT_WISE.contains(node.opType()) || !single) {
        return;
      }
      at = map.onlyReader(node);
    }
  }

  private static boolean cancel(Node first, Node second) {
    Optional<long[]> a = first.attribute("perm").map(Attribute::asInts);
    Optional<long[]> b = second.attribute("perm").map(Attribute::asInts);
    if (a.isEmpty() || b.isEmpty() || a.get().length != b.get().length) {
      return false;
    }
    for (int i = 0; i < a.get().length; i++) {
      if (a.get()[(int) b.get()[i]] != i) {
        return false;
      }
    }
    return true;
  }

  private void computedShape(Node reshape) {
    Set<Node> seen = new HashSet<>();
    List<String> open = new ArrayList<>();
    reshape.input(1).ifPresent(open::add);
    while (!open.isEmpty() && seen.size() < MOST_SHAPE_NODES) {
      Optional<Node> node = map.producer(open.remove(open.size() - 1));
      if (node.isEmpty() || !seen.add(node.get())) {
        continue;
      }
      if (node.get().opType().equals("Shape") && !map.kernels(node.get()).isEmpty()) {
        add(
            Pattern.COMPUTED_SHAPE,
            "The runtime cannot know the shape behind it, so it fuses less there and runs the"
                + " arithmetic each time.",
            "Reshape with constants, 0 for a size that is kept and -1 for one that follows; or fix"
                + " the sizes by a shape profile.",
            node.get(),
            reshape);
        return;
      }
      if (SHAPE_ARITHMETIC.contains(node.get().opType())) {
        open.addAll(node.get().inputs());
      }
    }
  }
}
