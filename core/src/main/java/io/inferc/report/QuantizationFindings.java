package io.inferc.report;

import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.report.UnfusedQuantization.Reason;
import io.inferc.runtime.KernelInfo;
import io.inferc.spi.QuantizationDialect;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says why conversions between integers and floating point are kernels of their own. */
final class QuantizationFindings {
  private static final String QUANTIZE = "QuantizeLinear";
  private static final String DEQUANTIZE = "DequantizeLinear";
  private static final Set<String> ACTIVATIONS = Set.of("Relu", "Clip");
  private static final Set<String> TWO_OPERANDS = Set.of("Conv", "ConvTranspose", "MatMul", "Gemm");
  private static final Set<String> ALL_OPERANDS = Set.of("Add", "Sub", "Mul", "Div", "Concat");
  private static final Pattern INTEGER = Pattern.compile("(?i)q?[us]?(int|i)?(4|8)(x.*)?");
  private static final Pattern CONVERSION =
      Pattern.compile("(?i).*(quantizelinear|reorder(in|out)put|reformat).*|cast|(de)?quantize");

  /** What at least one runtime has integer kernels for, where nothing better is known. */
  private static final Set<String> COMMON =
      Set.of(
          "Conv",
          "ConvTranspose",
          "MatMul",
          "Gemm",
          "Add",
          "Mul",
          "AveragePool",
          "GlobalAveragePool",
          "MaxPool",
          "LeakyRelu",
          "Sigmoid",
          "Softmax",
          "Concat",
          "Where",
          "Split",
          "Reshape",
          "Transpose",
          "Gather",
          "Slice",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Resize");

  private final KernelMap map;
  private final Optional<QuantizationDialect> dialect;

  QuantizationFindings(KernelMap map, Optional<QuantizationDialect> dialect) {
    this.map = map;
    this.dialect = dialect;
  }

  /** Whether a kernel only changes types or layouts. */
  static boolean isConversion(KernelInfo kernel) {
    boolean addedLayout = kernel.nodes().isEmpty() && kernel.type().equals("Transpose");
    return addedLayout || CONVERSION.matcher(kernel.type()).matches();
  }

  List<UnfusedQuantization> find(List<KernelInfo> kernels) {
    List<UnfusedQuantization> found = new ArrayList<>();
    for (KernelInfo kernel : kernels) {
      if (!isConversion(kernel)) {
        continue;
      }
      for (String label : kernel.nodes()) {
        map.node(label)
            .filter(n -> n.opType().equals(QUANTIZE) || n.opType().equals(DEQUANTIZE))
            .ifPresent(n -> found.add(explain(n)));
      }
    }
    // A DequantizeLinear that was copied for its readers is one finding.
    return found.stream().distinct().toList();
  }

  private record Finding(Reason reason, String neighbour, String explanation) {}

  private UnfusedQuantization explain(Node node) {
    String tensor = node.opType().equals(QUANTIZE) ? node.inputs().get(0) : node.outputs().get(0);
    Finding finding = node.opType().equals(QUANTIZE) ? quantize(node) : dequantize(node);
    return new UnfusedQuantization(
        node.label(),
        node.opType(),
        tensor,
        finding.neighbour(),
        finding.reason(),
        finding.explanation());
  }

  private Finding quantize(Node node) {
    Optional<Node> producer = map.producer(node.inputs().get(0));
    if (producer.isEmpty()) {
      return new Finding(
          Reason.MODEL_BOUNDARY,
          "",
          "The tensor '" + node.inputs().get(0) + "' comes into the model as floating point.");
    }
    Node neighbour = producer.get();
    if (neighbour.opType().equals(DEQUANTIZE)) {
      return rescaled(neighbour);
    }
    if (isInteger(neighbour)) {
      return unknown(neighbour);
    }
    if (ACTIVATIONS.contains(neighbour.opType())) {
      Optional<Node> behind = neighbour.input(0).flatMap(map::producer);
      if (behind.isPresent() && isQuantized(behind.get())) {
        return whyFloat(behind.get());
      }
    }
    return whyFloat(neighbour);
  }

  private Finding dequantize(Node node) {
    List<Node> readers = map.readers(node);
    Optional<Node> quantizer =
        readers.stream().filter(r -> r.opType().equals(QUANTIZE)).findFirst();
    if (quantizer.isPresent()) {
      return rescaled(quantizer.get());
    }
    Optional<Node> inFloat = readers.stream().filter(r -> !isInteger(r)).findFirst();
    if (inFloat.isPresent()) {
      return whyFloat(inFloat.get());
    }
    if (map.isReturned(node)) {
      return new Finding(
          Reason.MODEL_BOUNDARY,
          "",
          "The tensor '" + node.outputs().get(0) + "' is returned as floating point.");
    }
    return readers.isEmpty() ? unknown(node) : unknown(readers.get(0));
  }

  private static Finding rescaled(Node neighbour) {
    return new Finding(
        Reason.RESCALED,
        neighbour.label(),
        "The tensor is turned to floating point and quantized again by " + neighbour.label() + ".");
  }

  private static Finding unknown(Node neighbour) {
    return new Finding(
        Reason.UNKNOWN,
        neighbour.label(),
        "No rule explains why it was left at " + name(neighbour) + ".");
  }

  /** Whether a node was taken into an integer kernel. */
  private boolean isInteger(Node node) {
    return map.kernels(node).stream()
        .anyMatch(k -> !isConversion(k) && k.precision().filter(this::isInteger).isPresent());
  }

  private boolean isInteger(String precision) {
    return INTEGER.matcher(precision).matches();
  }

  private static String name(Node node) {
    return node.opType() + " " + node.label();
  }

  private boolean isQuantized(Node node) {
    return node.inputs().stream().anyMatch(this::isDequantized);
  }

  private boolean isDequantized(String tensor) {
    return map.producer(tensor).filter(n -> n.opType().equals(DEQUANTIZE)).isPresent();
  }

  private boolean hasIntegerKernel(String operator) {
    return dialect
        .map(QuantizationDialect::kernels)
        .map(k -> k.operators().contains(operator) || k.transparentOperators().contains(operator))
        .orElse(COMMON.contains(operator));
  }

  /** Why a node next to a conversion is no integer kernel. */
  private Finding whyFloat(Node node) {
    Finding operator = operator(node);
    if (operator != null) {
      return operator;
    }
    for (int i : operands(node)) {
      String input = node.inputs().get(i);
      if (!isDequantized(input)) {
        return new Finding(
            Reason.INPUT_NOT_QUANTIZED,
            node.label(),
            "Of " + name(node) + " the input '" + input + "' is floating point.");
      }
    }
    Finding type = inputTypes(node);
    return type == null ? output(node) : type;
  }

  private @Nullable Finding operator(Node node) {
    boolean readsIntegers = isQuantized(node);
    if (hasIntegerKernel(node.opType())) {
      return readsIntegers
          ? null
          : new Finding(
              Reason.FLOAT_NEIGHBOUR,
              node.label(),
              name(node) + " was left in floating point, so the integer part begins behind it.");
    }
    boolean makesIntegers = map.readers(node).stream().allMatch(r -> r.opType().equals(QUANTIZE));
    boolean wanted = readsIntegers && makesIntegers && !map.readers(node).isEmpty();
    return new Finding(
        wanted ? Reason.NO_INTEGER_KERNEL : Reason.FLOAT_NEIGHBOUR,
        node.label(),
        wanted
            ? name(node) + " has no integer kernel, so its tensors are converted there and back."
            : name(node) + " computes in floating point.");
  }

  /** The inputs that an integer kernel needs quantized. */
  private static List<Integer> operands(Node node) {
    List<Integer> operands = new ArrayList<>();
    int count =
        TWO_OPERANDS.contains(node.opType())
            ? 2
            : ALL_OPERANDS.contains(node.opType()) ? node.inputs().size() : 1;
    for (int i = 0; i < Math.min(count, node.inputs().size()); i++) {
      operands.add(i);
    }
    return operands;
  }

  private @Nullable Finding inputTypes(Node node) {
    for (int i : operands(node)) {
      Node dequantize = map.producer(node.inputs().get(i)).orElseThrow();
      for (int p = 1; p < dequantize.inputs().size(); p++) {
        if (!map.isConstant(dequantize.inputs().get(p))) {
          return new Finding(
              Reason.NOT_CONSTANT,
              node.label(),
              "The scale or zero point of " + dequantize.label() + " is worked out at run time.");
        }
      }
      boolean activation = !map.isConstant(dequantize.inputs().get(0));
      DataType type = zeroPoint(dequantize).map(Initializer::type).orElse(DataType.UINT8);
      DataType wanted = dialect.map(QuantizationDialect::activationType).orElse(type);
      if (activation && type != wanted) {
        return new Finding(
            Reason.ACTIVATION_TYPE,
            node.label(),
            name(node)
                + " reads "
                + type
                + " from "
                + dequantize.label()
                + ", but the runtime's"
                + " integer kernels take "
                + wanted
                + ".");
      }
    }
    return null;
  }

  private Optional<Initializer> zeroPoint(Node conversion) {
    return conversion.input(2).flatMap(map::constant);
  }

  private Finding output(Node node) {
    List<Node> readers = map.readers(node);
    long quantizers = readers.stream().filter(r -> r.opType().equals(QUANTIZE)).count();
    if (quantizers == 0) {
      Optional<Node> activation =
          map.onlyReader(node).filter(r -> ACTIVATIONS.contains(r.opType()));
      Optional<Node> behind =
          activation.flatMap(map::onlyReader).filter(r -> r.opType().equals(QUANTIZE));
      if (activation.isPresent() && behind.isPresent()) {
        return behindActivation(node, activation.get(), behind.get());
      }
      return new Finding(
          Reason.OUTPUT_NOT_QUANTIZED,
          node.label(),
          "What "
              + name(node)
              + " makes is read as floating point"
              + (readers.isEmpty() ? " outside." : " by " + name(readers.get(0)) + "."));
    }
    if (quantizers < readers.size() || map.isReturned(node)) {
      return new Finding(
          Reason.SEVERAL_READERS,
          node.label(),
          "What "
              + name(node)
              + " makes is quantized, but also read as floating point"
              + readers.stream()
                  .filter(r -> !r.opType().equals(QUANTIZE))
                  .findFirst()
                  .map(r -> " by " + name(r) + ".")
                  .orElse(" outside."));
    }
    for (int i : operands(node)) {
      Node dequantize = map.producer(node.inputs().get(i)).orElseThrow();
      if (map.readers(dequantize).size() > 1 || map.isReturned(dequantize)) {
        return new Finding(
            Reason.SEVERAL_READERS,
            node.label(),
            "What " + dequantize.label() + " makes is read by others than " + name(node) + " too.");
      }
    }
    return unknown(node);
  }

  private Finding behindActivation(Node node, Node activation, Node quantize) {
    DataType type = zeroPoint(quantize).map(Initializer::type).orElse(DataType.UINT8);
    double zero = map.scalar(quantize.input(2)).orElse(0);
    boolean least = zero == (type.isSigned() ? -(1L << (type.bitWidth() - 1)) : 0);
    if (least) {
      return unknown(node);
    }
    return new Finding(
        Reason.ACTIVATION_BETWEEN,
        node.label(),
        String.format(
            Locale.ROOT,
            "%s stands between %s and %s, whose zero point %d of %s lets negative values through.",
            activation.label(),
            name(node),
            quantize.label(),
            (long) zero,
            type));
  }
}
