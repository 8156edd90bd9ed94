package io.inferc.backend.tensorrt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the loader of Linux looks for a library, and where TensorRT was loaded from. */
final class LoaderPath {
  private static final List<String> DEFAULT_FOLDERS =
      List.of("/lib64", "/usr/lib64", "/lib", "/usr/lib");
  private static final Path CACHE = Path.of("/etc/ld.so.cache");
  private static final Path MAPPINGS = Path.of("/proc/self/maps");

  private final List<Path> searched;
  private final Predicate<String> inCache;
  private final List<Path> beside;

  /**
   * Describes a loader.
   *
   * @param searched folders that the loader looks through
   * @param inCache whether the loader's cache has a name
   * @param beside folders that the loader does not look through, but a child can be told of
   */
  LoaderPath(List<Path> searched, Predicate<String> inCache, List<Path> beside) {
    this.searched = List.copyOf(searched);
    this.inCache = inCache;
    this.beside = List.copyOf(beside);
  }

  /** Describes the loader of this process, once TensorRT is loaded. */
  static LoaderPath ofThisProcess(@Nullable String libraryPath) {
    List<Path> searched = new ArrayList<>();
    if (libraryPath != null) {
      for (String folder : libraryPath.split("[:;]", -1)) {
        if (!folder.isEmpty()) {
          searched.add(Path.of(folder));
        }
      }
    }
    DEFAULT_FOLDERS.forEach(folder -> searched.add(Path.of(folder)));
    return new LoaderPath(searched, LoaderPath::cacheNames, foldersOfTensorRt());
  }

  private static boolean cacheNames(String library) {
    try {
      String cache = Files.readString(CACHE, StandardCharsets.ISO_8859_1);
      return cache.contains("\0" + library + "\0");
    } catch (IOException e) {
      return false;
    }
  }

  /** The folders that libraries of TensorRT are mapped from. */
  static List<Path> foldersOfTensorRt() {
    List<Path> folders = new ArrayList<>();
    for (String file : mappedFiles()) {
      Path path = Path.of(file);
      Path name = path.getFileName();
      Path folder = path.getParent();
      if (name != null
          && folder != null
          && name.toString().startsWith("libnvinfer")
          && !folders.contains(folder)) {
        folders.add(folder);
      }
    }
    return folders;
  }

  private static List<String> mappedFiles() {
    try (Stream<String> lines = Files.lines(MAPPINGS)) {
      return lines
          .filter(line -> line.indexOf('/') >= 0)
          .map(line -> line.substring(line.indexOf('/')))
          .distinct()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Looks for the first of several names that is anywhere. */
  BuilderResource find(List<String> names) {
    for (String name : names) {
      if (inCache.test(name) || has(searched, name).isPresent()) {
        return new BuilderResource(name, true, Optional.empty());
      }
    }
    for (String name : names) {
      Optional<Path> folder = has(beside, name);
      if (folder.isPresent()) {
        return new BuilderResource(name, false, folder);
      }
    }
    return new BuilderResource(names.get(names.size() - 1), false, Optional.empty());
  }

  private static Optional<Path> has(List<Path> folders, String name) {
    return folders.stream().filter(f -> Files.exists(f.resolve(name))).findFirst();
  }

  /**
   * The names that the kernels of a GPU may go by: one library for all GPUs up to 10.7, one for
   * each compute capability later, of which those of the same generation and no later step serve.
   */
  static List<String> resourceNames(TensorRtVersion version, GpuInfo gpu) {
    List<String> names = new ArrayList<>();
    names.add("libnvinfer_builder_resource.so." + version);
    for (int minor = 0; minor <= gpu.minor(); minor++) {
      names.add("libnvinfer_builder_resource_sm" + gpu.major() + minor + ".so." + version);
    }
    return names;
  }
}
