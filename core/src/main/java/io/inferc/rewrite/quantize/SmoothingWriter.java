package io.inferc.rewrite.quantize;

import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.MatrixLayer;
import io.inferc.rewrite.internal.StoredWeights;
import io.inferc.rewrite.internal.VisibleTensors;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Divides the channels of activations, and multiplies the weights that read them. */
final class SmoothingWriter {
  // Less is not worth other weights.
  private static final float NOTHING = 1e-3f;

  private final GraphEditor editor;
  private final DivisorSearch search;
  private final List<String> replaced = new ArrayList<>();
  private final Set<String> scaledInside = new HashSet<>();

  /**
   * Creates a writer.
   *
   * @param search finds by how much channels are divided
   */
  SmoothingWriter(GraphEditor editor, DivisorSearch search) {
    this.editor = editor;
    this.search = search;
  }

  /** Tells whether a node multiplies a tensor with a constant matrix of FLOAT32. */
  static boolean isLinear(GraphEditor editor, Node node, String tensor) {
    boolean product =
        node.opType().equals("MatMul")
            || (node.opType().equals("Gemm") && node.intAttribute("transA", 0) == 0);
    return product
        && node.domain().isEmpty()
        && node.inputs().indexOf(tensor) == 0
        && node.inputs().lastIndexOf(tensor) == 0
        && matrix(editor, node).isPresent();
  }

  private static Optional<Initializer> matrix(GraphEditor editor, Node node) {
    return StoredWeights.find(VisibleTensors.of(editor), node.inputs().get(1))
        .filter(w -> w.type() == DataType.FLOAT32 && w.dims().length == 2);
  }

  /**
   * What was done to an activation.
   *
   * @param tensor its name where it is divided: another one than before behind a multiplication
   * @param divisor what each channel was divided by
   */
  @SuppressWarnings("ArrayRecordComponent") // read in place, never compared
  record Division(String tensor, float[] divisor) {}

  /**
   * Smooths an activation: in what makes it if that can be, else with a multiplication before the
   * layers that will be quantized.
   *
   * @param statistics what was seen of each channel, along the last axis
   * @param range what was seen of all
   * @param planned the matrix layers that will be quantized
   * @return what was done
   * @throws CannotQuantizeException if it cannot be done; then nothing was changed
   */
  Division smooth(
      String tensor, ChannelStatistics statistics, TensorRange range, List<Node> planned) {
    float[] magnitudes = statistics.absMaxima();
    List<Node> readers = editor.consumers(tensor);
    Producer producer = null;
    String obstacle = "not only matrix layers read it.";
    if (!editor.isOutput(tensor) && readers.stream().allMatch(n -> isLinear(editor, n, tensor))) {
      try {
        producer = producer(tensor, magnitudes.length);
      } catch (CannotQuantizeException e) {
        obstacle = String.valueOf(e.getMessage());
      }
    }
    List<Node> changed = producer == null ? planned : readers;
    float[] largest = largest(changed, magnitudes.length);
    float[] divisor = search.find(statistics, range, largest, matrices(planned), producer != null);
    if (divisor == null) {
      throw new CannotQuantizeException(
          producer == null
              ? obstacle + " Its channels are too even for a multiplication to pay."
              : "the error of quantizing it would hardly fall.");
    }
    float[] inverse = new float[divisor.length];
    boolean any = false;
    for (int j = 0; j < divisor.length; j++) {
      inverse[j] = 1 / divisor[j];
      any |= Math.abs(divisor[j] - 1) > NOTHING;
    }
    if (!any) {
      throw new CannotQuantizeException("its channels are balanced.");
    }
    String divided = tensor;
    if (producer == null) {
      divided = multiply(tensor, inverse, planned);
    } else {
      producer.scale(inverse);
    }
    Map<String, String> scaled = new HashMap<>();
    for (Node reader : changed) {
      boolean transposed = reader.intAttribute("transB", 0) != 0;
      String weights = reader.inputs().get(1);
      String name =
          scaled.computeIfAbsent(
              weights + (transposed ? " transposed" : ""),
              w -> scaled(matrix(editor, reader).orElseThrow(), transposed ? 1 : 0, divisor));
      replaceInput(reader, 1, name);
    }
    return new Division(divided, divisor);
  }

  private List<RoundingNoise.Matrix> matrices(List<Node> layers) {
    return layers.stream()
        .map(
            n ->
                new RoundingNoise.Matrix(
                    matrix(editor, n).orElseThrow().floats(), n.intAttribute("transB", 0) != 0))
        .toList();
  }

  /** Puts a multiplication between a tensor and some of its readers. */
  private String multiply(String tensor, float[] factors, List<Node> readers) {
    String constant = editor.freshName(tensor + "_smoothing");
    String result = editor.freshName(tensor + "_smoothed");
    editor.putInitializer(Initializer.floats(constant, factors, factors.length));
    editor.insertBefore(
        editor.current(readers.get(0)).orElseThrow(),
        Node.builder("Mul").name(result).inputs(tensor, constant).outputs(result).build());
    for (Node reader : readers) {
      replaceInput(reader, 0, result);
    }
    return result;
  }

