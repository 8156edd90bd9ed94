package io.inferc.rewrite.quantize;

import io.inferc.onnx.OnnxModel;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Remembers in a model's metadata what was done to it, for passes whose result looks like any other
 * model, so that nothing is done twice.
 */
final class DoneBefore {
  private DoneBefore() {}

  /** Returns the names noted under a key. */
  static Set<String> of(OnnxModel model, String key) {
    Set<String> names = new LinkedHashSet<>();
    model.metadata().getOrDefault(key, "").lines().forEach(names::add);
    return names;
  }

  /** Returns the model with more names noted under a key. */
  static OnnxModel with(OnnxModel model, String key, Collection<String> names) {
    Set<String> all = of(model, key);
    all.addAll(names);
    return model.withMetadata(key, String.join("\n", all));
  }
}
