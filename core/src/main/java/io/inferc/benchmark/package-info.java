/**
 * The gain, measured honestly: latency percentiles and throughput of a compiled model against its
 * original, taken in turns in one process, with an interval for the ratio.
 *
 * <p>Start at {@link io.inferc.benchmark.Benchmark}.
 *
 * <pre>{@code
 * BenchmarkComparison result = Benchmark.compare(
 *     original, compiled, Workload.of("4 x 128", inputs), BenchmarkOptions.defaults());
 * System.out.println(result.latencyRatio());   // 1.84 [1.79, 1.90]
 * }</pre>
 */
@NullMarked
package io.inferc.benchmark;

import org.jspecify.annotations.NullMarked;