  /** Returns the largest magnitude of the weights that meet each channel. */
  private float[] largest(List<Node> readers, int channels) {
    float[] largest = new float[channels];
    for (Node reader : readers) {
      Initializer weights = matrix(editor, reader).orElseThrow();
      int axis = reader.intAttribute("transB", 0) != 0 ? 1 : 0;
      if (weights.dims()[axis] != largest.length) {
        throw new CannotQuantizeException("its channels are not the rows of the weights.");
      }
      float[] w = weights.floats();
      int columns = Math.toIntExact(weights.dims()[1]);
      for (int i = 0; i < w.length; i++) {
        int row = axis == 0 ? i / columns : i % columns;
        largest[row] = Math.max(largest[row], Math.abs(w[i]));
      }
    }
    return largest;
  }

  /** What makes an activation and can divide its channels. */
  private interface Producer {
    void scale(float[] factors);
  }

  private Producer producer(String tensor, int channels) {
    Node node =
        editor
            .producer(tensor)
            .filter(n -> n.domain().isEmpty())
            .orElseThrow(() -> new CannotQuantizeException("it is an input."));
    return switch (node.opType()) {
      case "LayerNormalization" -> normalization(node, channels);
      case "Mul" -> vectors(node, channels);
      case "Add" -> addition(node, channels);
      case "Gemm", "MatMul" -> matrixLayer(node, channels);
      default ->
          throw new CannotQuantizeException(
              "it is made by " + node.opType() + ", whose channels cannot be scaled.");
    };
  }

  private Producer normalization(Node node, int channels) {
    if (node.intAttribute("axis", -1) != -1) {
      throw new CannotQuantizeException("the normalization may span several axes.");
    }
    requireVector(node.inputs().get(1), channels);
    node.input(2).ifPresent(b -> requireVector(b, channels));
    return factors -> {
      scaleInput(node, 1, factors);
      if (node.input(2).isPresent()) {
        scaleInput(node, 2, factors);
      }
    };
  }

  private Producer vectors(Node node, int channels) {
    int constant = vectorInput(node, channels);
    return factors -> scaleInput(node, constant, factors);
  }

  /** A bias behind something that can be scaled: a layer, or the scale of a normalization. */
  private Producer addition(Node node, int channels) {
    int constant = vectorInput(node, channels);
    String sum = node.inputs().get(1 - constant);
    if (MatrixLayer.soleReader(editor, sum).isEmpty()) {
      throw new CannotQuantizeException("what is made before its bias is read elsewhere.");
    }
    Node inner =
        editor
            .producer(sum)
            .orElseThrow(() -> new CannotQuantizeException("it is the sum of an input."));
    if (!inner.domain().isEmpty() || !Set.of("Mul", "MatMul", "Gemm").contains(inner.opType())) {
      throw new CannotQuantizeException(
          "it is a sum with the result of " + inner.opType() + ", which cannot be scaled.");
    }
    Producer first = producer(sum, channels);
    return factors -> {
      first.scale(factors);
      scaledInside.add(sum);
      scaleInput(node, constant, factors);
    };
  }

  private Producer matrixLayer(Node node, int channels) {
    Initializer weights =
        matrix(editor, node)
            .orElseThrow(
                () -> new CannotQuantizeException("it is made by a product of activations."));
    int axis = node.intAttribute("transB", 0) != 0 ? 0 : 1;
    if (weights.dims()[axis] != channels) {
      throw new CannotQuantizeException("its channels are not the columns of the weights.");
    }
    node.input(2).ifPresent(b -> requireVector(b, channels));
    return factors -> {
      replaceInput(node, 1, scaled(weights, axis, factors));
      if (node.input(2).isPresent()) {
        scaleInput(node, 2, factors);
      }
    };
  }

  private int vectorInput(Node node, int channels) {
    for (int i = 0; i < 2; i++) {
      if (isVector(node.inputs().get(i), channels)) {
        return i;
      }
    }
    throw new CannotQuantizeException("it is made without a constant for each channel.");
  }

  private void requireVector(String tensor, int channels) {
    if (!isVector(tensor, channels)) {
      throw new CannotQuantizeException("'" + tensor + "' is not one constant for each channel.");
    }
  }

  private boolean isVector(String tensor, int channels) {
    return Constants.find(editor, tensor)
        .filter(c -> c.type() == DataType.FLOAT32)
        .filter(c -> c.dims().length == 1 && c.dims()[0] == channels)
        .isPresent();
  }

  private void scaleInput(Node node, int input, float[] factors) {
    Initializer vector = Constants.floats(editor, node.inputs().get(input)).orElseThrow();
    replaceInput(node, input, scaled(vector, 0, factors));
  }

  private void replaceInput(Node node, int input, String name) {
    Node current = editor.current(node).orElseThrow();
    String[] inputs = current.inputs().toArray(String[]::new);
    replaced.add(inputs[input]);
    inputs[input] = name;
    editor.replace(current, current.toBuilder().inputs(inputs).build());
  }

  /** Writes a constant whose slices along an axis are multiplied. */
  private String scaled(Initializer constant, int axis, float[] factors) {
    long[] dims = constant.dims();
    int inner = axis == dims.length - 1 ? 1 : Math.toIntExact(dims[dims.length - 1]);
    float[] values = constant.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i / inner % factors.length];
    }
    String name = editor.freshName(constant.name() + "_smoothed");
    editor.putInitializer(Initializer.floats(name, values, dims));
    return name;
  }

  /** Tensors between nodes whose values changed, of which no statistics are known any more. */
  Set<String> scaledInside() {
    return scaledInside;
  }

  /** Removes the constants whose readers were all changed. */
  void removeUnread() {
    Preparation.removeUnread(editor, replaced);
  }
}
