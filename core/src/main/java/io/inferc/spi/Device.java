package io.inferc.spi;

import java.util.OptionalLong;

/**
 * A device that a back end can compile for.
 *
 * @param id what {@link io.inferc.runtime.Target#device(String)} takes, for example {@code
 *     "cuda:0"}
 * @param description what it is, for a person, for example {@code "NVIDIA H200"}
 * @param memoryBytes the device's own memory in bytes, or empty if it shares the host's
 * @param reference true for an implementation made to be right rather than fast; {@link
 *     io.inferc.runtime.Target#auto()} passes it over
 */
public record Device(String id, String description, OptionalLong memoryBytes, boolean reference) {}
