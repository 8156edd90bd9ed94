package io.inferc.runtime;

import java.util.Map;
import java.util.Objects;

/**
 * What a run returned, tensors and others: one value for each output, by name. It owns them, all
 * are closed with it.
 *
 * <pre>{@code
 * try (OutputValues outputs = session.runValues(inputs)) {
 *   if (outputs.value("boxes") instanceof Value.Sequence boxes) {
 *     boxes.elements().forEach(this::consume);
 *   }
 * }
 * }</pre>
 *
 * <p>A map that cannot be changed. Closing twice does no harm.
 */
public final class OutputValues extends OwnedMap<Value> {
  private OutputValues(Map<String, ? extends Value> values) {
    super(values, Value::close);
  }

  /**
   * Takes over values, for an {@link InferenceSession} of your own such as one for tests.
   *
   * @param values the values by name, in the order to keep
   * @return outputs that own the values
   */
  public static OutputValues of(Map<String, ? extends Value> values) {
    Objects.requireNonNull(values, "values");
    return new OutputValues(values);
  }

  /**
   * Returns an output.
   *
   * @param name the output's name
   * @return the value, which is closed with these outputs
   * @throws IllegalArgumentException if there is no such output; the message lists those there are
   */
  public Value value(String name) {
    Objects.requireNonNull(name, "name");
    return require(name);
  }

  /** Closes all values. */
  @Override
  public void close() {
    super.close();
  }
}
