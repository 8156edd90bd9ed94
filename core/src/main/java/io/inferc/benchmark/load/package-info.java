/**
 * Measurement under the load that production sees: requests that arrive by a schedule, of sizes
 * that vary, answered by anything that can answer them.
 *
 * <p>A {@link io.inferc.benchmark.load.Subject} is what is measured, {@link
 * io.inferc.benchmark.load.Requests} what it is asked.
 */
@NullMarked
package io.inferc.benchmark.load;

import org.jspecify.annotations.NullMarked;
