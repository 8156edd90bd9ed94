package io.inferc.execution;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.runtime.ModelFacts;
import io.inferc.runtime.ShapeProfile;
import io.inferc.spi.Fingerprint;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A compiled model on disk: a folder with the file {@value #MANIFEST}, which says what it is, and
 * the folder {@value #PAYLOAD}, which is the back end's own.
 *
 * @param name what messages and reports call the model
 * @param facts what is known of how it was made
 * @param fingerprint what the payload depends on
 * @param device the device it was compiled for, empty for the default
 * @param profiles the shape profiles in order of preference
 */
public record SavedModel(
    String name,
    ModelFacts facts,
    Fingerprint fingerprint,
    Optional<String> device,
    List<ShapeProfile> profiles) {
  static final String MANIFEST = "compiled-model.json";
  static final String PAYLOAD = "payload";

  /**
   * Reads what a folder holds, without touching the payload.
   *
   * @param folder a folder written by {@link io.inferc.runtime.CompiledModel#save}
   * @return what it says of itself
   * @throws InfercException if it is not such a folder, or is damaged
   */
  public static SavedModel read(Path folder) {
    Path manifest = folder.resolve(MANIFEST);
    if (!Files.isRegularFile(manifest)) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load a compiled model from "
              + folder
              + ", but there is no "
              + MANIFEST
              + " in it.",
          "Pass the folder that was given to CompiledModel.save(); an .onnx file is compiled with"
              + " Compiler.compile().");
    }
    try {
      return SavedModelJson.read(Files.readAllBytes(manifest));
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to read " + manifest + ", but it is damaged: " + firstLine(e) + ".",
          "Save the model again from its source.",
          e);
    }
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /**
   * Returns the folder with the back end's own files.
   *
   * @param folder the folder that was read
   * @return the payload
   * @throws InfercException if it is missing
   */
  public static Path payload(Path folder) {
    Path payload = folder.resolve(PAYLOAD);
    if (!Files.isDirectory(payload)) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to load a compiled model from "
              + folder
              + ", but its folder '"
              + PAYLOAD
              + "' is missing.",
          "Copy the whole folder, or save the model again from its source.");
    }
    return payload;
  }

  /** Writes the folder beside its place, then moves it there. */
  void write(Path folder, Consumer<Path> payloadWriter) {
    Path target = folder.toAbsolutePath().normalize();
    checkReplaceable(target);
    Path parent = target.getParent();
    Path draft = null;
    try {
      if (parent == null) {
        throw new IOException("it has no parent folder");
      }
      Files.createDirectories(parent);
      draft =
          Files.createDirectory(
              parent.resolve("." + target.getFileName() + "-" + UUID.randomUUID()));
      Files.createDirectory(draft.resolve(PAYLOAD));
      payloadWriter.accept(draft.resolve(PAYLOAD));
      Files.write(draft.resolve(MANIFEST), SavedModelJson.write(this));
      deleteRecursively(target);
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
      draft = null;
    } catch (IOException e) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to save the model " + name + " to " + target + ", but writing failed: " + e + ".",
          "Check the free space and the permissions; nothing was left half written.",
          e);
    } finally {
      if (draft != null) {
        deleteQuietly(draft);
      }
    }
  }

  private void checkReplaceable(Path target) {
    if (!Files.exists(target) || Files.exists(target.resolve(MANIFEST))) {
      return;
    }
    boolean empty = false;
    if (Files.isDirectory(target)) {
      try (Stream<Path> entries = Files.list(target)) {
        empty = entries.findAny().isEmpty();
      } catch (IOException e) {
        empty = false;
      }
    }
    if (!empty) {
      throw new InfercException(
          Stage.ARTIFACT,
          "Tried to save the model "
              + name
              + " to "
              + target
              + ", but something else is there that is no saved model.",
          "Choose a new or empty folder; nothing was changed.");
    }
  }

  private static void deleteQuietly(Path folder) {
    try {
      deleteRecursively(folder);
    } catch (IOException e) {
      // The failure that led here is the one to report.
    }
  }

  private static void deleteRecursively(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
