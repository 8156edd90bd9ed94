package io.inferc.backend.tensorrt;

import io.inferc.spi.KernelRule;
import io.inferc.spi.KernelRules;
import io.inferc.spi.OperatorUse;
import io.inferc.tensor.Dimension;
import java.util.List;
import java.util.Optional;

/** Which convolutions TensorRT builds in integers. */
final class IntegerRules {
  private static final int PACKED = 4;

  /** Its parser refuses quantized weights of one spatial dimension. */
  private static final KernelRule SPATIAL = KernelRule.rank(0, 4, 5);

  /** Integers are packed by four channels, which must not be of different groups. */
  private static final KernelRule GROUPS =
      KernelRule.of("groups of 4 channels, or of one", IntegerRules::packsUnlikeChannels);

  private IntegerRules() {}

  static KernelRules kernels() {
    return KernelRules.builder()
        .rule("Conv", SPATIAL.and(GROUPS))
        .rule("ConvTranspose", SPATIAL.and(GROUPS))
        .build();
  }

  private static Optional<String> packsUnlikeChannels(OperatorUse use) {
    long groups = use.node().intAttribute("group", 1);
    Optional<List<Dimension>> weights = use.dimensions(1).filter(d -> d.size() > 2);
    if (groups == 1 || weights.isEmpty()) {
      return Optional.empty();
    }
    long first = weights.get().get(0).size().orElse(0) / groups;
    long second = weights.get().get(1).size().orElse(0);
    boolean depthwise = first == 1 && second == 1;
    return depthwise || (first % PACKED == 0 && second % PACKED == 0)
        ? Optional.empty()
        : Optional.of(
            "its groups have "
                + second
                + " and "
                + first
                + " channels, and the kernel takes multiples of "
                + PACKED
                + ", or one of each.");
  }
}
