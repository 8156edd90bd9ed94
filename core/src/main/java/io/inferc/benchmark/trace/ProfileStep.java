package io.inferc.benchmark.trace;

import io.inferc.runtime.ShapeProfile;
import java.util.List;

/**
 * What so many profiles would come to. Work is counted in elements of all inputs, which is what
 * padding adds to; kernels whose work grows faster, as attention's does, gain more.
 *
 * @param profiles the profiles, the one of the smallest requests first, as the compiler takes them
 * @param padding the share of the work that would be padding, if each request were as large as its
 *     profile's largest, from 0 to 1
 * @param atOptimum the share of the requested work done at exactly a profile's {@code opt} sizes,
 *     from 0 to 1
 * @param gain by what share that work is less than with one profile fewer, from 0 to 1; 0 for one
 *     profile
 * @param requests how many of the requests each profile serves, in the profiles' order
 */
public record ProfileStep(
    List<ShapeProfile> profiles,
    double padding,
    double atOptimum,
    double gain,
    List<Long> requests) {
  public ProfileStep {
    profiles = List.copyOf(profiles);
    requests = List.copyOf(requests);
  }
}
