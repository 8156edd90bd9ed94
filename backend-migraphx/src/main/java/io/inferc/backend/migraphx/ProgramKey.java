package io.inferc.backend.migraphx;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a program was compiled for: the sizes of all inputs in the model's order, or a whole
 * profile.
 */
final class ProgramKey {
  private final int profile;
  private final long[][] sizes;

  private ProgramKey(int profile, long[][] sizes) {
    this.profile = profile;
    this.sizes = sizes;
  }

  /** A program for these sizes of the inputs. The arrays must not change afterwards. */
  static ProgramKey ofSizes(long[][] sizes) {
    return new ProgramKey(-1, sizes);
  }

  /** A program for a profile, whose number is given, with open dimensions. */
  static ProgramKey ofProfile(int profile) {
    return new ProgramKey(profile, new long[0][]);
  }

  boolean isProfile() {
    return profile >= 0;
  }

  int profile() {
    return profile;
  }

  /** The sizes of each input. */
  List<long[]> sizes() {
    return List.of(sizes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ProgramKey k
        && k.profile == profile
        && Arrays.deepEquals(k.sizes, sizes);
  }

  @Override
  public int hashCode() {
    return 31 * profile + Arrays.deepHashCode(sizes);
  }

  /** Returns for example {@code [[1, 3]]}. */
  @Override
  public String toString() {
    return isProfile() ? "profile " + profile : Arrays.deepToString(sizes);
  }
}
