package io.inferc;

import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.quantize.MultiplyAdds;
import io.inferc.spi.NumericPrecision;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * How much of a model got the precision that was asked for, in layers and multiply-adds, and what
 * is in the way of the rest.
 */
final class PrecisionCoverage {
  private static final double ENOUGH = 0.5;

  /** Layers that share a reason for what they are. */
  private record Left(String reason, List<MultiplyAdds.Layer> layers) {
    long count() {
      return layers.stream().mapToLong(MultiplyAdds.Layer::count).sum();
    }

    /** Returns for example {@code 10 (Conv, MatMul): its weights are not constant}. */
    String text() {
      Set<String> operators =
          layers.stream()
              .map(l -> l.node().opType())
              .collect(Collectors.toCollection(LinkedHashSet::new));
      return String.format(
          Locale.ROOT, "%d (%s): %s", layers.size(), String.join(", ", operators), reason);
    }
  }

  private final NumericPrecision asked;
  private final List<MultiplyAdds.Layer> layers;
  private final Map<String, LayerDecision> outcome;
  private final boolean changed;
  private final List<MultiplyAdds.Layer> judged = new ArrayList<>();
  private final List<MultiplyAdds.Layer> reached = new ArrayList<>();
  private final Map<String, Left> left = new LinkedHashMap<>();

  /**
   * Counts what became of a model.
   *
   * @param asked an integer precision, be it of weights alone, {@code FP16} or {@code BF16}
   * @param layers the layers of the model before precision was written into it
   * @param written the layers of the model with it
   * @param outcome what its nodes ended with; layers that a rule of the user decides on do not
   *     count
   * @param changed whether the model with the precision is another one at all
   */
  PrecisionCoverage(
      NumericPrecision asked,
      List<MultiplyAdds.Layer> layers,
      List<MultiplyAdds.Layer> written,
      Map<String, LayerDecision> outcome,
      boolean changed) {
    this.changed = changed;
    this.asked = asked;
    this.layers = layers;
    this.outcome = outcome;
    Map<String, DataType> types = new HashMap<>();
    written.forEach(l -> l.type().ifPresent(t -> types.put(l.node().label(), t)));
    for (MultiplyAdds.Layer layer : layers) {
      LayerDecision ended =
          outcome.getOrDefault(
              layer.node().label(),
              new LayerDecision(NumericPrecision.FP32, "it is inside a function or subgraph."));
      if (ended.ruled()) {
        continue;
      }
      judged.add(layer);
      DataType type = types.get(layer.node().label());
      // Integers are known by what surrounds a layer, halves by what it computes in.
      boolean integers = layer.quantized() || ended.precision().quantizes();
      boolean half = type == null ? reaches(ended.precision()) : type == halfType(asked);
      if (integers || (!asked.quantizes() && half)) {
        reached.add(layer);
      } else {
        String reason =
            reaches(ended.precision()) ? "it computes in " + type : cause(ended.reason());
        left.computeIfAbsent(reason, r -> new Left(r, new ArrayList<>())).layers().add(layer);
      }
    }
  }

  private static DataType halfType(NumericPrecision asked) {
    return asked == NumericPrecision.BF16 ? DataType.BFLOAT16 : DataType.FLOAT16;
  }

  private boolean reaches(NumericPrecision ended) {
    return asked.quantizes() ? ended.quantizes() : ended == asked || ended.quantizes();
  }

  /** The reason alone, without names of tensors, so that equal causes are counted together. */
  private static String cause(String reason) {
    return reason
        .replaceFirst("^left at \\w+( instead of \\w+)?: ", "")
        .replaceFirst("^It stays in floating point: ", "")
        .replaceAll("'[^']*'", "'…'")
        .replaceFirst("\\.$", "");
  }

  /**
   * Says that little or nothing has the precision.
   *
   * @param otherwise layers, by name, that another precision would quantize, by what to call it
   * @return a whole sentence or several; empty if at least half of the multiply-adds have it
   */
  Optional<String> warning(Supplier<Map<String, Set<String>>> otherwise) {
    boolean nothing = !changed || outcome.values().stream().noneMatch(d -> reaches(d.precision()));
    if (layers.isEmpty() && nothing) {
      return Optional.of(
          asked
              + " was asked for, but the model has no convolution, matrix product or recurrent"
              + " layer, so it is as it was. Compile it at FP32.");
    }
    if (judged.isEmpty()) {
      return Optional.empty();
    }
    double share = share();
    if (!reached.isEmpty() && share >= ENOUGH) {
      return Optional.empty();
    }
    String reasons =
        left.values().stream()
            .sorted(Comparator.comparingLong(Left::count).reversed())
            .map(Left::text)
            .collect(Collectors.joining("; "));
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%d of %d layers, with about %.0f %% of the multiply-adds, are %s, which was asked for."
                + " Left as they were: %s. What would work: %s.",
            reached.size(),
            judged.size(),
            Math.floor(share * 100),
            asked,
            reasons,
            String.join("; ", advice(otherwise.get()))));
  }

  private double share() {
    double all = sum(judged);
    // Where nothing is known of any size, layers are counted.
    return all == 0 ? (double) reached.size() / judged.size() : sum(reached) / all;
  }

  private static double sum(List<MultiplyAdds.Layer> layers) {
    return layers.stream().mapToDouble(MultiplyAdds.Layer::count).sum();
  }

  private List<String> advice(Map<String, Set<String>> otherwise) {
    List<String> advice = new ArrayList<>();
    otherwise.forEach(
        (how, names) -> {
          long able =
              left.values().stream()
                  .flatMap(l -> l.layers().stream())
                  .filter(l -> names.contains(l.node().label()))
                  .count();
          if (able > 0) {
            advice.add(how + " takes " + able + " of these layers");
          }
        });
    for (Remedy remedy : Remedy.values()) {
      if (left.keySet().stream().anyMatch(r -> r.contains(remedy.mark))) {
        advice.add(remedy.text);
      }
    }
    advice.add(
        reached.isEmpty()
            ? "compile at FP32, since nothing was gained here"
            : "compile at FP32 as well, and measure whether this is faster");
    return advice;
  }

  /** What to do about reasons that have a certain word in them. */
  private enum Remedy {
    COMPUTED_WEIGHTS(
        "not constant", "export the model with its weights as constants, not as inputs"),
    DOUBLE("FLOAT64", "export the model in FLOAT32"),
    INSIDE("inside", "export the model without If, Loop and functions around these layers");

    private final String mark;
    private final String text;

    Remedy(String mark, String text) {
      this.mark = mark;
      this.text = text;
    }
  }
}
