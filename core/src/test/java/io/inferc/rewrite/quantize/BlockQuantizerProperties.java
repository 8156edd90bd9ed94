package io.inferc.rewrite.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.Dequantization;
import io.inferc.rewrite.layer.WeightQuantization.Method;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rounding rows of weights in blocks, and how the integers are laid out. */
class BlockQuantizerProperties {
  /** Weights of which some are far from the others. */
  private static float[] weights(long seed, int count) {
    Random random = new Random(seed);
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) (random.nextGaussian() * (random.nextInt(20) == 0 ? 8 : 1));
    }
    return weights;
  }

  private static float[] importance(long seed, int row) {
    Random random = new Random(seed + 1);
    float[] importance = new float[row];
    for (int i = 0; i < row; i++) {
      importance[i] = (float) Math.exp(2 * random.nextGaussian());
    }
    return importance;
  }

  private static double error(
      float[] weights, BlockWeights rounded, float @Nullable [] importance) {
    float[] floats = rounded.floats();
    double error = 0;
    for (int i = 0; i < weights.length; i++) {
      double lost = weights[i] - floats[i];
      error += lost * lost * (importance == null ? 1 : importance[i % rounded.row()]);
    }
    return error;
  }

  private static BlockWeights rounded(
      float[] weights,
      int row,
      int bits,
      int block,
      boolean zeros,
      Method method,
      float @Nullable [] importance) {
    return new BlockQuantizer(bits, block, zeros, method, DataType.FLOAT32)
        .quantize(weights, row, importance);
  }

  @Property(tries = 200)
  void clippingNeverLosesMoreThanRounding(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll @IntRange(min = 1, max = 150) int row,
      @ForAll @IntRange(min = 4, max = 8) int blockBits,
      @ForAll boolean eight,
      @ForAll boolean zeros,
      @ForAll boolean weighted) {
    float[] weights = weights(seed, rows * row);
    float[] importance = weighted ? importance(seed, row) : null;
    int bits = eight ? 8 : 4;
    int block = 1 << blockBits;
    double nearest =
        error(
            weights,
            rounded(weights, row, bits, block, zeros, Method.ROUND_TO_NEAREST, importance),
            importance);
    double least =
        error(
            weights,
            rounded(weights, row, bits, block, zeros, Method.LEAST_ERROR, importance),
            importance);
    assertTrue(least <= nearest * (1 + 1e-9), () -> least + " after " + nearest);
  }

  @Test
  void clippingGainsWhereAWeightIsFarFromTheOthers() {
    float[] weights = weights(7, 64 * 64);
    double nearest =
        error(weights, rounded(weights, 64, 4, 32, false, Method.ROUND_TO_NEAREST, null), null);
    double least =
        error(weights, rounded(weights, 64, 4, 32, false, Method.LEAST_ERROR, null), null);
    assertTrue(least < 0.95 * nearest, () -> least + " after " + nearest);
  }

  @Property(tries = 100)
  void roundingLosesAtMostHalfAStep(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 100) int row,
      @ForAll boolean eight,
      @ForAll boolean zeros) {
    float[] weights = weights(seed, 3 * row);
    BlockWeights rounded =
        rounded(weights, row, eight ? 8 : 4, 16, zeros, Method.ROUND_TO_NEAREST, null);
    float[] floats = rounded.floats();
    for (int i = 0; i < weights.length; i++) {
      float scale = rounded.scales()[i / row * rounded.blocks() + i % row / 16];
      // A zero point that is rounded itself can cost the ends of the range another half.
      double most = scale * (zeros ? 1.001 : 0.501);
      assertTrue(Math.abs(weights[i] - floats[i]) <= most, "weight " + weights[i]);
    }
  }

  @Property(tries = 100)
  void aDequantizeLinearGivesTheSameWeights(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 5) int blocks,
      @ForAll boolean eight,
      @ForAll boolean zeros,
      @ForAll boolean turned) {
    int row = blocks * 16;
    float[] weights = weights(seed, rows * row);
    BlockWeights rounded =
        rounded(weights, row, eight ? 8 : 4, 16, zeros, Method.LEAST_ERROR, null);
    Node node =
        Node.builder("DequantizeLinear")
            .inputs("w", "s", "z")
            .outputs("y")
            .attribute(Attribute.of("axis", turned ? 0 : 1))
            .attribute(Attribute.of("block_size", 16))
            .build();
    Initializer matrix =
        Dequantization.of(
                node,
                rounded.integers("w", turned),
                rounded.scales("s", DataType.FLOAT32, turned),
                rounded.zeros("z", turned))
            .orElseThrow();
    float[] expected = rounded.floats();
    float[] found = matrix.floats();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[turned ? i % row * rows + i / row : i]);
    }
  }

  @Property(tries = 60)
  void bothLayoutsOfOnnxRuntimeHaveTheSameBytesWhereRowsAreWholeBlocks(
      @ForAll long seed, @ForAll boolean eight, @ForAll @IntRange(min = 1, max = 5) int blocks) {
    BlockWeights rounded =
        rounded(
            weights(seed, 3 * blocks * 32),
            blocks * 32,
            eight ? 8 : 4,
            32,
            true,
            Method.ROUND_TO_NEAREST,
            null);
    Initializer product = rounded.blocked("w");
    Initializer table = rounded.table("w");
    assertEquals(product.bytes(), table.bytes());
    assertArrayEquals(new long[] {3, blocks, eight ? 32 : 16}, product.dims());
    assertArrayEquals(new long[] {3, blocks * (eight ? 32L : 16)}, table.dims());
  }

  @Test
  void integersOfFourBitsLieLowHalfFirst() {
    BlockWeights weights =
        rounded(new float[] {7, -7, 1, 0, 2, -1}, 3, 4, 16, false, Method.ROUND_TO_NEAREST, null);
    byte[] bytes = new byte[16];
    weights.blocked("w").bytes().get(bytes);
    // 7 and -7 with 8 for zero are 15 and 1; what is beyond the row is zero.
    assertEquals((byte) 0x1f, bytes[0]);
    assertEquals((byte) 0x89, bytes[1]);
    assertEquals((byte) 0x88, bytes[2]);
    // The second row has a scale of its own: 2 / 7.
    assertEquals((byte) 0xf8, bytes[8]);
    assertEquals(2 / 7f, weights.scales()[1]);
  }

  @Test
  void blocksOfZerosStayZeros() {
    for (Method method : Method.values()) {
      for (boolean zeros : new boolean[] {false, true}) {
        BlockWeights weights = rounded(new float[48], 24, 4, 16, zeros, method, null);
        assertArrayEquals(new float[48], weights.floats());
      }
    }
  }

  @Test
  void scalesOfHalfPrecisionAreRoundedBeforeTheWeightsAre() {
    float[] weights = weights(11, 256);
    BlockWeights rounded =
        new BlockQuantizer(4, 32, true, Method.LEAST_ERROR, DataType.FLOAT16)
            .quantize(weights, 64, null);
    for (float scale : rounded.scales()) {
      assertEquals(scale, Half.fromFloat16(Half.toFloat16(scale)));
    }
    assertArrayEquals(rounded.scales(), rounded.scales("s", DataType.FLOAT16, false).floats());
  }
}
