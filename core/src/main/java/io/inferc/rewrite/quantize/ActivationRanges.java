package io.inferc.rewrite.quantize;

import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import java.util.Optional;
import java.util.function.Function;

/** The range with which a tensor is quantized, from calibration and from what makes it. */
final class ActivationRanges {
  // An eighth of the range has five of the eight bits; most values are smaller than the largest.
  private static final int LEAST_SHARE = 8;

  private final GraphEditor graph;
  private final Followers followers;
  private final ScorePaths scores;
  private final Function<String, Optional<TensorRange>> calibrated;

  ActivationRanges(
      GraphEditor graph,
      Followers followers,
      ScorePaths scores,
      Function<String, Optional<TensorRange>> calibrated) {
    this.graph = graph;
    this.followers = followers;
    this.scores = scores;
    this.calibrated = calibrated;
  }

  /** The range of a tensor, or that of the one it is moved from. */
  Optional<TensorRange> of(String tensor) {
    Optional<TensorRange> always = always(tensor);
    if (always.isPresent()) {
      return always;
    }
    Optional<Node> producer = graph.producer(tensor);
    Optional<TensorRange> known =
        calibrated.apply(tensor).map(r -> scores.contains(tensor) ? r.unclipped() : r);
    if (known.isPresent() || producer.isEmpty()) {
      return known.map(r -> producer.map(p -> Followers.bounded(graph, p, r)).orElse(r));
    }
    return followers.isTransparent(producer.get())
        ? of(producer.get().inputs().get(0))
        : Optional.empty();
  }

  /** What a function gives whatever it reads, also where its values are only moved. */
  private Optional<TensorRange> always(String tensor) {
    return graph.producer(origin(tensor)).flatMap(Followers::always);
  }

  private String origin(String tensor) {
    String origin = tensor;
    Optional<Node> producer = graph.producer(origin);
    while (producer.filter(followers::moves).isPresent()) {
      origin = producer.get().inputs().get(0);
      producer = graph.producer(origin);
    }
    return origin;
  }

  /**
   * Says of a tensor why 8 bits cannot hold it.
   *
   * @throws CannotQuantizeException if there is a reason
   */
  void require(String tensor) {
    Optional<TensorRange> range = of(tensor);
    if (range.isEmpty()) {
      throw new CannotQuantizeException(
          "the range of '" + tensor + "' is not in the calibration table.");
    }
    if (range.get().masked()) {
      throw new CannotQuantizeException(
          "'" + tensor + "' has values that mask others, which 8 bits beside them cannot keep.");
    }
    Optional<TensorRange> seen = calibrated.apply(origin(tensor)).filter(r -> !r.constant());
    if (always(tensor).isPresent()
        && seen.isPresent()
        && seen.get().observedAbsMax() * LEAST_SHARE < range.get().absMax()) {
      throw new CannotQuantizeException(
          "'"
              + tensor
              + "' was seen to reach "
              + seen.get().observedAbsMax()
              + " only, where its function may give "
              + range.get().absMax()
              + ": 8 bits do not hold both.");
    }
  }

  /** Tells whether 8 bits can hold a tensor. */
  boolean allow(String tensor) {
    try {
      require(tensor);
      return true;
    } catch (CannotQuantizeException e) {
      return false;
    }
  }
}
