package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.UniqueNames;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;

/** Weights of random networks as integers: idempotent, valid, and close to the original. */
@Tag("once")
class WeightOnlyProperties {
  private static OnnxModel network(long seed) {
    return new UniqueNames().apply(RandomNetworks.of(seed), new RewriteLog());
  }

  private static void isSound(long seed, WeightOnlyForm form, int bits, boolean zeros) {
    OnnxModel model = network(seed);
    WeightQuantization options = WeightQuantization.bits(bits).withBlock(16).withZeroPoints(zeros);
    WeightOnlyQuantization pass = WeightOnlyCases.pass(model, form, options);
    PassFixture fixture =
        PassFixture.of(pass)
            .otherResults("compared below with what rounding explains")
            .model(model)
            .checkIdempotent()
            .checkValid();
    if (bits == 8) {
      QuantizationProperties.requireClose(
          model, fixture.after(), RandomNetworks.inputs(model.graph(), seed));
    }
    assertEquals(fixture.after(), pass.apply(model, new RewriteLog()), "another result");
  }

  @Property(tries = 60)
  void networksStayCloseInTheFormOfOnnxRuntime(
      @ForAll long seed, @ForAll boolean four, @ForAll boolean zeros) {
    isSound(seed, WeightOnlyCases.N_BITS, four ? 4 : 8, zeros);
  }

  @Property(tries = 60)
  void networksStayCloseInTheStandardForm(
      @ForAll long seed, @ForAll boolean four, @ForAll boolean zeros) {
    isSound(seed, WeightOnlyCases.STANDARD, four ? 4 : 8, zeros);
  }

  @Test
  void manyRandomNetworksHaveSuchLayers() {
    int changed = 0;
    for (long seed = 0; seed < 40; seed++) {
      OnnxModel model = network(seed);
      WeightQuantization options = WeightQuantization.bits(8).withBlock(16);
      OnnxModel after =
          WeightOnlyCases.pass(model, WeightOnlyCases.N_BITS, options)
              .apply(model, new RewriteLog());
      changed += after == model ? 0 : 1;
    }
    int networks = changed;
    assertTrue(networks >= 10, () -> networks + " of 40");
  }
}
