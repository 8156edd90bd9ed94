package io.inferc.benchmark.trace;

/** Arithmetic of sizes that anybody may have written. */
final class SizeArithmetic {
  private SizeArithmetic() {}

  /** SplitMix64's finalizer, variant 13 of Stafford. */
  static long mix(long value) {
    long a = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  /** Multiplies sizes; {@link Long#MAX_VALUE} if the product is beyond. */
  static long elements(long[] shape) {
    long product = 1;
    boolean beyond = false;
    for (long size : shape) {
      if (size == 0) {
        return 0;
      }
      beyond |= Math.multiplyHigh(product, size) != 0 || product * size < 0;
      product *= size;
    }
    return beyond ? Long.MAX_VALUE : product;
  }

  /** Adds numbers of 0 or more; {@link Long#MAX_VALUE} if the sum is beyond. */
  static long add(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
