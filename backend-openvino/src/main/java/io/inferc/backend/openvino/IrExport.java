package io.inferc.backend.openvino;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.common.internal.TemporaryFolder;
import io.inferc.spi.CompileRequest;
import io.inferc.tensor.TensorShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Writes models as OpenVINO IR, in a process of its own; see {@link IrWriter} for why. */
final class IrExport {
  private static final String BY_HAND =
      "OpenVINO's own converter does it too: \"pip install openvino\", then \"ovc <model>"
          + " --output_model <file> --compress_to_fp16=False\".";

  private final OpenVinoRuntime runtime;
  private final String name;
  private final Path target;

  /**
   * Prepares to write.
   *
   * @throws IllegalArgumentException if the file's name does not end in .xml
   */
  IrExport(OpenVinoRuntime runtime, String name, Path target) {
    this.runtime = runtime;
    this.name = name;
    this.target = target.toAbsolutePath().normalize();
    if (!target.toString().endsWith(IrFiles.SUFFIX) || this.target.getParent() == null) {
      throw new IllegalArgumentException(
          "Tried to write the model "
              + name
              + " as OpenVINO IR to "
              + target
              + ", but that is a file ending in .xml, with the weights in a .bin beside it. Name"
              + " one.");
    }
  }

  /** Writes both files beside their place, checks them, and moves them there. */
  void write(CompileRequest request) {
    try {
      Path parent = target.getParent();
      if (parent == null) {
        throw new IOException("it has no parent folder");
      }
      Files.createDirectories(parent);
      try (TemporaryFolder folder = TemporaryFolder.in(parent, ".inferc-ir-")) {
        write(request, folder.path().resolve("model.xml"));
      }
    } catch (CallException e) {
      throw failure(e.said(), BY_HAND, e);
    } catch (IOException e) {
      throw failure(e.toString(), "Check the free space and the permissions of the folder.", e);
    }
  }

  private void write(CompileRequest request, Path draft) throws IOException {
    ReadModel.withFile(
        request.source(),
        file -> {
          new ModelProcess(runtime, request.cancellation()).run(file, draft);
          checkSame(file, draft);
        });
    new IrFiles(draft).moveTo(new IrFiles(target));
  }

  private InfercException failure(String reason, String remedy, Exception e) {
    return new InfercException(
        Stage.IMPORT,
        "Tried to write the model "
            + name
            + " as OpenVINO IR to "
            + target
            + ", but that failed: "
            + reason
            + ".",
        remedy,
        e);
  }

  /** Reads what was written as any program would, and compares what goes in and comes out. */
  private void checkSame(Path model, Path draft) {
    try (ReadModel before = ReadModel.of(runtime, model);
        ReadModel after = ReadModel.of(runtime, draft)) {
      if (!sides(before).equals(sides(after))) {
        throw new CallException(
            "what was written takes and returns " + sides(after) + ", not " + sides(before));
      }
    }
  }

  private static List<Side> sides(ReadModel model) {
    return Stream.of(model.inputs(), model.outputs())
        .flatMap(List::stream)
        .map(p -> new Side(p.type(), p.shape()))
        .toList();
  }

  private record Side(int type, TensorShape shape) {}
}
