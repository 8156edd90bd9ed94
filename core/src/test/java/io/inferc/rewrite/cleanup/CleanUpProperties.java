package io.inferc.rewrite.cleanup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every clean-up pass on random networks: idempotent, valid, and the same results. Not the same
 * bits: other readers and neighbours let ONNX Runtime fuse otherwise, which rounds otherwise.
 */
@Tag("once")
class CleanUpProperties {
  @Property(tries = 60)
  void deadNodesCanGo(@ForAll long seed) {
    sound(new DeadNodeElimination(), seed, 1e-5);
  }

  @Property(tries = 60)
  void identitiesCanGo(@ForAll long seed) {
    sound(new IdentityElimination(), seed, 1e-5);
  }

  @Property(tries = 60)
  void commonSubexpressionsCanBeMerged(@ForAll long seed) {
    sound(new CommonSubexpressions(), seed, 1e-5);
  }

  @Property(tries = 60)
  void constantsCanBeFolded(@ForAll long seed) {
    sound(new ConstantFolding(), seed, 1e-5);
  }

  @Property(tries = 60)
  void batchNormalizationCanBeFolded(@ForAll long seed) {
    OnnxModel model = RandomNetworks.convolutional(seed, 17);
    PassFixture.of(new BatchNormFolding()).model(model).checkSound(1e-4);
  }

  @Property(tries = 60)
  void hardSwishAndConstantsBesideConvolutionsCanBeFolded(@ForAll long seed) {
    OnnxModel model = RandomNetworks.convolutional(seed, 17);
    PassFixture.of(new HardSwishFusion()).model(model).checkSound(1e-4);
    PassFixture.of(new AffineFolding()).model(model).checkSound(1e-4);
  }

  @Property(tries = 60)
  void layerNormalizationAndGeluCanBeKeptWhole(@ForAll long seed) {
    OnnxModel model = RandomNetworks.transformer(seed, 20);
    PassFixture.of(new LayerNormFusion()).model(model).checkSound(1e-4);
    PassFixture.of(new GeluFusion()).model(model).checkSound(1e-4);
  }

  @Property(tries = 60)
  void matMulsCanBeMerged(@ForAll long seed) {
    OnnxModel model = RandomNetworks.transformer(seed, 13 + (int) Math.floorMod(seed, 9L));
    PassFixture.of(new MatMulMerging()).model(model).checkSound(1e-4);
  }

  @Property(tries = 60)
  void allPassesCanRunOneAfterTheOther(@ForAll long seed) {
    sound(new EveryPass(), seed, 1e-4);
  }

  @Test
  void everyPassFindsSomethingToDoInSomeNetworks() {
    List<GraphPass> passes = new ArrayList<>(CleanUp.passes());
    passes.add(new MatMulMerging());
    for (long seed = 0; seed < 60; seed++) {
      OnnxModel model = RandomNetworks.of(seed);
      passes.removeIf(p -> p.apply(model, new RewriteLog()) != model);
    }
    // These networks have names, no CastLike, and no graphs inside of nodes.
    assertEquals(
        List.of("unique-names", "resolve-cast-like", "share-constants"),
        passes.stream().map(GraphPass::name).toList());
  }

  @Test
  void hardSwishIsRecognisedBeforeItsConstantsAreFoldedAway() {
    List<String> names = CleanUp.passes().stream().map(GraphPass::name).toList();
    assertTrue(names.contains("fuse-hard-swish"), names::toString);
    assertTrue(names.indexOf("fuse-hard-swish") < names.indexOf("fold-affine"), names::toString);
  }

  /** The catalogue as one pass, until it changes nothing any more. */
  private static final class EveryPass implements GraphPass {
    @Override
    public String name() {
      return "every-pass";
    }

    @Override
    public OnnxModel apply(OnnxModel model, RewriteLog log) {
      OnnxModel before = model;
      OnnxModel after = CleanUp.pipeline().apply(model, log);
      while (after != before) {
        before = after;
        after = CleanUp.pipeline().apply(before, log);
      }
      return after;
    }
  }

  private static void sound(GraphPass pass, long seed, double tolerance) {
    PassFixture.of(pass).model(RandomNetworks.of(seed)).checkSound(tolerance);
  }
}
