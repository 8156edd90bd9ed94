package io.inferc.testing;

import io.inferc.onnx.Graph;
import io.inferc.onnx.OnnxModel;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Small valid networks drawn from a seed, for property tests of everything that rewrites models:
 * the same seed always gives the same network.
 *
 * <p>About half are convolutional (grouped and depthwise convolutions, transposed ones, batch
 * normalization, pooling, residual additions, concatenations), half are transformers
 * (self-attention, layer normalization and Gelu, as operators and decomposed). Both have If and
 * Loop nodes whose graphs read outer names, shared constants, Constant nodes, shape arithmetic,
 * dequantized weights, nodes that do nothing, nodes that nobody reads, and intermediate tensors
 * among their outputs. All values stay moderate, so results can be compared.
 */
public final class RandomNetworks {
  /** The oldest opset that is drawn. */
  public static final int OLDEST_OPSET = 13;

  /** The newest opset that is drawn. */
  public static final int NEWEST_OPSET = 21;

  private RandomNetworks() {}

  /**
   * Draws a network.
   *
   * @param seed anything
   * @return a valid model of opset {@value #OLDEST_OPSET} to {@value #NEWEST_OPSET} with symbolic
   *     batch size, whose inputs are FLOAT32
   */
  public static OnnxModel of(long seed) {
    // Of neighbouring seeds the first number drawn is nearly the same, so some are thrown away.
    Random random = new Random(seed);
    random.nextLong();
    return of(seed, OLDEST_OPSET + random.nextInt(NEWEST_OPSET - OLDEST_OPSET + 1));
  }

  /**
   * Draws a network of one opset.
   *
   * @param seed anything
   * @param opset {@value #OLDEST_OPSET} to {@value #NEWEST_OPSET}
   * @return a valid model
   */
  public static OnnxModel of(long seed, int opset) {
    return Math.floorMod(seed, 2) == 0 ? convolutional(seed, opset) : transformer(seed, opset);
  }

  /**
   * Draws a convolutional network.
   *
   * @param seed anything
   * @param opset {@value #OLDEST_OPSET} to {@value #NEWEST_OPSET}
   * @return a valid model
   */
  public static OnnxModel convolutional(long seed, int opset) {
    return OnnxModel.of(new ImageBlocks(new NetworkWriter(seed, opset)).network(), opset);
  }

  /**
   * Draws a transformer.
   *
   * @param seed anything
   * @param opset {@value #OLDEST_OPSET} to {@value #NEWEST_OPSET}
   * @return a valid model
   */
  public static OnnxModel transformer(long seed, int opset) {
    return OnnxModel.of(new SequenceBlocks(new NetworkWriter(seed, opset)).network(), opset);
  }

  /**
   * Draws inputs that fit a model: normal values for floating-point numbers, 0 to 3 for integers.
   * Dimensions of one symbol get one size, 2 to 4; dimensions of unknown size get 2.
   *
   * @param graph a graph whose inputs are tensors of FLOAT32, INT64, INT32, INT8, UINT8 or BOOL
   * @param seed anything
   * @return a tensor for each required input, which the caller closes
   */
  public static Map<String, Tensor> inputs(Graph graph, long seed) {
    Random random = new Random(seed);
    Map<String, Long> sizes = new HashMap<>();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : graph.requiredInputs()) {
      TensorSpec spec = input.tensor().orElseThrow();
      List<Dimension> dimensions = spec.shape().dimensions().orElseThrow();
      long[] shape = new long[dimensions.size()];
      for (int i = 0; i < shape.length; i++) {
        Dimension d = dimensions.get(i);
        shape[i] =
            d.symbol().isPresent()
                ? sizes.computeIfAbsent(d.symbol().get(), s -> 2L + random.nextInt(3))
                : d.size().orElse(2);
      }
      inputs.put(input.name(), tensor(spec.type(), shape, random));
    }
    return inputs;
  }

  /** The element types that {@link #inputs} fills. */
  static final Set<DataType> TYPES =
      EnumSet.of(
          DataType.FLOAT32,
          DataType.INT64,
          DataType.INT32,
          DataType.INT8,
          DataType.UINT8,
          DataType.BOOL);

  private static Tensor tensor(DataType type, long[] shape, Random random) {
    Tensor tensor = Tensor.allocate(type, shape);
    for (int i = 0; i < tensor.elementCount(); i++) {
      int small = random.nextInt(4);
      switch (type) {
        case FLOAT32 -> tensor.floats().put(i, (float) random.nextGaussian());
        case INT64 -> tensor.longs().put(i, small);
        case INT32 -> tensor.ints().put(i, small);
        case INT8, UINT8 -> tensor.bytes().put(i, (byte) small);
        case BOOL -> tensor.bytes().put(i, (byte) (small & 1));
        default -> throw new IllegalArgumentException("no case for " + type);
      }
    }
    return tensor;
  }
}
