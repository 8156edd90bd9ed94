package io.inferc.runtime;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One kernel of a compiled model, as the runtime reports it.
 *
 * @param name the runtime's name of it, unique within the model
 * @param type what the runtime calls the kernel, for example {@code QLinearConv}
 * @param precision the element type it computes in, such as {@code INT8} or {@code FLOAT32}, or
 *     another word of the runtime's; empty if it says none
 * @param nodes names of the nodes of the model given to the runtime that it stands for, or of the
 *     first tensor they make where nodes have no names; empty if the runtime added it by itself,
 *     such as a change of layout
 * @param timeMillis mean time of one execution in milliseconds, where the runtime has measured it
 */
public record KernelInfo(
    String name,
    String type,
    Optional<String> precision,
    List<String> nodes,
    Optional<Double> timeMillis) {
  public KernelInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(nodes, "nodes");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(timeMillis, "timeMillis");
    Objects.requireNonNull(type, "type");
    nodes = List.copyOf(nodes);
  }
}
