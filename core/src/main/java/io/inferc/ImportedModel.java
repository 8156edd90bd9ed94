package io.inferc;

import io.inferc.onnx.ForeignModel;
import io.inferc.onnx.OnnxModel;
import java.util.List;

/** What a file turned out to be. */
public sealed interface ImportedModel {
  /**
   * An ONNX model, for which every step of inferc is open.
   *
   * @param model the model
   */
  record Onnx(OnnxModel model) implements ImportedModel {}

  /**
   * A model that only some back ends can read: it is compiled as it is, and takes no precision but
   * FP32 and the runtime's own hints. {@link Compiler#export} converts it to a reader's portable
   * format, if that has one.
   *
   * @param model what and where it is
   * @param readers the names of the back ends here that read it; may be empty
   */
  record Foreign(ForeignModel model, List<String> readers) implements ImportedModel {
    public Foreign {
      readers = List.copyOf(readers);
    }
  }
}
