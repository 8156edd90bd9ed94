package io.inferc.backend.openvino;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.ValueInfo;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorShape;
import io.inferc.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model's inputs and outputs: names and symbols as ONNX has them, types as OpenVINO reads them.
 */
final class Specs {
  private Specs() {}

  /**
   * The inputs that OpenVINO has, in its order; it has none that no output depends on.
   *
   * @param ports what OpenVINO made of the model, not narrowed to a profile
   */
  static List<TensorSpec> inputs(
      String model, List<Ports.Port> ports, Graph graph, ElementTypes types) {
    List<String> names = InputPorts.named(graph, ports.stream().map(Ports.Port::name).toList());
    return merge(model, "input", ports, order(model, "input", ports, names, true), graph, types);
  }

  /** As {@link #inputs}, for outputs. */
  static List<TensorSpec> outputs(
      String model, List<Ports.Port> ports, Graph graph, ElementTypes types) {
    List<String> names = graph.outputs().stream().map(ValueInfo::name).toList();
    return merge(model, "output", ports, order(model, "output", ports, names, false), graph, types);
  }

  /** The inputs or outputs of a model that is not ONNX, under OpenVINO's names. */
  static List<TensorSpec> foreign(
      String model, String kind, List<Ports.Port> ports, ElementTypes types) {
    List<TensorSpec> specs = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      String own = ports.get(i).name();
      String name = own.isEmpty() || names.contains(own) ? kind + "_" + i : own;
      names.add(name);
      specs.add(spec(model, kind, name, ports.get(i), Optional.empty(), types));
    }
    return List.copyOf(specs);
  }

  /**
   * Names the ports. A port can have several names, of which OpenVINO tells any one: a name that
   * belongs to another side or place of the model says nothing, and the place decides.
   */
  private static List<String> order(
      String model, String kind, List<Ports.Port> ports, List<String> names, boolean byName) {
    if (ports.size() != names.size()) {
      throw refusal(
          model,
          "its "
              + kind
              + "s are "
              + names
              + ", and OpenVINO has kept "
              + ports.stream().map(Ports.Port::name).toList()
              + ". It drops those that it finds nothing to depend on");
    }
    List<String> order = new ArrayList<>(Collections.nCopies(ports.size(), ""));
    Set<String> placed = new HashSet<>();
    if (byName) {
      for (int i = 0; i < ports.size(); i++) {
        if (names.contains(ports.get(i).name()) && placed.add(ports.get(i).name())) {
          order.set(i, ports.get(i).name());
        }
      }
    }
    for (int i = 0; i < order.size(); i++) {
      if (order.get(i).isEmpty()) {
        String next =
            !placed.contains(names.get(i))
                ? names.get(i)
                : names.stream().filter(n -> !placed.contains(n)).findFirst().orElseThrow();
        placed.add(next);
        order.set(i, next);
      }
    }
    return order;
  }

  private static List<TensorSpec> merge(
      String model,
      String kind,
      List<Ports.Port> ports,
      List<String> names,
      Graph graph,
      ElementTypes types) {
    List<TensorSpec> specs = new ArrayList<>();
    for (int i = 0; i < ports.size(); i++) {
      String name = names.get(i);
      Optional<TensorSpec> declared = graph.declared(name);
      specs.add(spec(model, kind, name, ports.get(i), declared, types));
    }
    return List.copyOf(specs);
  }

  /** The specification of a port that has no declaration but OpenVINO's own. */
  private static TensorSpec spec(
      String model,
      String kind,
      String name,
      Ports.Port port,
      Optional<TensorSpec> declared,
      ElementTypes types) {
    DataType type =
        types
            .type(port.type())
            .orElseThrow(
                () ->
                    refusal(
                        model,
                        "its "
                            + kind
                            + " '"
                            + name
                            + "' has the element type "
                            + declared.map(d -> d.type().toString()).orElse("no. " + port.type())
                            + ", which OpenVINO does not pass"));
    TensorShape symbols = declared.map(TensorSpec::shape).orElse(TensorShape.unknownRank());
    return new TensorSpec(name, type, merge(port.shape(), symbols));
  }

  /** Sizes that OpenVINO has worked out, symbols where it knows none. */
  private static TensorShape merge(TensorShape found, TensorShape declared) {
    List<Dimension> own = found.dimensions().orElse(List.of());
    List<Dimension> named = declared.dimensions().orElse(List.of());
    if (!found.isRankKnown() || !declared.isRankKnown() || own.size() != named.size()) {
      return found.isRankKnown() ? found : declared;
    }
    List<Dimension> merged = new ArrayList<>();
    for (int axis = 0; axis < own.size(); axis++) {
      merged.add(own.get(axis).isFixed() ? own.get(axis) : named.get(axis));
    }
    return TensorShape.of(merged);
  }

  private static InfercException refusal(String model, String found) {
    return new InfercException(
        Stage.COMPILE,
        "Tried to compile the model " + model + " for OpenVINO, but " + found + ".",
        "Change the model so that it takes and returns tensors of "
            + ElementTypes.NAMES.keySet()
            + ", and that some output depends on each input.");
  }
}
