package io.inferc.benchmark.load;

import java.util.OptionalDouble;

/**
 * What the thread that watched a run saw of it.
 *
 * @param length how long requests were planned to come, in nanoseconds
 * @param ended when the last was served, or the run given up
 * @param cpuSecondsPerRequest the process's time, if the system tells
 * @param inSystem the mean number of requests in the system, in an open loop
 * @param inSystemError the standard error of that mean
 */
record Observed(
    long length,
    long ended,
    OptionalDouble cpuSecondsPerRequest,
    OptionalDouble inSystem,
    double inSystemError) {}
