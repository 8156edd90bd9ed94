package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.onnx.internal.proto.ModelProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads models, leaving weights where they are. */
final class ModelReader {
  private static final long PROTOBUF_LIMIT = Integer.MAX_VALUE - 4096L;
  private static final int SHOWN_PROBLEMS = 5;
  private static final String REMEDY =
      "Copy or download the file again, or export the model again.";

  private ModelReader() {}

  static OnnxModel load(Path path, Optional<ModelLimits> limits) {
    String asked = asked(path.toString());
    MappedFile file;
    try {
      if (Files.isDirectory(path)) {
        throw new ModelFormatException(
            asked + ", but it is a folder.", "Pass the .onnx file itself.");
      }
      file = MappedFile.open(path);
    } catch (NoSuchFileException e) {
      throw new ModelFormatException(
          asked + ", but there is no such file.", "Check the path.", List.of(), e);
    } catch (IOException e) {
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
      throw new ModelFormatException(
          asked + ", but it cannot be read: " + e.getMessage() + ".",
          "Check the path and the permissions.",
          List.of(),
          e);
    }
    ModelProto proto;
    ExternalFiles files;
    try {
      WireReader wire = wire(asked, file);
      proto = MappedFile.read(() -> parse(asked, wire), file::requireUnchanged);
      files = ExternalFiles.besideModel(path, file, wire.runs());
    } catch (ModelFormatException e) {
      // What is wrong with it may be that somebody cuts it off.
      file.requireUnchanged();
      throw e;
    }
    return finish(asked, OnnxModel.of(proto, files), limits);
  }

  private static String asked(String name) {
    return "Tried to read " + name + " as an ONNX model";
  }

  static OnnxModel load(InputStream in, String name, ModelLimits limits) {
    String asked = asked(name);
    MappedFile file;
    try {
      file = MappedFile.copy(in, name);
    } catch (IOException e) {
      throw new ModelFormatException(
          asked + ", but its temporary copy cannot be read: " + e.getMessage() + ".",
          "Check the folder that the system property java.io.tmpdir names.",
          List.of(),
          e);
    }
    return read(asked, wire(asked, file), limits);
  }

  private static WireReader wire(String asked, MappedFile file) {
    if (file.size() > PROTOBUF_LIMIT) {
      refuseForeign(asked, file.slice(0, 4096));
      throw new ModelFormatException(
          asked + ", but it has " + file.size() + " bytes, and a protobuf message ends at 2 GB.",
          "Save the model with its weights as external data.");
    }
    return new WireReader(file.slice(0, (int) file.size()));
  }

  static OnnxModel read(byte[] bytes) {
    String asked = "Tried to read " + bytes.length + " bytes as an ONNX model";
    return read(asked, new WireReader(ByteBuffer.wrap(bytes)), ModelLimits.defaults());
  }

  private static OnnxModel read(String asked, WireReader wire, ModelLimits limits) {
    ModelProto proto = parse(asked, wire);
    return finish(
        asked, OnnxModel.of(proto, ExternalFiles.holding(wire.runs())), Optional.of(limits));
  }

  private static ModelProto parse(String asked, WireReader wire) {
    ByteBuffer head = wire.bytes();
    if (!head.hasRemaining()) {
      throw new ModelFormatException(asked + ", but it is empty.", REMEDY);
    }
    ModelProto proto;
    try {
      proto = wire.read();
    } catch (IOException e) {
      refuseForeign(asked, head);
      throw new ModelFormatException(
          asked
              + ", but it is no complete protobuf message of that kind: "
              + sentence(e)
              + " It may be truncated.",
          REMEDY,
          List.of(),
          e);
    }
    if (!proto.hasGraph()) {
      refuseForeign(asked, head);
      throw new ModelFormatException(
          asked + ", but it has no graph: it is another format, or truncated.", REMEDY);
    }
    return proto;
  }

  private static String sentence(IOException e) {
    String text = String.valueOf(e.getMessage()).strip();
    return text.endsWith(".") ? text : text + ".";
  }

  private static void refuseForeign(String asked, ByteBuffer head) {
    Optional<FormatSniffer.Guess> guess = FormatSniffer.guess(head);
    if (guess.isPresent()) {
      throw new ModelFormatException(
          asked + ", but it looks like " + guess.get().what() + ".", guess.get().remedy());
    }
  }

  private static OnnxModel finish(String asked, OnnxModel model, Optional<ModelLimits> limits) {
    if (limits.isEmpty()) {
      return model;
    }
    List<ModelProblem> errors = new ArrayList<>(new ModelChecker(model, limits.get()).structure());
    errors.removeIf(p -> p.severity() != ModelProblem.Severity.ERROR);
    if (errors.isEmpty()) {
      // Only now, when every location is known to be inside the folder, is a file opened.
      new ConstantCheck(model, errors).files();
    }
    if (!errors.isEmpty()) {
      StringBuilder text = new StringBuilder(asked).append(", but it contradicts itself:");
      errors.stream().limit(SHOWN_PROBLEMS).forEach(p -> text.append(' ').append(p.describe()));
      if (errors.size() > SHOWN_PROBLEMS) {
        text.append(" And ").append(errors.size() - SHOWN_PROBLEMS).append(" more.");
      }
      throw new ModelFormatException(
          text.toString(),
          errors.stream().map(ModelProblem::remedy).distinct().count() == 1
              ? errors.get(0).remedy()
              : "Export the model again; OnnxModel.loadUnchecked(path).check() lists every"
                  + " problem.",
          errors,
          null);
    }
    return model;
  }
}
