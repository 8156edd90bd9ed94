package io.inferc.search;

/**
 * One improvement in the course of a search.
 *
 * @param seconds time since the search began, the time of earlier parts of a resumed search
 *     included
 * @param what what was tried
 * @param speedup how many times faster than the original the best mix was then
 */
public record SearchStep(double seconds, String what, double speedup) {}
