package io.inferc.benchmark.trace;

import io.inferc.tensor.Dataset;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The recorded contents of requests as samples, one in memory at a time. */
final class PayloadDataset implements Dataset {
  private final List<TensorSpec> inputs;
  private final List<Path> files;
  private final EventTable events;
  private final int[] chosen;

  PayloadDataset(List<TensorSpec> inputs, List<Path> files, EventTable events, int[] chosen) {
    this.inputs = inputs;
    this.files = files;
    this.events = events;
    this.chosen = chosen;
  }

  PayloadReader newReader() {
    return new PayloadReader(inputs, files);
  }

  @Override
  public void forEach(Visitor visitor) {
    try (PayloadReader reader = newReader()) {
      boolean more = true;
      for (int i = 0; more && i < chosen.length; i++) {
        Map<String, Tensor> sample =
            reader.read(events.place(chosen[i]), events.shapesOf(chosen[i]), Tensor::allocate);
        try {
          more = visitor.visit(i, sample);
        } finally {
          sample.values().forEach(Tensor::close);
        }
      }
    }
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(chosen.length);
  }
}
