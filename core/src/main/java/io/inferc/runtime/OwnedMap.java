package io.inferc.runtime;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A map in order that cannot be changed, and that closes all its values at once. */
abstract class OwnedMap<V> extends AbstractMap<String, V> implements AutoCloseable {
  private final Map<String, V> values;
  private final Consumer<V> closer;

  OwnedMap(Map<String, ? extends V> values, Consumer<V> closer) {
    Map<String, V> copy = new LinkedHashMap<>();
    values.forEach(
        (name, value) ->
            copy.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, name)));
    this.values = Collections.unmodifiableMap(copy);
    this.closer = closer;
  }

  @Override
  public Set<Entry<String, V>> entrySet() {
    return values.entrySet();
  }

  @Override
  public @Nullable V get(@Nullable Object name) {
    return values.get(name);
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return values.containsKey(name);
  }

  /** Returns the value of a name that must be there. */
  final V require(String name) {
    Objects.requireNonNull(name, "name");
    V value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "Tried to read the output '"
              + name
              + "', but the outputs are "
              + values.keySet()
              + ". Correct the name.");
    }
    return value;
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    for (V value : values.values()) {
      try {
        closer.accept(value);
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
