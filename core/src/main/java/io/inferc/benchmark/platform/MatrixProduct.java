package io.inferc.benchmark.platform;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * The roof of a back end: the rate of a large product of matrices, the best case of any runtime,
 * compiled as the model in question is. For INT8 this is the only honest roof, as Java has no way
 * to the processor's integer dot products. Of a device that input and output are copied to and
 * from, the copies are part of the time, so that its roof comes out too low and shares of it too
 * high.
 *
 * <pre>{@code
 * OnnxModel product = MatrixProduct.model(1024);
 * // Compile it for the same target and precision as the model in question.
 * Roofline roofline = Roofline.probe().with(MatrixProduct.measure(compiled, 1024, "INT8"));
 * }</pre>
 */
public final class MatrixProduct {
  private static final int OPSET = 17;
  private static final int LEAST_SIZE = 16;
  private static final int LARGEST_SIZE = 8192;
  private static final int WARM_UP_RUNS = 3;
  private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final String INPUT = "x";

  private MatrixProduct() {}

  /**
   * Makes a model of one product: an input {@code x}, of {@code size} by {@code size} in FP32, by
   * weights of that size.
   *
   * @param size from 16 to 8,192; 1,024 is large enough for a processor, 4,096 for a GPU
   * @return the model
   * @throws IllegalArgumentException if the size is out of its range
   */
  public static OnnxModel model(int size) {
    requireSize(size);
    float[] weights = new float[size * size];
    SplittableRandom random = new SplittableRandom(size);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = value(random);
    }
    Graph graph =
        Graph.builder("matrix_product")
            .input(TensorSpec.of(INPUT, DataType.FLOAT32, size, size))
            .initializer(Initializer.floats("w", weights, size, size))
            .node(Node.of("MatMul", List.of(INPUT, "w"), List.of("y")))
            .output(TensorSpec.of("y", DataType.FLOAT32, size, size))
            .build();
    return OnnxModel.of(graph, OPSET);
  }

  /**
   * Runs the compiled product for half a second and takes the fastest run.
   *
   * @param product {@link #model}, compiled; it stays the caller's
   * @param size of it
   * @param precision that it was compiled to, for example {@code INT8}; only a label
   * @return the roof
   * @throws IllegalArgumentException if the size is out of its range, or the model not that product
   * @throws io.inferc.common.InfercException if a run fails
   */
  public static ComputeRoof measure(CompiledModel product, int size, String precision) {
    Objects.requireNonNull(product, "product");
    Objects.requireNonNull(precision, "precision");
    requireSize(size);
    try (InferenceSession session = product.newSession()) {
      Tensor input = session.input(INPUT);
      if (!input.hasShape(size, size)) {
        throw new IllegalArgumentException(
            "Tried to measure a product of matrices of size "
                + size
                + ", but the model takes "
                + input
                + "; compile MatrixProduct.model("
                + size
                + ").");
      }
      FloatBuffer values = input.floats();
      SplittableRandom random = new SplittableRandom(size + 1L);
      for (int i = 0; i < values.limit(); i++) {
        values.put(i, value(random));
      }
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        session.run();
      }
      long best = Long.MAX_VALUE;
      long start = System.nanoTime();
      long now = start;
      while (now - start < RUN_NANOS || best == Long.MAX_VALUE) {
        session.run();
        long end = System.nanoTime();
        best = Math.min(best, Math.max(1, end - now));
        now = end;
      }
      double multiplyAdds = (double) size * size * size;
      return new ComputeRoof(
          precision,
          multiplyAdds / best * 1e9,
          "a product of matrices of " + size + " on " + product.target().backend());
    }
  }

  private static float value(SplittableRandom random) {
    return (float) (2 * random.nextDouble() - 1);
  }

  private static void requireSize(int size) {
    if (size < LEAST_SIZE || size > LARGEST_SIZE) {
      throw new IllegalArgumentException(
          "Tried to multiply matrices of size "
              + size
              + "; give "
              + LEAST_SIZE
              + " to "
              + LARGEST_SIZE
              + ", for example 1024.");
    }
  }
}
