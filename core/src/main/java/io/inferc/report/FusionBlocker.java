package io.inferc.report;

import java.util.List;

/**
 * Nodes that runtimes compute in one kernel when they are written another way, and that were left
 * apart.
 *
 * @param pattern what the nodes are together
 * @param nodes the nodes in the order of the graph, by name or by the first tensor they make
 * @param why what keeps them apart, a sentence
 * @param remedy how to change the model, a sentence
 */
public record FusionBlocker(Pattern pattern, List<String> nodes, String why, String remedy) {
  public FusionBlocker {
    nodes = List.copyOf(nodes);
  }

  /** What is known to fuse when written right. */
  public enum Pattern {
    /** Layer normalization spelled out in means, differences and roots. */
    LAYER_NORMALIZATION("layer normalization in single nodes"),
    /** The activation {@code x * clip(x + 3, 0, 6) / 6}. */
    HARD_SWISH("hard-swish in single nodes"),
    /** The activation {@code x * (1 + erf(x / sqrt(2))) / 2}. */
    GELU("Gelu in single nodes"),
    /** A convolution and the batch normalization behind it. */
    BATCH_NORMALIZATION("batch normalization behind a convolution"),
    /** A convolution and a constant factor or summand behind it. */
    SCALED_CONVOLUTION("constant scale or shift behind a convolution"),
    /** Two transposes that undo each other. */
    TRANSPOSES("transposes that cancel"),
    /** A shape that is worked out at run time. */
    COMPUTED_SHAPE("reshape to a computed shape");

    private final String label;

    Pattern(String label) {
      this.label = label;
    }

    /**
     * Returns the pattern in a few words.
     *
     * @return for example {@code "Gelu in single nodes"}
     */
    public String label() {
      return label;
    }
  }
}
