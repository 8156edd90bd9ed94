package io.inferc;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.layer.LayerPlan;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.rewrite.quantize.ActivationAwareScaling;
import io.inferc.rewrite.quantize.WeightOnlyLayers;
import io.inferc.rewrite.quantize.WeightOnlyQuantization;
import io.inferc.spi.NumericPrecision;
import io.inferc.spi.WeightOnlyForm;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ModelRewriter} does where weights alone become integers: which layers can have
 * them, and how they are written, as a measurement decides once.
 */
final class WeightOnlyRewriting {
  private final @Nullable WeightOnlyForm form;
  private final Map<NumericPrecision, WeightQuantization> options;
  private final Map<NumericPrecision, WeightOnlyLayers> layers =
      new EnumMap<>(NumericPrecision.class);
  private final Map<NumericPrecision, VariantChoice.Chosen> chosen =
      new EnumMap<>(NumericPrecision.class);

  /**
   * Finds the layers of a model.
   *
   * @param form what the target has, or null
   * @param precision what is asked for
   * @throws InfercException if that is not what the target has
   */
  WeightOnlyRewriting(OnnxModel cleaned, @Nullable WeightOnlyForm form, Precision precision) {
    this.form = form;
    options = new EnumMap<>(NumericPrecision.class);
    asked(precision)
        .forEach(
            (p, o) -> {
              refusal(form, o).ifPresent(why -> refuse(precision, why));
              if (form != null) {
                options.put(p, o.withZeroPoints(o.hasZeroPoints(form.zeroPoints())));
                layers.put(p, WeightOnlyLayers.of(cleaned, form, o));
              }
            });
  }

  private static void refuse(Precision precision, String why) {
    throw new InfercException(
        Stage.REWRITE,
        "Tried to store weights as integers at " + precision + ", but " + why,
        "Ask for what there is, or for another target.");
  }

  private static Map<NumericPrecision, WeightQuantization> asked(Precision precision) {
    Map<NumericPrecision, WeightQuantization> options = new EnumMap<>(NumericPrecision.class);
    WeightQuantization own = precision.settings().weights().orElse(null);
    if (own != null) {
      options.put(precision.numeric(), own);
    }
    precision.rules().stream()
        .map(r -> r.precision())
        .filter(NumericPrecision::isWeightOnly)
        .forEach(
            p -> {
              int bits = p == NumericPrecision.WEIGHTS8 ? 8 : 4;
              options.putIfAbsent(
                  p,
                  own == null
                      ? WeightQuantization.bits(bits)
                      : new WeightQuantization(
                          bits,
                          own.block(),
                          own.zeroPoints(),
                          own.method(),
                          own.floatActivations()));
            });
    return options;
  }

  /** Says why a target cannot have weights as asked for: the second half of a sentence. */
  static Optional<String> refusal(@Nullable WeightOnlyForm form, WeightQuantization asked) {
    if (form == null || !form.blocks().containsKey(asked.bits())) {
      return Optional.of(
          "for it inferc knows no form in which weights of "
              + asked.bits()
              + " bits stay integers once a model is loaded.");
    }
    if (asked.hasZeroPoints(form.zeroPoints()) && !form.zeroPoints()) {
      return Optional.of("there such weights have no zero points.");
    }
    return form.variants(asked.bits(), asked.block(), asked.floatActivations()).isEmpty()
        ? Optional.of(
            "there weights of "
                + asked.bits()
                + " bits come in blocks of "
                + form.blocks().get(asked.bits())
                + ".")
        : Optional.empty();
  }

  /** Calls back with each layer and the precision that it can have. */
  void candidates(BiConsumer<String, NumericPrecision> able) {
    layers.forEach(
        (precision, found) -> {
          found.products().forEach(p -> able.accept(p.node(), precision));
          found.tables().forEach(t -> able.accept(t, precision));
        });
  }

  /** Says of layers that cannot have a precision why: the second half of a sentence by name. */
  Map<String, String> obstacles(NumericPrecision precision) {
    WeightOnlyLayers found = layers.get(precision);
    return found == null ? Map.of() : found.obstacles();
  }

  /** Tells whether samples are needed, to know the sizes of activations' channels. */
  boolean needsStatistics() {
    return options.values().stream()
        .anyMatch(o -> o.method() == WeightQuantization.Method.ACTIVATION_AWARE);
  }

  /** The activations whose channels must be observed, with the axis of these. */
  Map<String, Integer> channels() {
    Map<String, Integer> channels = new LinkedHashMap<>();
    if (needsStatistics()) {
      layers.values().stream()
          .flatMap(found -> found.products().stream())
          .forEach(p -> channels.put(p.input(), -1));
    }
    return channels;
  }

  /** Decides among the ways to write the weights of some products. */
  interface Chooser {
    VariantChoice.Chosen choose(
        WeightQuantization options,
        List<WeightOnlyForm.Variant> variants,
        List<WeightOnlyLayers.Product> products);
  }

  /**
   * Returns how the weights of a plan are written, which is decided once for each precision.
   *
   * @param chooser measures, where there is more than one way
   * @param log takes what was measured
   */
  Map<NumericPrecision, WeightOnlyQuantization.Way> ways(
      LayerPlan plan, Chooser chooser, RewriteLog log) {
    Map<NumericPrecision, WeightOnlyQuantization.Way> ways = new EnumMap<>(NumericPrecision.class);
    layers.forEach(
        (precision, found) -> {
          WeightQuantization asked = options.get(precision);
          if (form != null && asked != null && plan.uses(precision)) {
            VariantChoice.Chosen choice =
                chosen.computeIfAbsent(precision, p -> choose(asked, found, chooser));
            ways.put(precision, new WeightOnlyQuantization.Way(asked, choice.variant()));
            if (!found.products().isEmpty() && !choice.why().isEmpty()) {
              log.changed(writing(plan, ways, null), found.products().get(0).node(), choice.why());
            }
          }
        });
    return ways;
  }

  private VariantChoice.Chosen choose(
      WeightQuantization asked, WeightOnlyLayers found, Chooser chooser) {
    List<WeightOnlyForm.Variant> variants =
        Objects.requireNonNull(form)
            .variants(asked.bits(), asked.block(), asked.floatActivations());
    return variants.size() == 1 || found.products().isEmpty()
        ? new VariantChoice.Chosen(variants.get(0), "")
        : chooser.choose(asked, variants, found.products());
  }

  /** The pass that scales weights by the inputs they meet. */
  GraphPass scaling(
      LayerPlan plan,
      Map<NumericPrecision, WeightOnlyQuantization.Way> ways,
      CalibrationTable table,
      Consumer<CalibrationTable> adjusted) {
    return new ActivationAwareScaling(table, plan, ways, adjusted);
  }

  /** The pass that writes the integers. */
  GraphPass writing(
      LayerPlan plan,
      Map<NumericPrecision, WeightOnlyQuantization.Way> ways,
      @Nullable CalibrationTable table) {
    return new WeightOnlyQuantization(Objects.requireNonNull(form), ways, plan, table);
  }
}
