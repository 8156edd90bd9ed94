package io.inferc.report;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.KernelInfo;
import io.inferc.spi.QuantizationDialect;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which nodes of a model became which kernels, what was left apart, and how to change the model.
 *
 * <pre>{@code
 * FusionReport fusion = FusionReport.of(model, compiled.kernels());
 * fusion.blockers().forEach(b -> System.out.println(b.why() + " " + b.remedy()));
 * }</pre>
 *
 * @param nodes how many nodes the model has, constants and subgraphs not counted
 * @param kernels the kernels in the order of execution
 * @param withoutKernel the nodes that no kernel stands for: they were folded into constants, merged
 *     with their like, or served nothing
 * @param unfused the conversions between integers and floating point that are kernels of their own
 * @param blockers nodes that would be one kernel were they written another way
 * @param layers what convolutions and matrix products compute in, against what the model says
 */
public record FusionReport(
    int nodes,
    List<KernelInfo> kernels,
    List<String> withoutKernel,
    List<UnfusedQuantization> unfused,
    List<FusionBlocker> blockers,
    List<LayerPrecision> layers) {
  private static final int SHOWN_TIMES = 5;

  public FusionReport {
    kernels = List.copyOf(kernels);
    withoutKernel = List.copyOf(withoutKernel);
    unfused = List.copyOf(unfused);
    blockers = List.copyOf(blockers);
    layers = List.copyOf(layers);
  }

  /**
   * Explains the kernels of a model.
   *
   * @param given the model as the runtime was given it, after all rewrites
   * @param kernels what the runtime made of it
   * @return the report
   */
  public static FusionReport of(OnnxModel given, List<KernelInfo> kernels) {
    Objects.requireNonNull(given, "given");
    Objects.requireNonNull(kernels, "kernels");
    return of(given, kernels, Optional.empty());
  }

  /**
   * Explains the kernels of a model whose runtime's form of Q/DQ is known, so that the reasons can
   * be more exact.
   *
   * @param given the model as the runtime was given it, after all rewrites
   * @param kernels what the runtime made of it
   * @param dialect the form of Q/DQ that the runtime turns into integer kernels
   * @return the report
   */
  public static FusionReport of(
      OnnxModel given, List<KernelInfo> kernels, QuantizationDialect dialect) {
    Objects.requireNonNull(given, "given");
    Objects.requireNonNull(kernels, "kernels");
    Objects.requireNonNull(dialect, "dialect");
    return of(given, kernels, Optional.of(dialect));
  }

  private static FusionReport of(
      OnnxModel given, List<KernelInfo> kernels, Optional<QuantizationDialect> dialect) {
    KernelMap map = new KernelMap(given.graph(), kernels);
    Set<String> covered = new HashSet<>();
    kernels.forEach(k -> covered.addAll(k.nodes()));
    List<Node> nodes = map.nodes();
    return new FusionReport(
        nodes.size(),
        kernels,
        nodes.stream().map(Node::label).filter(n -> !covered.contains(n)).toList(),
        new QuantizationFindings(map, dialect).find(kernels),
        new BlockerFindings(map).find(),
        new PrecisionFindings(map).find());
  }

  /**
   * Counts the kernels by what they compute in, the changes of type and layout left out.
   *
   * @return numbers by precision, {@code other} where the runtime says none, the most first
   */
  public Map<String, Long> kernelsByPrecision() {
    return counted(
        kernels.stream()
            .filter(k -> !QuantizationFindings.isConversion(k))
            .collect(
                Collectors.groupingBy(k -> k.precision().orElse("other"), Collectors.counting())));
  }

  /**
   * Counts the kernels by type.
   *
   * @return numbers by type, the most first
   */
  public Map<String, Long> kernelsByType() {
    return counted(
        kernels.stream().collect(Collectors.groupingBy(KernelInfo::type, Collectors.counting())));
  }

  /**
   * Returns how long all kernels take, where the runtime has measured them.
   *
   * @return the sum in milliseconds, 0 if it has not
   */
  public double timeMillis() {
    return kernels.stream().mapToDouble(k -> k.timeMillis().orElse(0.0)).sum();
  }

  /**
   * Returns how long the kernels of each type take, where the runtime has measured them.
   *
   * @return sums in milliseconds by type, the most first; empty if it has not
   */
  public Map<String, Double> timeByType() {
    Map<String, Double> times = new TreeMap<>();
    kernels.forEach(k -> k.timeMillis().ifPresent(t -> times.merge(k.type(), t, Double::sum)));
    return sorted(times);
  }

  private static <V extends Comparable<V>> Map<String, V> sorted(Map<String, V> values) {
    Map<String, V> sorted = new LinkedHashMap<>();
    values.entrySet().stream()
        .sorted(Map.Entry.<String, V>comparingByValue().reversed())
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return Collections.unmodifiableMap(sorted);
  }

  private static Map<String, Long> counted(Map<String, Long> counts) {
    return sorted(new TreeMap<>(counts));
  }

  /**
   * Groups the layers that compute in something else than the model says.
   *
   * @return layers by text such as {@code INT8 is computed in FP16}, in the order of the graph
   */
  public Map<String, List<LayerPrecision>> otherPrecisions() {
    Map<String, List<LayerPrecision>> groups = new LinkedHashMap<>();
    for (LayerPrecision layer : layers) {
      if (!layer.isAsAsked()) {
        groups
            .computeIfAbsent(
                layer.asked() + " is computed in " + String.join(" and ", layer.got()),
                text -> new ArrayList<>())
            .add(layer);
      }
    }
    return groups;
  }

  /**
   * Returns the kernels that stand for several nodes.
   *
   * @return in the order of execution
   */
  public List<KernelInfo> fused() {
    return kernels.stream().filter(k -> k.nodes().size() > 1).toList();
  }

  /**
   * Returns the kernels that the runtime added by itself, such as changes of layout.
   *
   * @return in the order of execution
   */
  public List<KernelInfo> added() {
    return kernels.stream().filter(k -> k.nodes().isEmpty()).toList();
  }

  /**
   * Groups the conversions by their reason.
   *
   * @return conversions by reason, in the order of {@link UnfusedQuantization.Reason}
   */
  public Map<UnfusedQuantization.Reason, List<UnfusedQuantization>> unfusedByReason() {
    return grouped(unfused, UnfusedQuantization::reason);
  }

  /**
   * Groups the patterns that block fusion by what and why.
   *
   * @return lists of blockers with the same pattern, reason and remedy, in the order of the pattern
   */
  public List<List<FusionBlocker>> blockersByCause() {
    Map<Cause, List<FusionBlocker>> groups = new LinkedHashMap<>();
    grouped(blockers, FusionBlocker::pattern)
        .forEach(
            (pattern, same) ->
                same.forEach(
                    b ->
                        groups
                            .computeIfAbsent(
                                new Cause(pattern, b.why(), b.remedy()), c -> new ArrayList<>())
                            .add(b)));
    return groups.values().stream().map(List::copyOf).toList();
  }

  private record Cause(FusionBlocker.Pattern pattern, String why, String remedy) {}

  private static <K extends Comparable<K>, V> Map<K, List<V>> grouped(
      List<V> values, Function<V, K> key) {
    return values.stream().collect(Collectors.groupingBy(key, TreeMap::new, Collectors.toList()));
  }

  /** Returns the counts, and what is left apart with the reasons, for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d nodes became %d kernels: %s%n",
            nodes,
            kernels.size(),
            kernelsByPrecision()));
    otherPrecisions()
        .forEach(
            (what, list) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "  %d of %d layers: %s, as %s by %s%n",
                        list.size(),
                        layers.size(),
                        what,
                        list.get(0).node(),
                        String.join(", ", list.get(0).kernels()))));
    timeByType().entrySet().stream()
        .limit(SHOWN_TIMES)
        .forEach(
            e ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "  %5.1f %% of the time in %s%n",
                        100 * e.getValue() / timeMillis(),
                        e.getKey())));
    unfusedByReason()
        .forEach(
            (reason, list) ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "  %d Q/DQ left, %s, as %s%n",
                        list.size(),
                        reason.label(),
                        list.get(0).node())));
    blockersByCause()
        .forEach(
            list ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "  %d × %s, as %s: %s %s%n",
                        list.size(),
                        list.get(0).pattern().label(),
                        list.get(0).nodes().get(0),
                        list.get(0).why(),
                        list.get(0).remedy())));
    return text.toString();
  }
}
