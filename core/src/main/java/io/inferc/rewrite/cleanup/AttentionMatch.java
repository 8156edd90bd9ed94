package io.inferc.rewrite.cleanup;

import io.inferc.onnx.Node;
import io.inferc.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Attention that {@link AttentionPattern} found: its nodes, and what the kernel has to be told. */
final class AttentionMatch {
  /**
   * A node that stands for others in the same place, for what it would be without shapes that are
   * computed from what lies between.
   *
   * @param before the node
   * @param after what makes the same tensor
   */
  record Plain(Node before, Node after) {}

  /**
   * A tensor in heads.
   *
   * @param nodes the nodes that made it so, first to last
   * @param source what it was before: [batch, length, heads * width]
   * @param count the number of heads
   * @param width the elements of a head
   * @param factor what it was multiplied by
   */
  record Heads(List<Node> nodes, String source, long count, long width, double factor) {}

  private final List<Node> nodes = new ArrayList<>();
  private final List<Plain> plain = new ArrayList<>();
  private @Nullable Heads queries;
  private String key = "";
  private String value = "";
  private @Nullable String mask;
  private List<Dimension> sizes = List.of();
  private boolean spread;
  private boolean ofHeads;
  private boolean standard;
  private boolean chooses;
  private boolean byTrue = true;
  private boolean zeroedNaN;
  private boolean brought;
  private double scale = 1;
  private @Nullable Node last;

  /** The nodes in an order in which they can be computed, the one with the result at the end. */
  List<Node> nodes() {
    return nodes;
  }

  /** What can be written without shapes that are computed. */
  List<Plain> plain() {
    return plain;
  }

  /** The node with the result. */
  Node last() {
    return Objects.requireNonNull(last);
  }

  void endWith(Node node) {
    nodes.add(node);
    last = node;
  }

  void queries(Heads heads) {
    queries = heads;
  }

  private Heads queries() {
    return Objects.requireNonNull(queries);
  }

  String query() {
    return queries().source();
  }

  String key() {
    return key;
  }

  void key(String tensor) {
    key = tensor;
  }

  String value() {
    return value;
  }

  void value(String tensor) {
    value = tensor;
  }

  /** What is added to the scores, or, of truth values, says which of them count. */
  Optional<String> mask() {
    return Optional.ofNullable(mask);
  }

  /**
   * Sets the mask.
   *
   * @param ofScores the numbers of rows and columns of the scores
   * @param isSpread whether the mask may have fewer
   * @param isOfHeads whether it has numbers for each head
   */
  void mask(String tensor, List<Dimension> ofScores, boolean isSpread, boolean isOfHeads) {
    mask = tensor;
    sizes = ofScores;
    spread = isSpread;
    ofHeads = isOfHeads;
  }

  /** The numbers of rows and columns of the scores that a mask is added to. */
  List<Dimension> sizes() {
    return sizes;
  }

  /** Tells whether heads have numbers of their own, as biases by position are, never all zeros. */
  boolean isOfHeads() {
    return ofHeads;
  }

  /** Tells whether the mask may have fewer elements than one for each row and column. */
  boolean isSpread() {
    return spread;
  }

  /** Tells whether the mask chooses between the scores and a number. */
  boolean chooses() {
    return chooses;
  }

  /** Tells whether it chooses the scores where it is true. */
  boolean choosesByTrue() {
    return byTrue;
  }

  void chooseBy(boolean truth) {
    chooses = true;
    byTrue = truth;
  }

  /** Tells whether it is the standard's {@code Attention}, which says what masks mean. */
  boolean isStandard() {
    return standard;
  }

  void standard() {
    standard = true;
  }

  /** Tells whether weights that are not numbers count as 0. */
  boolean zeroesNaN() {
    return zeroedNaN;
  }

  void zeroNaN() {
    zeroedNaN = true;
  }

  /** Tells whether the result is [batch, length, heads * width], as the kernel makes it. */
  boolean isBroughtBack() {
    return brought;
  }

  void bringBack() {
    brought = true;
  }

  /** What the scores are multiplied by. */
  double scale() {
    return scale;
  }

  void scaleBy(double factor) {
    scale *= factor;
  }

  long heads() {
    return queries().count();
  }

  long width() {
    return queries().width();
  }
}
