package io.inferc.backend.tensorrt;

import io.inferc.common.InfercException;
import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.slf4j.Logger;

/**
 * The class path of a build's JVM: just the jars and folders that a build needs, found by where
 * their classes and native libraries were loaded from. The application's own class path may be
 * hidden behind a manifest or a container's class loaders.
 */
final class WorkerClassPath {
  // Named, since to load a class of the presets is to load native code.
  private static final List<String> PRESET_CLASSES =
      List.of(
          "org/bytedeco/tensorrt/nvinfer/IBuilder.class",
          "org/bytedeco/cuda/cudart/CUstream_st.class");
  private static final List<String> PRESET_FOLDERS =
      List.of("org/bytedeco/tensorrt/", "org/bytedeco/cuda/", "org/bytedeco/javacpp/");

  private WorkerClassPath() {}

  /** The class path, empty where a part of it is in no jar or folder of its own. */
  static Optional<String> find() {
    Set<Path> entries = new LinkedHashSet<>();
    try {
      for (Class<?> type :
          List.of(BuildWorker.class, InfercException.class, Loader.class, Logger.class)) {
        entries.add(place(type));
      }
      for (String file : PRESET_CLASSES) {
        URL url = loader().getResource(file);
        if (url == null) {
          return Optional.empty();
        }
        entries.add(place(url, file));
      }
      for (String folder : PRESET_FOLDERS) {
        String natives = folder + Loader.getPlatform() + "/";
        for (URL url : Collections.list(loader().getResources(natives))) {
          entries.add(place(url, natives));
        }
      }
    } catch (IOException | URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return Optional.of(
        entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
  }

  private static ClassLoader loader() {
    return Loader.class.getClassLoader();
  }

  private static Path place(Class<?> type) throws URISyntaxException, IOException {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      throw new IOException(type + " has no place");
    }
    return Path.of(source.getLocation().toURI());
  }

  private static Path place(URL url, String file) throws IOException, URISyntaxException {
    URLConnection connection = url.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return Path.of(jar.getJarFileURL().toURI());
    }
    String path = Path.of(url.toURI()).toString();
    String inside = file.endsWith("/") ? file.substring(0, file.length() - 1) : file;
    return Path.of(path.substring(0, path.length() - inside.length()));
  }
}
