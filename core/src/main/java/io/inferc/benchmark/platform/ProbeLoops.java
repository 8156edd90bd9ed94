package io.inferc.benchmark.platform;

import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/** The loops whose speed is measured; short and plain, so that the JVM makes vectors of them. */
final class ProbeLoops {
  private static final int CHUNK = 1 << 14;
  private static final int ARRAYS = 3;
  private static final int BYTES_PER_ELEMENT = ARRAYS * Float.BYTES;

  /** Fits the nearest cache, of 32 KiB or more. */
  private static final int NEAR = 2048;

  private static final int CALLS_PER_LOOK = 16;
  private static final int STEPS = 8;
  private static final float SCALE = 0.9f;
  private static final float OFFSET = 0.1f;

  /** Takes results, so that the JVM may not leave out the loops that make them. */
  @SuppressWarnings("UnusedVariable")
  private static volatile float sink;

  private ProbeLoops() {}

  /** Three arrays of one thread. */
  static final class Triad {
    private final float[] a;
    private final float[] b;
    private final float[] c;

    Triad(long bytes) {
      int elements = (int) Math.max(1, bytes / BYTES_PER_ELEMENT / CHUNK) * CHUNK;
      a = new float[elements];
      b = new float[elements];
      c = new float[elements];
      Arrays.fill(b, 1);
      Arrays.fill(c, 2);
    }

    /** Returns the bytes that one sweep reads and writes. */
    long sweep() {
      for (int from = 0; from < a.length; from += CHUNK) {
        triad(a, b, c, 3, from, from + CHUNK);
      }
      sink = a[a.length - 1];
      return (long) a.length * BYTES_PER_ELEMENT;
    }
  }

  private static void triad(float[] a, float[] b, float[] c, float scale, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] = b[i] + scale * c[i];
    }
  }

  /** Small arrays, so that the loop is called often enough to be compiled. */
  static void warmUpTriad(long nanos) {
    Triad small = new Triad(0);
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      small.sweep();
    }
  }

  /**
   * Chooses between fused and separate multiplication and addition: without the instruction, Java
   * fuses in software, very slowly.
   *
   * @return runs for some nanoseconds and returns how many multiply-adds it did
   */
  static LongUnaryOperator fasterArithmetic(long nanos) {
    rate(ProbeLoops::fused, nanos);
    rate(ProbeLoops::separate, nanos);
    long look = nanos / 4;
    return rate(ProbeLoops::fused, look) >= rate(ProbeLoops::separate, look)
        ? ProbeLoops::fused
        : ProbeLoops::separate;
  }

  private static double rate(LongUnaryOperator loop, long nanos) {
    long start = System.nanoTime();
    long done = loop.applyAsLong(nanos);
    return (double) done / Math.max(1, System.nanoTime() - start);
  }

  private static long fused(long nanos) {
    float[] values = new float[NEAR];
    long start = System.nanoTime();
    long calls = 0;
    while (System.nanoTime() - start < nanos) {
      for (int i = 0; i < CALLS_PER_LOOK; i++) {
        fusedPass(values, SCALE, OFFSET);
      }
      calls += CALLS_PER_LOOK;
    }
    sink = values[0];
    return calls * NEAR * STEPS;
  }

  private static long separate(long nanos) {
    float[] values = new float[NEAR];
    long start = System.nanoTime();
    long calls = 0;
    while (System.nanoTime() - start < nanos) {
      for (int i = 0; i < CALLS_PER_LOOK; i++) {
        separatePass(values, SCALE, OFFSET);
      }
      calls += CALLS_PER_LOOK;
    }
    sink = values[0];
    return calls * NEAR * STEPS;
  }

  private static void fusedPass(float[] values, float scale, float offset) {
    for (int i = 0; i < values.length; i++) {
      float v = values[i];
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      v = Math.fma(v, scale, offset);
      values[i] = v;
    }
  }

  private static void separatePass(float[] values, float scale, float offset) {
    for (int i = 0; i < values.length; i++) {
      float v = values[i];
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      v = v * scale + offset;
      values[i] = v;
    }
  }
}
