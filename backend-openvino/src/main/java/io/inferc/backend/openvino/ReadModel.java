package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.ModelSource;
import io.inferc.runtime.Range;
import io.inferc.runtime.ShapeProfile;
import io.inferc.tensor.Dimension;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A model that OpenVINO has read and not compiled yet. For one thread; closing it frees it. */
final class ReadModel implements AutoCloseable {
  private static final long OPEN = -1;

  private final Pointer model;

  private ReadModel(Pointer model) {
    this.model = model;
  }

  /** Reads a model of any format that OpenVINO knows. */
  static ReadModel of(OpenVinoRuntime runtime, ModelSource source, Cancellation cancellation) {
    AtomicReference<@Nullable ReadModel> read = new AtomicReference<>();
    withFile(
        source,
        file -> {
          checkSafe(runtime, source, file, cancellation);
          read.set(of(runtime, file));
        });
    return Objects.requireNonNull(read.get());
  }

  /** OpenVINO reads TensorFlow Lite without checks, and a file cut short brings the JVM down. */
  private static void checkSafe(
      OpenVinoRuntime runtime, ModelSource source, Path file, Cancellation cancellation) {
    boolean unchecked =
        source.foreign().filter(m -> m.format() == ForeignModel.Format.TENSORFLOW_LITE).isPresent();
    if (unchecked) {
      new ModelProcess(runtime, cancellation).run(file);
    }
  }

  /** Gives a model's file, under a name that OpenVINO recognizes, to somebody. */
  static void withFile(ModelSource source, Consumer<Path> action) {
    Optional<String> extension = source.foreign().flatMap(m -> extension(m.format()));
    Path path = source.path();
    if (extension.isEmpty() || path.toString().endsWith(extension.get())) {
      action.accept(path);
      return;
    }
    try (TemporaryFolder folder = TemporaryFolder.create("model", Stage.IMPORT)) {
      Path copy = folder.path().resolve("model" + extension.get());
      try {
        Files.copy(path, copy);
      } catch (IOException e) {
        throw new CallException(path + " could not be copied to " + copy + ": " + e);
      }
      action.accept(copy);
    }
  }

  /** OpenVINO goes by the names of these; the others have files beside them that tell. */
  private static Optional<String> extension(ForeignModel.Format format) {
    return switch (format) {
      case TENSORFLOW_LITE -> Optional.of(".tflite");
      case TENSORFLOW_FROZEN -> Optional.of(".pb");
      default -> Optional.empty();
    };
  }

  /** Reads a file whose name OpenVINO recognizes. */
  static ReadModel of(OpenVinoRuntime runtime, Path file) {
    Memory cell = Calls.cell();
    Calls.check(
        OpenVinoC.ov_core_read_model(
            runtime.core(), Calls.text(file.toString()), Pointer.NULL, cell));
    return new ReadModel(Calls.handle(cell));
  }

  Pointer handle() {
    return model;
  }

  List<Ports.Port> inputs() {
    Memory count = Calls.cell();
    Calls.check(OpenVinoC.ov_model_inputs_size(model, count));
    return Ports.read(
        count.getLong(0), (i, cell) -> OpenVinoC.ov_model_const_input_by_index(model, i, cell));
  }

  List<Ports.Port> outputs() {
    Memory count = Calls.cell();
    Calls.check(OpenVinoC.ov_model_outputs_size(model, count));
    return Ports.read(
        count.getLong(0), (i, cell) -> OpenVinoC.ov_model_const_output_by_index(model, i, cell));
  }

  /** Narrows the inputs to a profile's ranges. */
  void reshape(List<TensorSpec> inputs, ShapeProfile profile) {
    List<Memory> keep = new ArrayList<>();
    try {
      Memory indexes = keep(keep, Calls.cells(inputs.size()));
      Memory shapes = keep(keep, Calls.cells(3 * inputs.size()));
      int count = 0;
      for (int i = 0; i < inputs.size(); i++) {
        // Nothing narrows an input of any rank.
        if (inputs.get(i).shape().isRankKnown()) {
          long[] bounds = bounds(inputs.get(i), profile);
          indexes.setLong(8L * count, i);
          shapes.setLong(24L * count, bounds.length / 2);
          shapes.setLong(24L * count + 8, bounds.length / 2);
          shapes.setPointer(24L * count + 16, keep(keep, Calls.sizes(bounds)));
          count++;
        }
      }
      if (count > 0) {
        Calls.check(OpenVinoC.ov_model_reshape_by_port_indexes(model, indexes, shapes, count));
      }
    } finally {
      keep.forEach(Memory::close);
    }
  }

  private static Memory keep(List<Memory> kept, Memory memory) {
    kept.add(memory);
    return memory;
  }

  /** The least and greatest size of each dimension, one after the other. */
  private static long[] bounds(TensorSpec input, ShapeProfile profile) {
    List<Dimension> dimensions = input.shape().dimensions().orElseThrow();
    long[] bounds = new long[2 * dimensions.size()];
    for (int axis = 0; axis < dimensions.size(); axis++) {
      Optional<Range> range = range(input, axis, profile);
      Dimension d = dimensions.get(axis);
      bounds[2 * axis] = d.size().orElse(range.map(Range::min).orElse(OPEN));
      bounds[2 * axis + 1] = d.size().orElse(range.map(Range::max).orElse(OPEN));
    }
    return bounds;
  }

  /** What a profile says of one dimension: of its symbol, of the input, or of both. */
  static Optional<Range> range(TensorSpec input, int axis, ShapeProfile profile) {
    Optional<Range> bySymbol =
        input.shape().dimensions().orElseThrow().get(axis).symbol().flatMap(profile::range);
    List<Range> direct = profile.inputs().get(input.name());
    if (direct == null || axis >= direct.size()) {
      return bySymbol;
    }
    Range own = direct.get(axis);
    if (bySymbol.isEmpty()) {
      return Optional.of(own);
    }
    // That they have a size in common was checked before; if not, the own range says why.
    return own.and(bySymbol.get()).or(() -> Optional.of(own));
  }

  @Override
  public void close() {
    OpenVinoC.ov_model_free(model);
  }
}
