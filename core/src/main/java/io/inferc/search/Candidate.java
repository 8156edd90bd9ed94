package io.inferc.search;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.Target;
import java.time.Duration;
import java.util.Objects;

/**
 * One way to compile a model, which a search tries.
 *
 * @param target where, with which options
 * @param precision at which precision, for a person
 * @param maker compiles it
 */
public record Candidate(Target.Choice target, String precision, Maker maker) {
  public Candidate {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(maker, "maker");
  }

  /** Compiles a candidate. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Compiles the model in this way; asked again, in the same way again.
     *
     * @param time about how long it may take, where it can do with less
     * @return the model, owned by the caller
     * @throws io.inferc.common.InfercException if it cannot be had
     */
    CompiledModel make(Duration time);
  }

  /** What measurements are kept under. */
  String key() {
    return target + " at " + precision;
  }

  /** Returns for example {@code openvino at INT8}. */
  @Override
  public String toString() {
    return key();
  }
}
