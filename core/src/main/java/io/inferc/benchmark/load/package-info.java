/**
 * Measurement under the load that production sees: requests that arrive by a schedule, of sizes
 * that vary, answered by anything that can answer them.
 *
 * <p>A {@link io.inferc.benchmark.load.Subject} is what is measured, {@link
 * io.inferc.benchmark.load.Requests} what it is asked, and a {@link io.inferc.benchmark.load.Load}
 * says when. Start at {@link io.inferc.benchmark.load.LoadTest}:
 *
 * <pre>{@code
 * LoadTest test = LoadTest.builder(Load.poisson(200)).duration(Duration.ofSeconds(60)).build();
 * LoadRun run = test.run(Subject.of(model), Requests.of(samples, 1000, 1));
 * System.out.println(run.latency().percentile(95));
 * }</pre>
 */
@NullMarked
package io.inferc.benchmark.load;

import org.jspecify.annotations.NullMarked;
