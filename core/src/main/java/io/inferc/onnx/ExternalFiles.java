package io.inferc.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of one model's tensors lie if not on the heap: runs of the mapped model file
 * itself, and the files beside it. Everything that was read from a model keeps a reference to this,
 * so that a node or an initializer finds its bytes wherever it is moved. Thread-safe.
 */
final class ExternalFiles {
  /** For what was made in memory. */
  static final ExternalFiles NONE = new ExternalFiles(null, null, List.of());

  private static final String REMEDY =
      "Put the data file next to the model under the name that the model uses, or export the model"
          + " again.";

  private final @Nullable Path folder;
  private final @Nullable Path modelFile;
  private final List<ByteBuffer> runs;
  private final ConcurrentMap<String, MappedFile> mapped = new ConcurrentHashMap<>();

  private ExternalFiles(@Nullable Path folder, @Nullable Path modelFile, List<ByteBuffer> runs) {
    this.folder = folder;
    this.modelFile = modelFile;
    this.runs = List.copyOf(runs);
  }

  static ExternalFiles besideModel(Path modelFile, List<ByteBuffer> runs) {
    Path absolute = modelFile.toAbsolutePath();
    Path parent = absolute.getParent();
    return new ExternalFiles(parent == null ? absolute : parent, absolute, runs);
  }

  /** For values in memory that is not the heap's. */
  static ExternalFiles holding(List<ByteBuffer> runs) {
    return new ExternalFiles(null, null, runs);
  }

  /** Returns a run of bytes of the model file itself, little-endian, starting at 0. */
  ByteBuffer run(int number) {
    if (number < 0 || number >= runs.size()) {
      throw new ModelFormatException(
          "Tried to read a constant of the model, but it uses a field that is reserved for models"
              + " in memory.",
          "Export the model again.");
    }
    return runs.get(number).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Chooses the files for a part that takes tensors from two places.
   *
   * @throws IllegalArgumentException if the places differ, since a name would mean two files
   */
  static ExternalFiles common(ExternalFiles a, ExternalFiles b, String what) {
    if (a != NONE && b != NONE && a != b) {
      throw new IllegalArgumentException(
          "Tried to put "
              + what
              + " together from external data of two models, but one part can refer to the files of"
              + " one only. Read the values of one first and make constants of them.");
    }
    return a == NONE ? b : a;
  }

  /** Says what is wrong with a location, from its text alone and without touching any file. */
  static Optional<String> objectionTo(String location) {
    if (location.isEmpty()) {
      return Optional.of("it names no file");
    }
    if (location.indexOf('\0') >= 0) {
      return Optional.of("it contains a zero character");
    }
    if (location.startsWith("/")
        || location.startsWith("\\")
        || location.matches("(?s)[A-Za-z]:.*")) {
      return Optional.of("it is an absolute path");
    }
    for (String part : location.split("[/\\\\]", -1)) {
      if (part.equals("..")) {
        return Optional.of("it leads out of the model's folder");
      }
    }
    try {
      return Path.of(location).isAbsolute()
          ? Optional.of("it is an absolute path")
          : Optional.empty();
    } catch (InvalidPathException e) {
      return Optional.of("it is not a file name on this system");
    }
  }

  /** Maps a file, once; refuses whatever is not inside the model's folder. */
  MappedFile file(String location) {
    MappedFile known = mapped.get(location);
    if (known != null) {
      return known;
    }
    MappedFile opened = open(location);
    MappedFile earlier = mapped.putIfAbsent(location, opened);
    return earlier == null ? opened : earlier;
  }

  private MappedFile open(String location) {
    String asked = "Tried to open the external data file '" + location + "'";
    Optional<String> objection = objectionTo(location);
    if (objection.isPresent()) {
      throw new ModelFormatException(
          asked + ", but " + objection.get() + ".",
          "External data must lie in the model's own folder: do not use this model unless you trust"
              + " its source, and then move the data there.");
    }
    if (folder == null) {
      throw new ModelFormatException(
          asked + ", but the model was read from memory, so its folder is not known.",
          "Load it with OnnxModel.load(Path) from the folder that has the data.");
    }
    Path path = folder.resolve(location);
    try {
      Path real = path.toRealPath();
      List<Path> roots = realRoots(folder);
      if (roots.stream().noneMatch(real::startsWith)) {
        throw new ModelFormatException(
            asked + ", but it is a link that leads out of the model's folder, to " + real + ".",
            "Put the file itself into the model's folder.");
      }
      return MappedFile.open(real);
    } catch (NoSuchFileException e) {
      throw new ModelFormatException(
          asked + ", but there is no such file in " + folder + ".", REMEDY, List.of(), e);
    } catch (IOException e) {
      throw new ModelFormatException(
          asked + " in " + folder + ", but it cannot be read: " + e.getMessage() + ".",
          REMEDY,
          List.of(),
          e);
    }
  }

  /** Download caches link both model and data into one store, so the model's real folder counts. */
  private List<Path> realRoots(Path from) throws IOException {
    List<Path> roots = new ArrayList<>();
    roots.add(from.toRealPath());
    if (modelFile != null && Files.exists(modelFile)) {
      Path parent = modelFile.toRealPath().getParent();
      if (parent != null) {
        roots.add(parent);
      }
    }
    return roots;
  }
}
