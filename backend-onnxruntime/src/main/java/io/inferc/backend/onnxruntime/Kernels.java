package io.inferc.backend.onnxruntime;

import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.onnx.ValueInfo;
import io.inferc.runtime.KernelInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Finds the nodes that each kernel of an optimized graph stands for.
 *
 * <p>The optimizer keeps the names of the tensors at the rim of what it fuses. So a kernel stands
 * for what lies between the tensors it makes and the next tensors upstream that other kernels make,
 * that come from outside, or that were folded into constants.
 */
final class Kernels {
  /** Activations that integer kernels take in. */
  private static final Set<String> ABSORBED = Set.of("Relu", "Clip");

  private static final String OWN_DOMAIN = "com.microsoft";

  private final List<Node> given;
  private final List<Node> kernels;
  private final Graph optimized;

  /** The position of the node that makes each tensor of the given graph. */
  private final Map<String, Integer> producers = new HashMap<>();

  private final Map<String, Integer> byName = new HashMap<>();
  private final Map<String, List<Node>> readers = new HashMap<>();
  private final Map<String, Integer> optimizedProducers = new HashMap<>();

  /** The position of the kernel that makes a tensor of the given graph, in whatever layout. */
  private final Map<String, Integer> makers = new LinkedHashMap<>();

  private final Set<String> outside = new HashSet<>();

  private Kernels(Graph given, Graph optimized) {
    this.given = List.copyOf(given.nodes());
    this.optimized = optimized;
    kernels = List.copyOf(optimized.nodes());
    for (int i = 0; i < this.given.size(); i++) {
      for (String output : this.given.get(i).outputs()) {
        producers.put(output, i);
      }
      for (String read : this.given.get(i).reads()) {
        readers.computeIfAbsent(read, r -> new ArrayList<>()).add(this.given.get(i));
      }
      byName.put(this.given.get(i).name(), i);
    }
    producers.remove("");
    byName.remove("");
    optimized.inputs().stream().map(ValueInfo::name).forEach(outside::add);
    optimized.initializers().stream().map(Initializer::name).forEach(outside::add);
    for (int k = 0; k < kernels.size(); k++) {
      claim(k);
    }
  }

  /**
   * Lists the kernels.
   *
   * @param given the graph that the runtime was given
   * @param optimized the graph that it made of it
   * @param millis the mean time of each node of that, 0 where it is not known
   */
  static List<KernelInfo> of(Graph given, Graph optimized, double[] millis) {
    return new Kernels(given, optimized).list(millis);
  }

  private void claim(int kernel) {
    Node node = kernels.get(kernel);
    boolean claimed = false;
    for (String output : node.outputs()) {
      optimizedProducers.put(output, kernel);
      Optional<String> tensor = tensor(output);
      claimed |= tensor.isPresent();
      tensor.ifPresent(t -> claim(t, changesLayout(node, t) ? behind(node) : kernel));
    }
    if (!claimed) {
      named(node.name()).ifPresent(t -> claim(integer(node) ? quantized(t) : t, kernel));
    }
  }

  private void claim(String tensor, int kernel) {
    makers.merge(tensor, kernel, (a, b) -> better(tensor, a, b));
  }

  /** Tells whether a kernel only lays out anew what another computed. */
  private boolean changesLayout(Node kernel, String made) {
    return kernel.opType().startsWith("Reorder")
        || (kernel.opType().equals("Transpose") && !producer(made).opType().equals("Transpose"));
  }

  /** The kernel that computes what this one lays out anew. */
  private int behind(Node layout) {
    Integer maker = optimizedProducers.get(layout.inputs().get(0));
    return maker == null
        ? Objects.requireNonNull(optimizedProducers.get(layout.outputs().get(0)))
        : maker;
  }

  private static boolean integer(Node kernel) {
    return kernel.opType().startsWith("QLinear");
  }

  /** The tensor after the activation and the Q that an integer kernel takes in. */
  private String quantized(String tensor) {
    String rest = tensor;
    while (true) {
      List<Node> readers = readersOf(rest);
      if (readers.size() != 1) {
        return tensor;
      }
      Node reader = readers.get(0);
      String made = reader.outputs().get(0);
      if (reader.opType().equals("QuantizeLinear")) {
        return made;
      }
      if (!ABSORBED.contains(reader.opType())) {
        return tensor;
      }
      rest = made;
    }
  }

  private List<Node> readersOf(String tensor) {
    return readers.getOrDefault(tensor, List.of());
  }

  private Optional<String> tensor(String name) {
    return AppendedNames.of(name).stream().filter(producers::containsKey).findFirst();
  }

  /** A kernel whose tensors were all renamed may still be named after a node or its tensor. */
  private Optional<String> named(String kernel) {
    Optional<String> tensor = tensor(kernel);
    if (tensor.isPresent()) {
      return tensor;
    }
    Integer node = byName.get(AppendedNames.shorter(kernel));
    return node == null ? Optional.empty() : given.get(node).outputs().stream().findFirst();
  }

  private Node producer(String tensor) {
    return given.get(Objects.requireNonNull(producers.get(tensor)));
  }

  /** A copy of a kernel must not hide the kernel itself. */
  private int better(String tensor, int first, int second) {
    String operator = producer(tensor).opType();
    boolean secondFits =
        kernels.get(second).opType().equals(operator)
            && !kernels.get(first).opType().equals(operator);
    return secondFits ? second : first;
  }

  private List<KernelInfo> list(double[] millis) {
    KernelTypes types = new KernelTypes(optimized);
    Map<Integer, SortedSet<Integer>> nodes = new HashMap<>();
    makers.forEach(
        (tensor, kernel) -> collect(tensor, nodes.computeIfAbsent(kernel, k -> new TreeSet<>())));
    List<KernelInfo> list = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int k = 0; k < kernels.size(); k++) {
      Node kernel = kernels.get(k);
      String name = kernel.label();
      for (int copy = 2; !taken.add(name); copy++) {
        name = kernel.label() + "#" + copy;
      }
      SortedSet<Integer> standsFor = nodes.getOrDefault(k, copied(kernel));
      list.add(
          new KernelInfo(
              name,
              type(kernel),
              types.precision(kernel),
              standsFor.stream().map(i -> given.get(i).label()).toList(),
              millis[k] > 0 ? Optional.of(millis[k]) : Optional.empty()));
    }
    return list;
  }

  /** The optimizer copies a DequantizeLinear for each of its readers. */
  private SortedSet<Integer> copied(Node kernel) {
    SortedSet<Integer> originals = new TreeSet<>();
    for (String output : kernel.outputs()) {
      tensor(output)
          .filter(t -> producer(t).opType().equals(kernel.opType()))
          .ifPresent(t -> originals.add(Objects.requireNonNull(producers.get(t))));
    }
    return originals;
  }

  private static String type(Node kernel) {
    String domain = kernel.domain();
    return domain.isEmpty() || domain.equals(OWN_DOMAIN)
        ? kernel.opType()
        : domain.substring(domain.lastIndexOf('.') + 1) + "." + kernel.opType();
  }

  /** Collects the nodes between a tensor and what is made elsewhere. */
  private void collect(String tensor, Set<Integer> found) {
    Deque<String> open = new ArrayDeque<>(List.of(tensor));
    while (!open.isEmpty()) {
      Integer position = producers.get(open.pop());
      if (position == null || given.get(position).opType().equals("Constant")) {
        continue;
      }
      if (!found.add(position)) {
        continue;
      }
      for (String read : given.get(position).reads()) {
        if (!makers.containsKey(read) && !outside.contains(read)) {
          open.push(read);
        }
      }
    }
  }
}
