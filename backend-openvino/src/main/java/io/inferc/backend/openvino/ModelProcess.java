package io.inferc.backend.openvino;

import com.sun.jna.Native;
import io.inferc.common.Cancellation;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.tensor.DataType;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null", "-cp"));
    command.add(
        classPath()
            .orElseThrow(
                () ->
                    new CallException(
                        "its classes are in no jars or folders of their own, from which a process"
                            + " for it could be started")));
    command.add(IrWriter.class.getName());
    command.add(runtime.file().toString());
    command.add(model.toAbsolutePath().toString());
    for (Path file : target) {
      command.add(file.toString());
    }
    run(command);
  }

  private void run(List<String> command) {
    try {
      Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
      Cancellation.Registration kill = cancellation.onCancel(child::destroyForcibly);
      try (BufferedReader lines = child.inputReader()) {
        child.getOutputStream().close();
        String said = lines.lines().collect(Collectors.joining("\n"));
        int exitCode = child.waitFor();
        cancellation.throwIfCancelled(Stage.IMPORT);
        if (exitCode == IrWriter.REFUSED) {
          throw new CallException(Calls.plain(said));
        }
        if (exitCode != IrWriter.DONE) {
          throw new CallException("OpenVINO ended the process that tried it, saying: " + end(said));
        }
      } finally {
        kill.close();
        child.destroyForcibly();
      }
    } catch (IOException | UncheckedIOException e) {
      // To end a process closes what it prints in the middle of reading.
      cancellation.throwIfCancelled(Stage.IMPORT);
      throw new CallException("a Java process for it could not be run: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(Stage.IMPORT);
    }
  }

  /** What was thrown, or the signal; not how to report it to the makers of the JVM. */
  private static String end(String said) {
    return said.lines()
        .map(l -> l.replaceFirst("^[#\\s]+", "").strip())
        .filter(l -> l.startsWith("what():") || l.startsWith("SIG") || l.startsWith("terminate"))
        .collect(Collectors.joining("; "));
  }

  /** The jars or folders of what the process needs, which an application may hide. */
  static Optional<String> classPath() {
    List<String> places = new ArrayList<>();
    for (Class<?> type : List.of(IrWriter.class, DataType.class, Native.class)) {
      CodeSource source = type.getProtectionDomain().getCodeSource();
      try {
        if (source == null || source.getLocation() == null) {
          return Optional.empty();
        }
        places.add(Path.of(source.getLocation().toURI()).toString());
      } catch (URISyntaxException | IllegalArgumentException | FileSystemNotFoundException e) {
        return Optional.empty();
      }
    }
    return Optional.of(String.join(File.pathSeparator, places));
  }
}
