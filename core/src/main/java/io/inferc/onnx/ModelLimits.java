package io.inferc.onnx;

/**
 * What a model may ask of those that work with it, so that a small file cannot become a large
 * graph.
 *
 * <pre>{@code
 * OnnxModel model = OnnxModel.load(path, ModelLimits.defaults().withExpandedNodes(5_000_000));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 *
 * @param graphDepth how deep graphs may lie in each other, through If, Loop, Scan and functions;
 *     the model's own graph is the first
 * @param functionDepth how many functions may call each other in a chain
 * @param expandedNodes how many nodes of functions the model may have once each call of one is
 *     replaced by the function's nodes, which is what runtimes do, in a time that grows with the
 *     square of it; a call counts as 10 nodes more, and nodes that are no function's do not count
 * @param loopSteps how many steps a Loop may take that runs a constant number of times, whatever
 *     the data; steps of such loops that lie in each other are multiplied
 * @param tensorElements how many elements a tensor may have that a node makes whatever the data; a
 *     compiler looks at that, not a load
 */
public record ModelLimits(
    int graphDepth, int functionDepth, long expandedNodes, long loopSteps, long tensorElements) {
  private static final ModelLimits DEFAULTS = new ModelLimits(16, 64, 100_000, 1_000_000, 1L << 34);

  /** Checks that something is left. */
  public ModelLimits {
    if (graphDepth < 1
        || functionDepth < 0
        || expandedNodes < 1
        || loopSteps < 1
        || tensorElements < 1) {
      throw new IllegalArgumentException(
          "Tried to limit models to "
              + graphDepth
              + " graphs, "
              + functionDepth
              + " functions, "
              + expandedNodes
              + " nodes, "
              + loopSteps
              + " steps of a loop and "
              + tensorElements
              + " elements of a tensor, which no model can meet.");
    }
  }

  /**
   * Returns limits that models of exporters stay far away from.
   *
   * @return graphs 16 deep, functions 64 deep, 100,000 nodes of them, a million steps of a loop,
   *     and 2^34 elements of a tensor
   */
  public static ModelLimits defaults() {
    return DEFAULTS;
  }

  /**
   * Returns the same limits with other deepest graphs.
   *
   * @param depth 1 or more
   * @return a copy
   */
  public ModelLimits withGraphDepth(int depth) {
    return new ModelLimits(depth, functionDepth, expandedNodes, loopSteps, tensorElements);
  }

  /**
   * Returns the same limits with other deepest calls.
   *
   * @param depth 0 or more
   * @return a copy
   */
  public ModelLimits withFunctionDepth(int depth) {
    return new ModelLimits(graphDepth, depth, expandedNodes, loopSteps, tensorElements);
  }

  /**
   * Returns the same limits with another number of nodes.
   *
   * @param nodes 1 or more
   * @return a copy
   */
  public ModelLimits withExpandedNodes(long nodes) {
    return new ModelLimits(graphDepth, functionDepth, nodes, loopSteps, tensorElements);
  }

  /**
   * Returns the same limits with another number of steps.
   *
   * @param steps 1 or more
   * @return a copy
   */
  public ModelLimits withLoopSteps(long steps) {
    return new ModelLimits(graphDepth, functionDepth, expandedNodes, steps, tensorElements);
  }

  /**
   * Returns the same limits with another largest tensor.
   *
   * @param elements 1 or more
   * @return a copy
   */
  public ModelLimits withTensorElements(long elements) {
    return new ModelLimits(graphDepth, functionDepth, expandedNodes, loopSteps, elements);
  }
}
