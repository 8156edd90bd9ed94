package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.onnx.ModelSource;
import io.inferc.onnx.OnnxModel;
import io.inferc.runtime.Range;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes programs of one model for the sizes that are asked for.
 *
 * <p>Thread-safe; programs are compiled one at a time in the whole process, since MIGraphX does not
 * promise that two threads may.
 */
final class ProgramCompiler {
  private static final Object COMPILING = new Object();

  private final MigraphxLibrary library;
  private final String name;
  private final Targets.Choice target;
  private final MigraphxOptions options;
  private final OnnxModel model;
  private final List<TensorSpec> inputs;
  private final ProfileSizes profiles;
  private final IndexBounds indexBounds;

  ProgramCompiler(
      MigraphxLibrary library,
      String name,
      Targets.Choice target,
      MigraphxOptions options,
      OnnxModel model,
      List<TensorSpec> inputs,
      ProfileSizes profiles) {
    this.library = library;
    this.name = name;
    this.target = target;
    this.options = options;
    this.model = model;
    this.inputs = inputs;
    this.profiles = profiles;
    indexBounds = IndexBounds.of(model.graph(), inputs);
  }

  MigraphxLibrary library() {
    return library;
  }

  String name() {
    return name;
  }

  Targets.Choice target() {
    return target;
  }

  MigraphxOptions options() {
    return options;
  }

  OnnxModel model() {
    return model;
  }

  List<TensorSpec> inputs() {
    return inputs;
  }

  IndexBounds indexBounds() {
    return indexBounds;
  }

  /** How a session gets its inputs to a program and the outputs back. */
  Execution newExecution() {
    if (!options.asynchronous()) {
      return new HostExecution(name, library.types(), inputs);
    }
    // That there is a GPU was checked when the target was chosen.
    HipStreams streams = new HipStreams(target.gpu());
    return new StreamExecution(streams, name, library.types(), inputs);
  }

  /** Refuses a request outside what the model was compiled for. */
  void checkRequest(int profile, long[][] sizes) {
    profiles.check(name, inputs, profile, sizes);
  }

  /** What serves a request of these sizes within a profile. */
  ProgramKey key(int profile, long[][] sizes) {
    return options.openDimensions() && profile != ProfileSizes.NONE
        ? ProgramKey.ofProfile(profile)
        : ProgramKey.ofSizes(sizes);
  }

  /** What serves a profile's own sizes. */
  ProgramKey key(int profile) {
    long[][] sizes = new long[inputs.size()][];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = profiles.ranges(profile, i).stream().mapToLong(Range::opt).toArray();
    }
    return key(profile, sizes);
  }

  /** Compiles the model as it is in memory. */
  Program compile(ProgramKey key) {
    try (ModelSource source = ModelSource.of(model)) {
      return compile(key, source.path());
    }
  }

  /** Compiles the model from its file. */
  Program compile(ProgramKey key, Path file) {
    checkSizes(key);
    try (OnnxBytes bytes = OnnxBytes.read(file)) {
      synchronized (COMPILING) {
        ProgramHandle program = parseOrExplain(key, bytes, file);
        boolean complete = false;
        try {
          Program compiled = compile(key, program);
          complete = true;
          return compiled;
        } finally {
          if (!complete) {
            program.close();
          }
        }
      }
    } catch (IOException e) {
      throw new InfercException(
          Stage.COMPILE,
          "Tried to read the file "
              + file
              + " of the model "
              + name
              + ", but that failed: "
              + e
              + ".",
          "Check that the file is there and may be read.",
          e);
    }
  }

  private Program compile(ProgramKey key, ProgramHandle program) {
    try {
      // Without asynchronous runs inputs and outputs are in host memory; MIGraphX copies them then.
      boolean offloadCopy = target.isGpu() && !options.asynchronous();
      program.compile(library.target(target), options, offloadCopy);
      Program compiled = Program.of(program, library.types());
      check().check(key, compiled);
      return compiled;
    } catch (MigraphxCallException e) {
      throw Errors.compile(name, describe(key), target.name(), e);
    }
  }

  /** What programs of this model are held to. */
  ProgramCheck check() {
    return new ProgramCheck(name, inputs, model.graph().outputs().size(), options.asynchronous());
  }

  private void checkSizes(ProgramKey key) {
    for (int i = 0; i < key.sizes().size(); i++) {
      long[] sizes = key.sizes().get(i);
      if (Arrays.stream(sizes).anyMatch(s -> s < 1)) {
        throw new InfercException(
            Stage.COMPILE,
            "Tried to serve the input '"
                + inputs.get(i).name()
                + "' of the model "
                + name
                + " with the sizes "
                + Arrays.toString(sizes)
                + ", but MIGraphX has no empty tensors.",
            "Ask for sizes of 1 and more; start the ranges of the profile at 1.");
      }
    }
  }

  private ProgramHandle parseOrExplain(ProgramKey key, OnnxBytes bytes, Path file) {
    try {
      return parse(key, bytes, file.toAbsolutePath().getParent());
    } catch (MigraphxCallException e) {
      String refused =
          ParseDiagnosis.firstRefused(model, part -> reads(key, part))
              .map(ModelCheck::text)
              .orElse(null);
      throw Errors.parse(name, describe(key), key.isProfile(), refused, e);
    }
  }

  private ProgramHandle parse(ProgramKey key, OnnxBytes bytes, @Nullable Path folder)
      throws MigraphxCallException {
    try (OnnxOptions parsing = OnnxOptions.create()) {
      for (int i = 0; i < inputs.size(); i++) {
        if (key.isProfile()) {
          parsing.inputRanges(inputs.get(i).name(), profiles.ranges(key.profile(), i));
        } else {
          parsing.inputSizes(inputs.get(i).name(), key.sizes().get(i));
        }
      }
      if (folder != null) {
        parsing.externalData(folder);
      }
      if (options.loopRounds().isPresent()) {
        parsing.loopIterations(options.loopRounds().getAsLong());
      }
      return bytes.parse(parsing);
    }
  }

  private boolean reads(ProgramKey key, byte[] part) {
    try (OnnxBytes bytes = OnnxBytes.of(part);
        ProgramHandle program = parse(key, bytes, null)) {
      return program.handle() != 0;
    } catch (MigraphxCallException e) {
      return false;
    }
  }

  /** Says what a program is for, for example {@code x[1, 3]}. */
  String describe(ProgramKey key) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < inputs.size(); i++) {
      text.append(i == 0 ? "" : " ").append(inputs.get(i).name());
      text.append(
          key.isProfile()
              ? profiles.ranges(key.profile(), i).toString()
              : Arrays.toString(key.sizes().get(i)));
    }
    return text.toString();
  }
}
