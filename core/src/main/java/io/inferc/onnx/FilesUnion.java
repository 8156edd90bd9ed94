package io.inferc.onnx;

import io.inferc.onnx.internal.proto.TensorProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Lets one message hold tensors whose bytes lie in the files of several models, as a graph inside a
 * node does after constants were put there: each tensor gets a new number, and {@link #files} knows
 * what it stands for. Tensors that all come from one place keep their references as they are.
 */
final class FilesUnion {
  private final Set<ExternalFiles> sources = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<ExternalFiles.Run> runs = new ArrayList<>();

  /** Notes where a tensor lies; before the first {@link #rebind}, for all of them. */
  TensorProto see(TensorProto tensor, ExternalFiles files) {
    if (TensorBytes.isBound(tensor)) {
      sources.add(files);
    }
    return tensor;
  }

  /** Returns the tensor as it must be to be found through {@link #files}. */
  TensorProto rebind(TensorProto tensor, ExternalFiles files) {
    if (sources.size() < 2 || !TensorBytes.isBound(tensor)) {
      return tensor;
    }
    runs.add(
        TensorBytes.isExternal(tensor)
            ? () -> TensorBytes.chunks(tensor, files)
            : files.run(tensor.getMappedRun()));
    return ExternalWriter.withoutValues(tensor).toBuilder().setMappedRun(runs.size() - 1).build();
  }

  /** Returns the files of all tensors; after the last {@link #rebind}. */
  ExternalFiles files() {
    return switch (sources.size()) {
      case 0 -> ExternalFiles.NONE;
      case 1 -> sources.iterator().next();
      default -> ExternalFiles.holding(runs, sources);
    };
  }
}
