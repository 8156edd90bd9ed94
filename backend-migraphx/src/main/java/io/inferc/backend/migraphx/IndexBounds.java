package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.Graph;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which values an input may have that a model takes for row numbers of a table, as token numbers
 * are. MIGraphX does not look: a number beyond the table reads foreign memory, and on a GPU ends
 * the process.
 *
 * <p>Immutable and thread-safe.
 */
final class IndexBounds {
  /** Operators behind which a number of an input is still the same number. */
  private static final Set<String> KEEPING =
      Set.of("Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose");

  // The rows of the smallest table that each input counts in; null where it counts in none.
  private final List<@Nullable Long> rows;

  private IndexBounds(List<@Nullable Long> rows) {
    this.rows = rows;
  }

  /** Finds the inputs of a graph that are used as row numbers of constant tables. */
  static IndexBounds of(Graph graph, List<TensorSpec> inputs) {
    Map<String, Long> smallest = new HashMap<>();
    Map<String, String> origins = new HashMap<>();
    for (TensorSpec input : inputs) {
      if (input.type() == DataType.INT64 || input.type() == DataType.INT32) {
        origins.put(input.name(), input.name());
      }
    }
    for (Node node : graph.nodes()) {
      String origin = node.input(0).map(origins::get).orElse(null);
      if (origin != null && KEEPING.contains(node.opType())) {
        origins.put(node.outputs().get(0), origin);
      }
      String index = node.input(1).map(origins::get).orElse(null);
      Optional<Initializer> table = node.input(0).flatMap(graph::initializer);
      if (index != null && node.opType().equals("Gather") && table.isPresent()) {
        long[] dims = table.get().dims();
        long axis = node.intAttribute("axis", 0);
        int at = Math.toIntExact(axis < 0 ? axis + dims.length : axis);
        smallest.merge(index, dims[at], Math::min);
      }
    }
    List<@Nullable Long> rows = new ArrayList<>();
    for (TensorSpec input : inputs) {
      rows.add(smallest.get(input.name()));
    }
    return new IndexBounds(rows);
  }

  /** Refuses a tensor for an input if a value of it is no row of the table. */
  void check(String model, TensorSpec spec, int input, Tensor tensor) {
    Long count = rows.get(input);
    if (count == null) {
      return;
    }
    ByteBuffer bytes = tensor.bytes();
    boolean wide = tensor.type() == DataType.INT64;
    for (int at = 0; at < bytes.limit(); at += wide ? Long.BYTES : Integer.BYTES) {
      long value = wide ? bytes.getLong(at) : bytes.getInt(at);
      if (value < -count || value >= count) {
        throw new InfercException(
            Stage.RUN,
            "Tried to run the model "
                + model
                + " with the value "
                + value
                + " in the input '"
                + spec.name()
                + "', which it takes for a row of a table of "
                + count
                + " rows.",
            "Pass numbers from 0 to "
                + (count - 1)
                + "; for text, check that the tokenizer belongs to the model.");
      }
    }
  }
}
