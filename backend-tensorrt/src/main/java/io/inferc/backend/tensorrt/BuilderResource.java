package io.inferc.backend.tensorrt;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the library is that a build draws kernels from. TensorRT opens it by its bare name, so it
 * must be where the loader looks, or a build has to be told.
 *
 * @param name the file's name, or the first name looked for
 * @param onLoaderPath whether the loader finds it by its name alone
 * @param folder the folder it was found in, empty if it was not found or the loader knows it
 */
record BuilderResource(String name, boolean onLoaderPath, Optional<Path> folder) {
  boolean found() {
    return onLoaderPath || folder.isPresent();
  }
}
