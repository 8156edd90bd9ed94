package io.inferc.rewrite;

import io.inferc.testing.PassFixture;
import io.inferc.testing.RandomNetworks;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Every clean-up pass on random networks: idempotent, valid, and the same results. */
class CleanUpProperties {
  @Property(tries = 60)
  void deadNodesCanGo(@ForAll long seed) {
    sound(new DeadNodeElimination(), seed, 0);
  }

  @Property(tries = 60)
  void identitiesCanGo(@ForAll long seed) {
    // Fewer nodes in between let ONNX Runtime fuse more, which rounds otherwise.
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

  private static void sound(GraphPass pass, long seed, double tolerance) {
    PassFixture.of(pass).model(RandomNetworks.of(seed)).checkSound(tolerance);
  }
}
