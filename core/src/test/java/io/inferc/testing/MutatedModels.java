package io.inferc.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Models with a few bytes changed. */
public final class MutatedModels {
  private MutatedModels() {}

  /** What mutants are made of. */
  public static List<byte[]> originals() {
    List<byte[]> models = new ArrayList<>();
    models.add(SmallModels.perceptron(4, 4, 2, 1).toBytes());
    models.add(SmallModels.branches().toBytes());
    models.add(SmallModels.addConstant(3).toBytes());
    for (int seed = 0; seed < 6; seed++) {
      models.add(RandomNetworks.of(seed).toBytes());
    }
    return models;
  }

  /**
   * Changes a few bytes: flips, other numbers where lengths and kinds are, pieces moved or lost.
   */
  public static byte[] mutant(byte[] original, byte[] other, Random random) {
    byte[] bytes = original.clone();
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes; c++) {
      // Most of a file is weights, and most of what can go wrong is in front of them or behind.
      int at =
          random.nextInt(3) == 0
              ? random.nextInt(bytes.length)
              : random.nextInt(Math.min(bytes.length, 1500));
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0x7f);
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> {
          int length = Math.min(random.nextInt(16), bytes.length - at);
          System.arraycopy(other, Math.min(at, other.length - 16), bytes, at, Math.min(length, 16));
        }
        default -> bytes[at] += (byte) (random.nextInt(5) - 2);
      }
    }
    return bytes;
  }
}
