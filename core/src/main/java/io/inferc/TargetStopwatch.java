package io.inferc;

import io.inferc.common.CancelledException;
import io.inferc.common.InfercException;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.quantize.WeightOnlyQuantization;
import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.spi.WeightOnlyForm.Variant;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs products with weights as integers on a target, each in a model of its own. The weights are
 * numbers that integers hold exactly, so that a result also tells whether the target is right.
 */
final class TargetStopwatch implements VariantChoice.Stopwatch, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TargetStopwatch.class);

  /** Several times what rounding activations to 8 bits makes of a product. */
  private static final double RIGHT = 0.03;

  private static final int COMPARED_COLUMNS = 32;
  private static final int GROUP = 16;
  private static final String LAYER = "layer";

  private record Key(Variant variant, int inner, int outer) {}

  /** A compiled layer with what it runs on, or nothing if it cannot be compiled or is wrong. */
  private record Open(
      @Nullable CompiledModel model, @Nullable InferenceSession session, boolean right) {}

  private final WeightOnlyForm form;
  private final WeightQuantization options;
  private final Function<OnnxModel, CompiledModel> target;
  private final Map<Key, Open> open = new HashMap<>();
  private final Map<List<Integer>, Tensor> inputs = new HashMap<>();

  /**
   * Creates a stopwatch.
   *
   * @param options how weights become integers
   * @param target compiles a model
   */
  TargetStopwatch(
      WeightOnlyForm form, WeightQuantization options, Function<OnnxModel, CompiledModel> target) {
    this.form = form;
    this.options = options.withMethod(WeightQuantization.Method.ROUND_TO_NEAREST);
    this.target = target;
  }

  @Override
  public OptionalLong run(Variant variant, VariantChoice.Layer layer, int rows) {
    Open opened =
        open.computeIfAbsent(
            new Key(variant, layer.inner(), layer.outer()), k -> open(variant, layer));
    if (!opened.right() || opened.session() == null) {
      return OptionalLong.empty();
    }
    Tensor input = input(layer.inner(), rows);
    try {
      long started = System.nanoTime();
      opened.session().run(Map.of("x", input)).close();
      return OptionalLong.of(System.nanoTime() - started);
    } catch (CancelledException e) {
      throw e;
    } catch (InfercException e) {
      LOG.info("A layer with weights in {} cannot be run: {}", variant, e.getMessage());
      return OptionalLong.empty();
    }
  }

  private Tensor input(int inner, int rows) {
    return inputs.computeIfAbsent(
        List.of(inner, rows),
        k -> {
          Random random = new Random(rows);
          float[] x = new float[rows * inner];
          for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat() * 2 - 1;
          }
          return Tensor.of(x, rows, inner);
        });
  }

  private Open open(Variant variant, VariantChoice.Layer layer) {
    float[] weights = weights(layer.inner(), layer.outer());
    CompiledModel model = null;
    try {
      model = target.apply(written(variant, layer, weights));
      InferenceSession session = model.newSession();
      Tensor input = input(layer.inner(), 1);
      double error;
      try (Outputs outputs = session.run(Map.of("x", input))) {
        error = error(input.toFloatArray(), weights, outputs.tensor("y").toFloatArray());
      }
      if (!(error < RIGHT)) {
        LOG.warn("A product with weights in {} is wrong by {} of itself here.", variant, error);
      }
      return new Open(model, session, error < RIGHT);
    } catch (CancelledException e) {
      close(model);
      throw e;
    } catch (InfercException e) {
      LOG.info("A layer with weights in {} cannot be compiled: {}", variant, e.getMessage());
      close(model);
      return new Open(null, null, false);
    }
  }

  /** Random multiples of a power of two, each few of them with the whole range. */
  private float[] weights(int inner, int outer) {
    Random random = new Random(inner);
    int top = (1 << (options.bits() - 1)) - 1;
    int bottom = options.hasZeroPoints(form.zeroPoints()) ? -top - 1 : -top;
    float[] weights = new float[inner * outer];
    for (int i = 0; i < inner; i++) {
      for (int j = 0; j < outer; j++) {
        int level =
            i % GROUP == 0 ? top : i % GROUP == 1 ? bottom : random.nextInt(2 * top + 1) - top;
        weights[i * outer + j] = (float) level / (top + 1);
      }
    }
    return weights;
  }

  private OnnxModel written(Variant variant, VariantChoice.Layer layer, float[] weights) {
    NumericPrecision precision =
        options.bits() == 4 ? NumericPrecision.WEIGHTS4 : NumericPrecision.WEIGHTS8;
    OnnxModel plain =
        OnnxModel.of(
            Graph.builder(LAYER)
                .input(spec("x", layer.inner()))
                .initializer(Initializer.floats("w", weights, layer.inner(), layer.outer()))
                .node(Node.builder("MatMul").name(LAYER).inputs("x", "w").outputs("y").build())
                .output(spec("y", layer.outer()))
                .build(),
            17);
    LayerPlan plan = new LayerPlan(Map.of(LAYER, new LayerDecision(precision, "measured")));
    return new WeightOnlyQuantization(
            form, Map.of(precision, new WeightOnlyQuantization.Way(options, variant)), plan, null)
        .apply(plain, new RewriteLog());
  }

  private static TensorSpec spec(String name, int width) {
    return new TensorSpec(
        name,
        DataType.FLOAT32,
        TensorShape.of(List.of(Dimension.symbolic("rows"), Dimension.fixed(width))));
  }

  /** The root of the share of a result's squares that is wrong, of the first row and columns. */
  private static double error(float[] x, float[] weights, float[] y) {
    int outer = weights.length / x.length;
    double wrong = 0;
    double squares = 0;
    for (int j = 0; j < Math.min(COMPARED_COLUMNS, outer); j++) {
      double sum = 0;
      for (int i = 0; i < x.length; i++) {
        sum += (double) x[i] * weights[i * outer + j];
      }
      wrong += (sum - y[j]) * (sum - y[j]);
      squares += sum * sum;
    }
    return Math.sqrt(wrong / squares);
  }

  private static void close(@Nullable CompiledModel model) {
    if (model != null) {
      model.close();
    }
  }

  @Override
  public void close() {
    for (Open opened : open.values()) {
      if (opened.session() != null) {
        opened.session().close();
      }
      close(opened.model());
    }
    inputs.values().forEach(Tensor::close);
  }
}
