package io.inferc.rewrite.internal;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.PassListener;
import io.inferc.rewrite.PassRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what each pass made of a model into a folder. */
public final class ModelDump implements PassListener {
  private static final Logger LOG = LoggerFactory.getLogger(ModelDump.class);
  private static final String PROPERTY = "inferc.dump";

  private final Path folder;
  private @Nullable Path own;
  private int count;

  /** Writes into a new folder inside of one that may have to be made. */
  public ModelDump(Path folder) {
    this.folder = folder;
  }

  /** The dump that the system property asks for. */
  public static Optional<PassListener> asked() {
    String path = System.getProperty(PROPERTY, "");
    if (path.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ModelDump(Path.of(path)));
    } catch (InvalidPathException e) {
      throw new InfercException(
          Stage.REWRITE,
          "Tried to write the model after each pass into '" + path + "', which is no path.",
          "Set the system property " + PROPERTY + " to a folder, or not at all.",
          e);
    }
  }

  @Override
  public synchronized void onPass(PassRecord pass, OnnxModel model) {
    count++;
    if (pass.changed()) {
      Path file = own(model).resolve("%03d-%s.onnx".formatted(count, pass.pass()));
      model.save(file);
      LOG.info("{} is the model after the pass {}.", file, pass.pass());
    }
  }

  private Path own(OnnxModel model) {
    if (own == null) {
      String name = model.graph().name().replaceAll("[^A-Za-z0-9._-]", "_");
      try {
        Files.createDirectories(folder);
        own =
            Files.createTempDirectory(folder, name.substring(0, Math.min(40, name.length())) + "-");
      } catch (IOException e) {
        throw new InfercException(
            Stage.REWRITE,
            "Tried to make a folder in " + folder + " for the models after each pass: " + e + ".",
            "Name a folder that can be written to.",
            e);
      }
    }
    return own;
  }
}
