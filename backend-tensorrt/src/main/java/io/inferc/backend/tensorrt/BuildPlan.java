package io.inferc.backend.tensorrt;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything a build needs to know, so that it can happen in another process.
 *
 * @param model the .onnx file
 * @param inMemory whether the file holds all of the model; false where weights lie beside it
 * @param engine where the engine is written
 * @param device the number of the GPU
 * @param builderLevel 0 to 5
 * @param workspaceBytes the limit, empty for all of the device's memory
 * @param tf32 whether TF32 may be used
 * @param hardware on which other GPUs the engine shall run
 * @param versionCompatible whether later versions shall load the engine
 * @param layerDetails whether the engine says what its layers are
 * @param timingCache the file of measured times, if they are kept
 * @param preload the builder resource to load by its name first, empty where that is not needed
 * @param profiles the shapes to serve
 */
record BuildPlan(
    Path model,
    boolean inMemory,
    Path engine,
    int device,
    int builderLevel,
    OptionalLong workspaceBytes,
    boolean tf32,
    HardwareCompatibility hardware,
    boolean versionCompatible,
    boolean layerDetails,
    Optional<Path> timingCache,
    Optional<String> preload,
    List<Profile> profiles) {
  BuildPlan {
    profiles = List.copyOf(profiles);
  }

  /**
   * One optimization profile.
   *
   * @param name what the application calls it
   * @param inputs the sizes of each input
   */
  record Profile(String name, List<Sizes> inputs) {
    Profile {
      inputs = List.copyOf(inputs);
    }
  }

  /**
   * The sizes of one input.
   *
   * @param input its name
   * @param min the smallest
   * @param opt those to choose kernels for
   * @param max the largest
   */
  record Sizes(String input, List<Long> min, List<Long> opt, List<Long> max) {
    Sizes {
      min = List.copyOf(min);
      opt = List.copyOf(opt);
      max = List.copyOf(max);
    }
  }
}
