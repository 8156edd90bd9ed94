package io.inferc.spi;

import io.inferc.runtime.Target;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.StorageAllocator;
import java.nio.file.Path;
import java.util.List;

/**
 * A runtime, loaded and ready. It owns nothing that needs closing; the models it makes do.
 *
 * <p>Thread-safe.
 */
public interface Backend {
  /**
   * Returns the provider's name.
   *
   * @return for example {@code "onnxruntime"}
   */
  String name();

  /**
   * Returns the runtime's version.
   *
   * @return the runtime's own version text
   */
  String version();

  /**
   * Says what can be asked of this back end on a device with given options.
   *
   * @param choice the device and options
   * @return the capabilities
   * @throws IllegalArgumentException if the device is unknown; the message lists those there are
   * @throws io.inferc.common.InfercException if the options cannot be had here
   */
  Capabilities capabilities(Target.Choice choice);

  /**
   * Compiles a model. What the {@link Capabilities} exclude never arrives here.
   *
   * @param request the model and what is wanted of it
   * @return the compiled model, owned by the caller
   * @throws io.inferc.common.InfercException if the runtime refuses the model; native resources of
   *     the attempt are freed
   */
  BackendModel compile(CompileRequest request);

  /**
   * Converts a model to the runtime's own portable format, without compiling it for a device. Only
   * called where {@link Capabilities#exportFormat()} names one.
   *
   * @param request the model, what messages call it, and what stops the work
   * @param file the file to write, replaced if it exists; left alone if writing fails
   * @throws IllegalArgumentException if files of that format cannot have such a name
   * @throws io.inferc.common.InfercException if the runtime cannot read the model, or writing fails
   */
  default void export(CompileRequest request, Path file) {
    throw new UnsupportedOperationException(name() + " has no portable format");
  }

  /**
   * Says what a user should know of how the runtime computes a model: where its answers may be
   * others than the model says, though nothing is refused.
   *
   * @param request the model as it will be compiled, which is not of a foreign format, and with
   *     what
   * @return whole sentences; none by default
   */
  default List<String> warnings(CompileRequest request) {
    return List.of();
  }

  /**
   * Returns where else a choice's models may run here, such as on another execution provider of the
   * same runtime, for a search to measure.
   *
   * @param choice the device and options
   * @return the choice itself first, and alone by default or if it names a device
   */
  default List<Target.Choice> places(Target.Choice choice) {
    return List.of(choice);
  }

  /**
   * Returns options that may make a model faster than a choice's own, for a search to measure:
   * those that matter here, with everything kept that the choice sets by itself.
   *
   * @param choice the device and options
   * @param callers how many requests run at once; 1 where latency counts
   * @return the same choice with other options, those that promise most first; none by default
   */
  default List<Target.Choice> tunings(Target.Choice choice, int callers) {
    return List.of();
  }

  /**
   * Describes what a saved model of this back end depends on here and now.
   *
   * @param choice the device and options
   * @return backend, version, device and the properties that decide whether a saved model fits
   */
  Fingerprint fingerprint(Target.Choice choice);

  /**
   * Decides whether a saved model fits this machine, before native code sees its bytes.
   *
   * @param saved the fingerprint stored with the model
   * @param choice the device and options it shall be loaded with
   * @return the verdict
   */
  ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice);

  /**
   * Loads a model that {@link BackendModel#save} wrote and {@link #checkArtifact} approved.
   *
   * @param folder the folder with the files that were saved
   * @param request what was wanted of the model when it was compiled
   * @return the model, owned by the caller
   * @throws io.inferc.common.InfercException if the files are damaged
   */
  BackendModel load(Path folder, LoadRequest request);

  /**
   * Returns the allocator of one kind of memory.
   *
   * @param kind one of {@link Capabilities#memoryKinds()}
   * @param choice the device and options
   * @return the allocator
   * @throws IllegalArgumentException for another kind
   */
  StorageAllocator allocator(MemoryKind kind, Target.Choice choice);
}
