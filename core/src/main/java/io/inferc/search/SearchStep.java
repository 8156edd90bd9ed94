package io.inferc.search;

import io.inferc.rewrite.layer.LayerPlan;

/**
 * One improvement in the course of a search.
 *
 * @param seconds time since the search began, the time of earlier parts of a resumed search
 *     included
 * @param what what was tried
 * @param speedup how many times faster than the original the best mix was then, by a short
 *     measurement
 * @param plan the best mix then
 */
public record SearchStep(double seconds, String what, double speedup, LayerPlan plan) {}
