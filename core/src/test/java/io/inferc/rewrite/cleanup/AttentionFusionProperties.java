package io.inferc.rewrite.cleanup;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.cleanup.AttentionNetworks.Beside;
import io.inferc.rewrite.cleanup.AttentionNetworks.Form;
import io.inferc.rewrite.cleanup.AttentionNetworks.Mask;
import io.inferc.rewrite.cleanup.AttentionNetworks.Scale;
import io.inferc.rewrite.cleanup.AttentionNetworks.Turn;
import io.inferc.runtime.ShapeProfile;
import io.inferc.testing.PassFixture;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Attention in every form, of any size, under masks of every kind. */
class AttentionFusionProperties {
  private static OnnxModel declared(Form form) {
    return new ShapeDeclaration(List.<ShapeProfile>of())
        .apply(AttentionNetworks.of(form), new RewriteLog());
  }

  @Property(tries = 150)
  void everyFormStaysWhatItWas(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 3) int batch,
      @ForAll @IntRange(min = 0, max = 5) int length,
      @ForAll @IntRange(min = 0, max = 5) int memory) {
    Form form = AttentionNetworks.random(seed);
    // By way of three dimensions, sizes of none cannot be run: a Reshape takes 0 for what it was.
    int rows = form.turn() == Turn.BY_WAY_OF_THREE_DIMENSIONS ? Math.max(1, memory) : memory;
    PassFixture.of(new AttentionFusion())
        .model(declared(form))
        .checkIdempotent()
        .checkValid()
        .checkEquivalent(1e-4, AttentionNetworks.inputs(form, batch, length, rows, seed));
  }

  @Test
  void everyFormIsFusedWhereNothingIsInTheWay() {
    for (Turn turn : Turn.values()) {
      for (Scale scale : Scale.values()) {
        for (Mask mask : Mask.values()) {
          for (boolean zeroes : new boolean[] {false, true}) {
            for (Beside beside :
                List.of(Beside.NOTHING, Beside.FLAT_RESULT, Beside.SHAPES_COMPUTED)) {
              if (zeroes && mask.isOfTruth()) {
                continue;
              }
              Form form = new Form(turn, scale, mask, zeroes, beside);
              OnnxModel after = new AttentionFusion().apply(declared(form), new RewriteLog());
              assertFalse(
                  after.graph().nodes().stream().anyMatch(n -> n.opType().equals("Softmax")),
                  form::toString);
            }
          }
        }
      }
    }
  }

  @Test
  void whatIsReadBesideIsLeftAlone() {
    for (Beside beside :
        List.of(Beside.WEIGHTS_RETURNED, Beside.KEYS_READ, Beside.SHAPE_RETURNED)) {
      Form form = new Form(Turn.AT_ONCE, Scale.BEHIND, Mask.WHOLE, true, beside);
      PassFixture.of(new AttentionFusion()).model(declared(form)).checkUnchanged();
    }
  }
}
