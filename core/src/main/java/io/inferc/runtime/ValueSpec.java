package io.inferc.runtime;

import java.util.Objects;

/**
 * An output that is no tensor.
 *
 * @param name its name
 * @param type what it is, in ONNX's words, such as {@code sequence(tensor(FLOAT32))}
 */
public record ValueSpec(String name, String type) {
  public ValueSpec {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(type, "type");
  }

  /** Returns text such as {@code boxes: sequence(tensor(FLOAT32))}. */
  @Override
  public String toString() {
    return name + ": " + type;
  }
}
