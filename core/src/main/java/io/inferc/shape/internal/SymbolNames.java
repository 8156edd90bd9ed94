package io.inferc.shape.internal;

import io.inferc.onnx.Graph;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Names for sizes that are no symbol of the inputs. A name that the model has for a size already is
 * kept, so that what was declared once is not declared under other names the next time. Immutable.
 */
final class SymbolNames {
  private final Set<String> taken;
  private final Map<Size, String> known;

  private SymbolNames(Set<String> taken, Map<Size, String> known) {
    this.taken = taken;
    this.known = known;
  }

  static SymbolNames of(Graph graph, Map<String, List<Size>> shapes) {
    Map<String, Integer> places = new HashMap<>();
    count(graph, places);
    Map<String, Size> meant = new HashMap<>();
    Map<String, Integer> proved = new HashMap<>();
    Set<String> ambiguous = new HashSet<>();
    for (ValueInfo value : graph.valueInfos()) {
      List<Size> sizes = shapes.get(value.name());
      List<Dimension> declared = dimensions(value);
      if (sizes == null || sizes.size() != declared.size()) {
        continue;
      }
      for (int axis = 0; axis < sizes.size(); axis++) {
        String name = declared.get(axis).symbol().orElse(null);
        if (name != null) {
          Size before = meant.putIfAbsent(name, sizes.get(axis));
          if (before != null && !before.equals(sizes.get(axis))) {
            ambiguous.add(name);
          }
          proved.merge(name, 1, Integer::sum);
        }
      }
    }
    Map<Size, String> known = new HashMap<>();
    meant.forEach(
        (name, size) -> {
          // Where nothing is proved, the name may stand for another size.
          if (!ambiguous.contains(name) && Objects.equals(proved.get(name), places.get(name))) {
            known.merge(size, name, (a, b) -> a.compareTo(b) <= 0 ? a : b);
          }
        });
    return new SymbolNames(places.keySet(), known);
  }

  private static List<Dimension> dimensions(ValueInfo value) {
    return value.tensor().map(TensorSpec::shape).flatMap(s -> s.dimensions()).orElse(List.of());
  }

  private static void count(Graph graph, Map<String, Integer> places) {
    for (List<ValueInfo> list : List.of(graph.inputs(), graph.outputs(), graph.valueInfos())) {
      for (ValueInfo value : list) {
        dimensions(value)
            .forEach(d -> d.symbol().ifPresent(name -> places.merge(name, 1, Integer::sum)));
      }
    }
    graph.nodes().stream()
        .filter(n -> n.hasSubgraphs())
        .flatMap(n -> n.subgraphs().stream())
        .forEach(g -> count(g, places));
  }

  /** The model's own name for a size, if it means that and nothing else. */
  Optional<String> known(Size size) {
    return Optional.ofNullable(known.get(size));
  }

  /** A name that means nothing yet. */
  String fresh(int number) {
    StringBuilder name = new StringBuilder("derived_size_").append(number);
    while (taken.contains(name.toString())) {
      name.append('_');
    }
    return name.toString();
  }
}
