package io.inferc.rewrite.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says which nodes of a model's main graph a {@link LayerRule} is for: by name, by operator, by
 * position, by the block they are part of, or by a combination of these.
 *
 * <pre>{@code
 * LayerSelector outputOfAttention =
 *     LayerSelector.ofType("MatMul").and(LayerSelector.named("*attention/output*"));
 * }</pre>
 *
 * <p>Immutable and thread-safe. Two selectors are equal if they were put together alike.
 */
public final class LayerSelector {
  private final LayerCriterion criterion;

  private LayerSelector(LayerCriterion criterion) {
    this.criterion = criterion;
  }

  LayerCriterion criterion() {
    return criterion;
  }

  /**
   * Selects nodes by name.
   *
   * @param patterns names, in which {@code *} stands for any characters, slashes included, and
   *     {@code ?} for one; a node is selected if one of them fits
   * @return the selector
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public static LayerSelector named(String... patterns) {
    Objects.requireNonNull(patterns, "patterns");
    return any("name", List.of(patterns), p -> new LayerCriterion.Named(p, false));
  }

  /**
   * Selects the node of a name in which {@code *} and {@code ?} are ordinary characters.
   *
   * @param name the name
   * @return the selector
   * @throws IllegalArgumentException if it is blank
   */
  public static LayerSelector exactly(String name) {
    Objects.requireNonNull(name, "name");
    return any("name", List.of(name), n -> new LayerCriterion.Named(n, true));
  }

  /**
   * Selects nodes by operator.
   *
   * @param opTypes operator types as ONNX writes them, for example {@code "Conv"}; those of other
   *     domains are named without the domain
   * @return the selector
   * @throws IllegalArgumentException if there is none, or one is blank
   */
  public static LayerSelector ofType(String... opTypes) {
    Objects.requireNonNull(opTypes, "opTypes");
    return any("operator", List.of(opTypes), LayerCriterion.OfType::new);
  }

  /**
   * Selects the first layers, counting only those that can be quantized, in the order of the graph.
   *
   * @param count how many, 1 or more
   * @return the selector
   * @throws IllegalArgumentException if it is less
   */
  public static LayerSelector first(int count) {
    return position(count, false);
  }

  /**
   * Selects the last layers, counting only those that can be quantized, in the order of the graph.
   *
   * @param count how many, 1 or more
   * @return the selector
   * @throws IllegalArgumentException if it is less
   */
  public static LayerSelector last(int count) {
    return position(count, true);
  }

  /**
   * Selects the first and the last layer, which are often the most sensitive ones, counting only
   * those that can be quantized.
   *
   * @return the selector
   */
  public static LayerSelector firstAndLast() {
    return first(1).or(last(1));
  }

  /**
   * Selects the nodes of all blocks of a kind.
   *
   * @param block the kind
   * @return the selector
   */
  public static LayerSelector inBlock(Block block) {
    Objects.requireNonNull(block, "block");
    return new LayerSelector(new LayerCriterion.InBlock(block));
  }

  /**
   * Narrows the selection.
   *
   * @param other another selector
   * @return what both select
   */
  public LayerSelector and(LayerSelector other) {
    Objects.requireNonNull(other, "other");
    return new LayerSelector(
        new LayerCriterion.All(
            Stream.of(criterion, other.criterion)
                .flatMap(c -> c instanceof LayerCriterion.All a ? a.parts().stream() : Stream.of(c))
                .toList()));
  }

  /**
   * Widens the selection.
   *
   * @param other another selector
   * @return what either selects
   */
  public LayerSelector or(LayerSelector other) {
    Objects.requireNonNull(other, "other");
    return new LayerSelector(
        new LayerCriterion.Any(
            Stream.of(criterion, other.criterion)
                .flatMap(c -> c instanceof LayerCriterion.Any a ? a.parts().stream() : Stream.of(c))
                .toList()));
  }

  /**
   * Turns the selection round.
   *
   * @return all other nodes
   */
  public LayerSelector not() {
    return criterion instanceof LayerCriterion.Not n
        ? new LayerSelector(n.other())
        : new LayerSelector(new LayerCriterion.Not(criterion));
  }

  /**
   * Says in words which nodes are meant.
   *
   * @return for example {@code "the first layer and the last layer"}
   */
  public String describe() {
    return criterion.describe();
  }

  private interface Factory {
    LayerCriterion of(String text);
  }

  private static LayerSelector any(String what, List<String> texts, Factory factory) {
    if (texts.isEmpty() || texts.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "Tried to select layers by "
              + what
              + " "
              + texts
              + "; it takes at least one, none blank.");
    }
    List<LayerCriterion> parts = new ArrayList<>();
    texts.forEach(t -> parts.add(factory.of(t)));
    return new LayerSelector(parts.size() == 1 ? parts.get(0) : new LayerCriterion.Any(parts));
  }

  private static LayerSelector position(int count, boolean atEnd) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Tried to select the "
              + (atEnd ? "last " : "first ")
              + count
              + " layers; it takes at least 1.");
    }
    return new LayerSelector(new LayerCriterion.Position(count, atEnd));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayerSelector s && s.criterion.equals(criterion);
  }

  @Override
  public int hashCode() {
    return criterion.hashCode();
  }

  /** Returns what {@link #describe()} says. */
  @Override
  public String toString() {
    return describe();
  }
}
