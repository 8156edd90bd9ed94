package io.inferc;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.quantize.MultiplyAdds;
import io.inferc.rewrite.quantize.WeightOnlyLayers.Product;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.spi.WeightOnlyForm.Variant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how a model's weights are written by running products of its own largest sizes on the
 * target, for a second or two.
 */
final class MeasuredVariants implements WeightOnlyRewriting.Chooser {
  private static final Logger LOG = LoggerFactory.getLogger(MeasuredVariants.class);
  private static final long BUDGET = TimeUnit.MILLISECONDS.toNanos(1000);
  private static final int SHAPES = 3;
  // Time grows with it, and nothing else does.
  private static final int MOST_OUTER = 4096;
  private static final int FEW_ROWS_PART = 16;
  private static final int MOST_ROWS = 256;
  private static final List<Integer> USUAL_ROWS = List.of(1, 32);

  private record Size(int inner, int outer) {}

  private final OnnxModel model;
  private final Map<String, Long> sizes;
  private final WeightOnlyForm form;
  private final @Nullable LayerTarget target;

  /**
   * Prepares measurements.
   *
   * @param sizes the size that each symbol most likely has
   * @param target where layers run, or null to take the most accurate way
   */
  MeasuredVariants(
      OnnxModel model, Map<String, Long> sizes, WeightOnlyForm form, @Nullable LayerTarget target) {
    this.model = model;
    this.sizes = sizes;
    this.form = form;
    this.target = target;
  }

  @Override
  public VariantChoice.Chosen choose(
      WeightQuantization options, List<Variant> variants, List<Product> products) {
    if (target == null) {
      return new VariantChoice.Chosen(variants.get(0), "");
    }
    Map<String, Long> counts = new HashMap<>();
    MultiplyAdds.of(model, sizes).forEach(l -> counts.put(l.node().name(), l.count()));
    try (TargetStopwatch watch = new TargetStopwatch(form, options, target::compile)) {
      VariantChoice.Chosen chosen =
          new VariantChoice(watch, System::nanoTime, BUDGET)
              .choose(variants, layers(products, counts), rows(products, counts));
      LOG.info("{}: {}", model.graph().name(), chosen.why());
      return chosen;
    }
  }

  /** The sizes at which most is multiplied. */
  private static List<VariantChoice.Layer> layers(
      List<Product> products, Map<String, Long> counts) {
    Map<Size, Double> work = new LinkedHashMap<>();
    for (Product p : products) {
      double count = Math.max(counts.getOrDefault(p.node(), 0L), (double) p.inner() * p.outer());
      work.merge(new Size(p.inner(), Math.min(MOST_OUTER, p.outer())), count, Double::sum);
    }
    double all = work.values().stream().mapToDouble(Double::doubleValue).sum();
    List<VariantChoice.Layer> layers = new ArrayList<>();
    work.forEach(
        (s, count) -> layers.add(new VariantChoice.Layer(s.inner(), s.outer(), count / all)));
    layers.sort(Comparator.comparingDouble(VariantChoice.Layer::share).reversed());
    return List.copyOf(layers.subList(0, Math.min(SHAPES, layers.size())));
  }

  /** A small and a larger number, by what the typical sizes make of the largest layer. */
  private static List<Integer> rows(List<Product> products, Map<String, Long> counts) {
    long most = 0;
    for (Product p : products) {
      long weights = (long) p.inner() * p.outer();
      most = Math.max(most, counts.getOrDefault(p.node(), 0L) / weights);
    }
    if (most <= 1) {
      return USUAL_ROWS;
    }
    int larger = (int) Math.min(MOST_ROWS, most);
    int smaller = Math.max(1, larger / FEW_ROWS_PART);
    return smaller == larger ? List.of(larger) : List.of(smaller, larger);
  }
}
