/**
 * The machine that a measurement runs on: what it is and how it is set, what else takes its time,
 * which memory and energy a run takes, and how fast its memory and arithmetic are.
 *
 * <p>Start at {@link io.inferc.benchmark.platform.Machine}, {@link
 * io.inferc.benchmark.platform.MemorySampler}, {@link io.inferc.benchmark.platform.EnergyMeter} and
 * {@link io.inferc.benchmark.platform.Roofline}. What a system does not tell is empty, never an
 * error. Values of environment variables and system properties are not read.
 *
 * <pre>{@code
 * try (EnergyMeter meter = EnergyMeter.start()) {
 *   serve(requests);
 *   EnergyReading energy = meter.stop();
 *   System.out.println(energy + ": " + energy.joulesPer(requests.size()));
 * }
 * }</pre>
 */
@NullMarked
package io.inferc.benchmark.platform;

import org.jspecify.annotations.NullMarked;
