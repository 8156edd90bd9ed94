package io.inferc.onnx;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.onnx.internal.proto.TensorProto;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the bytes of one model's tensors lie if not on the heap: runs of the mapped model file
 * itself, and the files beside it. Everything that was read from a model keeps a reference to this,
 * so that a node or an initializer finds its bytes wherever it is moved. Thread-safe.
 */
final class ExternalFiles {
  /** What a number in a tensor stands for: its bytes, wherever they lie. */
  interface Run {
    /** Returns read-only little-endian buffers, in order; a file is opened only now. */
    List<ByteBuffer> chunks();

    /** A run of mapped memory. */
    static Run of(ByteBuffer bytes) {
      return () -> split(bytes);
    }

    /** No buffer is longer than others expect. */
    private static List<ByteBuffer> split(ByteBuffer bytes) {
      List<ByteBuffer> chunks = new ArrayList<>();
      ByteBuffer all = bytes.slice();
      for (long at = 0; at < all.capacity(); at += MappedFile.MAX_SLICE) {
        int length = (int) Math.min(MappedFile.MAX_SLICE, all.capacity() - at);
        chunks.add(all.slice((int) at, length).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
      }
      return chunks;
    }
  }

  /** For what was made in memory. */
  static final ExternalFiles NONE =
      new ExternalFiles(null, null, Optional.empty(), List.of(), Set.of());

  private static final String REMEDY =
      "Put the data file next to the model under the name that the model uses, or export the model"
          + " again.";

  private final @Nullable Path folder;
  private final @Nullable Path modelFile;
  private final Optional<MappedFile> model;
  private final List<Run> runs;
  // Where runs of other models come from.
  private final Set<ExternalFiles> sources;
  private final ConcurrentMap<String, MappedFile> mapped = new ConcurrentHashMap<>();

  private ExternalFiles(
      @Nullable Path folder,
      @Nullable Path modelFile,
      Optional<MappedFile> model,
      List<Run> runs,
      Set<ExternalFiles> sources) {
    this.folder = folder;
    this.modelFile = modelFile;
    this.model = model;
    this.runs = List.copyOf(runs);
    this.sources = Set.copyOf(sources);
  }

  /** For a model file that is mapped, with runs of it. */
  static ExternalFiles besideModel(Path modelFile, MappedFile file, List<Run> mappedRuns) {
    List<Run> runs = mappedRuns.stream().map(run -> checked(file, run)).toList();
    Path absolute = modelFile.toAbsolutePath();
    Path parent = absolute.getParent();
    return new ExternalFiles(
        parent == null ? absolute : parent, absolute, Optional.of(file), runs, Set.of());
  }

  private static Run checked(MappedFile file, Run run) {
    return () -> {
      file.requireUnchanged();
      return run.chunks();
    };
  }

  /** For values in memory that is not the heap's. */
  static ExternalFiles holding(List<Run> runs) {
    return holding(runs, Set.of());
  }

  /** For values from the files of several models. */
  static ExternalFiles holding(List<Run> runs, Set<ExternalFiles> sources) {
    return new ExternalFiles(null, null, Optional.empty(), runs, sources);
  }

  /**
   * Makes sure that all files that were read hold what they held when they were opened.
   *
   * @throws ModelFormatException if one was written to or cut off
   */
  void requireUnchanged() {
    model.ifPresent(MappedFile::requireUnchanged);
    mapped.values().forEach(MappedFile::requireUnchanged);
    sources.forEach(ExternalFiles::requireUnchanged);
  }

  /** Reads bytes of a tensor, and makes sure that its files did not change meanwhile. */
  <T> T read(TensorProto tensor, Supplier<T> reading) {
    return TensorBytes.isBound(tensor)
        ? MappedFile.read(reading, this::requireUnchanged)
        : reading.get();
  }

  /** Returns what a number in a tensor stands for. */
  Run run(int number) {
    if (number < 0 || number >= runs.size()) {
      throw new ModelFormatException(
          "Tried to read a constant of the model, but it uses a field that is reserved for models"
              + " in memory.",
          "Export the model again.");
    }
    return runs.get(number);
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
      known.requireUnchanged();
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
          asked + ", but the model was read from memory or a stream, so its folder is not known.",
          "Load it by its path, which may lie in an archive with the data beside it; or save it"
              + " with its weights inside.");
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
      CancelledException.throwIfInterrupted(Stage.IMPORT, e);
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
