package io.inferc.execution.internal;

import io.inferc.shape.internal.ProfileSelector;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which outputs of a model can be bound before a run: those whose declared shape follows from the
 * inputs, as long as no run proves the declaration wrong. Some models and runtimes declare shapes
 * that they do not keep to; such an output is then taken after each run as it is.
 */
final class OutputShapes {
  private static final Logger LOG = LoggerFactory.getLogger(OutputShapes.class);

  private final String model;
  private final List<TensorSpec> outputs;
  private final AtomicReferenceArray<String> unfit;

  OutputShapes(String model, List<TensorSpec> outputs) {
    this.model = model;
    this.outputs = outputs;
    unfit = new AtomicReferenceArray<>(outputs.size());
  }

  /** The shape that an output can be bound with; empty if only the run tells. */
  Optional<long[]> bindable(int index, Map<String, Long> symbols) {
    TensorSpec spec = outputs.get(index);
    return unfit.get(index) == null && SessionState.isBuffered(spec)
        ? ProfileSelector.outputShape(spec, symbols)
        : Optional.empty();
  }

  /** Compares what a run gave with what had been bound, and remembers an output that differs. */
  void check(int index, long[] bound, Tensor given) {
    if (given.hasShape(bound)) {
      return;
    }
    String warning =
        "The output "
            + outputs.get(index)
            + " of model "
            + model
            + " should have the shape "
            + Arrays.toString(bound)
            + " for the given inputs, but has "
            + Arrays.toString(given.shape())
            + "; its declared shape is wrong. From now on its memory is allocated in each run."
            + " Correct the declaration to have it bound.";
    if (unfit.compareAndSet(index, null, warning)) {
      LOG.warn(warning);
    }
  }

  /** What was found wrong so far, as whole sentences. */
  List<String> warnings() {
    return IntStream.range(0, unfit.length())
        .mapToObj(unfit::get)
        .filter(Objects::nonNull)
        .toList();
  }
}
