package io.inferc.rewrite;

import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.internal.ModelDump;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Sees the model after each pass, to find out which of them did what.
 *
 * <pre>{@code
 * Compiler.forTarget(Target.onnxRuntime()).passListener(PassListener.dump(folder)).build();
 * }</pre>
 *
 * <p>It is called on the thread that compiles; what it throws ends the compilation.
 */
@FunctionalInterface
public interface PassListener {
  /**
   * Hears of a pass that was applied, or was not.
   *
   * @param pass what the pass came to
   * @param model the model after it
   */
  void onPass(PassRecord pass, OnnxModel model);

  /**
   * Returns a listener that does nothing.
   *
   * @return the listener
   */
  static PassListener none() {
    return (pass, model) -> {};
  }

  /**
   * Returns a listener that writes each model that a pass changed into a folder, numbered in the
   * order of the passes. The system property {@code inferc.dump} does the same for all compilers.
   *
   * @param folder an existing folder, or one to be made; each listener uses a new folder inside it
   * @return the listener
   */
  static PassListener dump(Path folder) {
    Objects.requireNonNull(folder, "folder");
    return new ModelDump(folder);
  }

  /**
   * Calls another listener after this one.
   *
   * @param next the other
   * @return a listener that calls both
   */
  default PassListener and(PassListener next) {
    Objects.requireNonNull(next, "next");
    return (pass, model) -> {
      onPass(pass, model);
      next.onPass(pass, model);
    };
  }
}
