package io.inferc.backend.openvino;

import com.sun.jna.Native;
import io.inferc.common.Cancellation;
import io.inferc.common.Stage;
import io.inferc.common.internal.JvmProcess;
import io.inferc.tensor.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs {@link IrWriter} in a process that may end without harm to this one. */
final class ModelProcess {
  private final OpenVinoRuntime runtime;
  private final Cancellation cancellation;

  ModelProcess(OpenVinoRuntime runtime, Cancellation cancellation) {
    this.runtime = runtime;
    this.cancellation = cancellation;
  }

  /**
   * Has a model read and, if a target is given, written as IR.
   *
   * @throws CallException if that fails
   */
  void run(Path model, Path... target) {
    List<String> arguments = new ArrayList<>();
    arguments.add(runtime.file().toString());
    arguments.add(model.toAbsolutePath().toString());
    for (Path file : target) {
      arguments.add(file.toString());
    }
    run(arguments);
  }

  private void run(List<String> arguments) {
    String classPath =
        classPath()
            .orElseThrow(
                () ->
                    new CallException(
                        "its classes are in no jars or folders of their own, from which a process"
                            + " for it could be started"));
    try {
      JvmProcess.Ended ended =
          new JvmProcess(classPath, IrWriter.class).run(arguments, cancellation, Stage.IMPORT);
      if (ended.exitCode() == IrWriter.REFUSED) {
        throw new CallException(Calls.plain(ended.output()));
      }
      if (ended.exitCode() != IrWriter.DONE) {
        throw new CallException(
            "OpenVINO ended the process that tried it, saying: " + ended.lastWords());
      }
    } catch (IOException e) {
      throw new CallException("a Java process for it could not be run: " + e.getMessage());
    }
  }

  /** The jars or folders of what the process needs, which an application may hide. */
  static Optional<String> classPath() {
    return JvmProcess.classPathOf(List.of(IrWriter.class, DataType.class, Native.class));
  }
}
