package io.inferc.rewrite;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.inferc.onnx.OnnxModel;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Conversions of random networks: valid, idempotent, with the same interface and results. */
class HalfPrecisionProperties {
  @Property(tries = 600)
  void halfPrecisionKeepsWhatANetworkComputes(@ForAll long seed) {
    OnnxModel model = RandomNetworks.of(seed);
    PassFixture fixture =
        PassFixture.of(HalfPrecision.fp16().build())
            .model(model)
            .checkChanged()
            .checkIdempotent()
            .checkValid();
    HalfChecks.requireAlike(model, fixture.after(), seed, 0.05);
  }

  @Property(tries = 300)
  void bfloat16GivesAValidModelOnceAndForAll(@ForAll long seed) {
    OnnxModel model = RandomNetworks.of(seed);
    OnnxModel after = HalfPrecision.bf16().build().apply(model, new RewriteLog());
    assertNotEquals(model, after);
    HalfChecks.requireSound(model, after, seed);
  }
}
