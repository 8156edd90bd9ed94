package io.inferc.backend.onnxruntime;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the typed options of all execution providers share; {@link ExecutionProvider#cuda} and its
 * like make them.
 *
 * @param <T> the type of the options
 */
public abstract class ExecutionProviderBuilder<T extends ExecutionProviderBuilder<T>> {
  private final String name;
  private final SortedMap<String, String> options = new TreeMap<>();

  ExecutionProviderBuilder(String name) {
    this.name = name;
  }

  abstract T self();

  T set(String key, Object value) {
    options.put(key, value.toString());
    return self();
  }

  T set(String key, boolean on) {
    return set(key, on ? 1 : 0);
  }

  T set(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "Tried to set the option '"
              + key
              + "' of the execution provider '"
              + name
              + "' to "
              + value
              + "; it takes "
              + (most >= Integer.MAX_VALUE ? least + " or more." : least + " to " + most + "."));
    }
    return set(key, value);
  }

  /**
   * Sets an option that has no method here.
   *
   * @param key the option's documented name
   * @param value its value
   * @return this
   * @throws IllegalArgumentException if the option was set to another value before
   */
  public T option(String key, String value) {
    String former = options.get(key);
    if (former != null && !former.equals(value)) {
      throw new IllegalArgumentException(
          "Tried to set the option '"
              + key
              + "' of the execution provider '"
              + name
              + "' to '"
              + value
              + "', but it is '"
              + former
              + "' already. Set it once.");
    }
    return set(key, value);
  }

  /**
   * Finishes the options.
   *
   * @return the provider
   */
  public ExecutionProvider build() {
    return ExecutionProvider.of(name, options);
  }
}
