package io.inferc.spi;

import java.util.List;
import java.util.Optional;

/**
 * One kernel of a compiled model, as the runtime reports it.
 *
 * @param name the runtime's name of it, unique within the model
 * @param type what the runtime calls the kernel, for example {@code QLinearConv}
 * @param precision the element type it computes in, as the runtime says it; empty if it does not
 * @param nodes names of the nodes of the model given to the runtime that it stands for, or of the
 *     tensors they made where nodes have no names; empty if the runtime added it by itself
 * @param timeMillis mean time of one execution in milliseconds, where the runtime has measured it
 */
public record KernelInfo(
    String name,
    String type,
    Optional<String> precision,
    List<String> nodes,
    Optional<Double> timeMillis) {
  public KernelInfo {
    nodes = List.copyOf(nodes);
  }
}
