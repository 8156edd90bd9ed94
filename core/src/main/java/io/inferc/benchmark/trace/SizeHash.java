package io.inferc.benchmark.trace;

import java.security.SecureRandom;

/** Hashes of sizes that anybody may have written, so that nobody can choose some that collide. */
final class SizeHash {
  /** What a hash begins with, another in each process. */
  static final long SEED = new SecureRandom().nextLong();

  private SizeHash() {}

  /** Adds a number to a hash. */
  static long add(long hash, long number) {
    return SizeArithmetic.mix(hash ^ number);
  }
}
