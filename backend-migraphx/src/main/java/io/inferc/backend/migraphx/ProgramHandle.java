package io.inferc.backend.migraphx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program in MIGraphX's memory, parsed or compiled. Closing it frees it, once. What calls of it
 * return is read into Java at once, so that nothing of MIGraphX's outlives it.
 */
final class ProgramHandle implements AutoCloseable {
  /** The binary format of {@code .mxr} files. */
  static final String BINARY = "msgpack";

  /** The same as text. */
  static final String JSON = "json";

  private long handle;

  ProgramHandle(long handle) {
    this.handle = handle;
  }

  long handle() {
    if (handle == 0) {
      throw new IllegalStateException("a program of MIGraphX is used after it was freed");
    }
    return handle;
  }

  /** Loads what {@link #save} wrote in the binary format. The file must have been checked. */
  static ProgramHandle load(Path file) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory path = NativeMemory.text(file.toString())) {
      long options = fileOptions(BINARY);
      try {
        return new ProgramHandle(
            Calls.handle(
                MigraphxApi.migraphx_load(out.address(), path.address(), options),
                out,
                "migraphx_load"));
      } finally {
        MigraphxApi.migraphx_file_options_destroy(options);
      }
    }
  }

  /** Writes the program to a file. */
  void save(Path file, String format) throws MigraphxCallException {
    try (NativeMemory path = NativeMemory.text(file.toString())) {
      long options = fileOptions(format);
      try {
        Calls.check(MigraphxApi.migraphx_save(handle(), path.address(), options), "migraphx_save");
      } finally {
        MigraphxApi.migraphx_file_options_destroy(options);
      }
    }
  }

  private static long fileOptions(String format) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory name = NativeMemory.text(format)) {
      long options =
          Calls.handle(
              MigraphxApi.migraphx_file_options_create(out.address()),
              out,
              "migraphx_file_options_create");
      boolean complete = false;
      try {
        Calls.check(
            MigraphxApi.migraphx_file_options_set_file_format(options, name.address()),
            "migraphx_file_options_set_file_format");
        complete = true;
        return options;
      } finally {
        if (!complete) {
          MigraphxApi.migraphx_file_options_destroy(options);
        }
      }
    }
  }

  /**
   * Compiles the program in place for a target.
   *
   * @param offloadCopy whether MIGraphX copies inputs from the host to the device and outputs back
   */
  void compile(long target, MigraphxOptions options, boolean offloadCopy)
      throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      long settings =
          Calls.handle(
              MigraphxApi.migraphx_compile_options_create(out.address()),
              out,
              "migraphx_compile_options_create");
      try {
        Calls.check(
            MigraphxApi.migraphx_compile_options_set_offload_copy(
                settings, Calls.bool(offloadCopy)),
            "migraphx_compile_options_set_offload_copy");
        Calls.check(
            MigraphxApi.migraphx_compile_options_set_fast_math(
                settings, Calls.bool(options.fastMath())),
            "migraphx_compile_options_set_fast_math");
        Calls.check(
            MigraphxApi.migraphx_compile_options_set_exhaustive_tune_flag(
                settings, Calls.bool(options.exhaustiveTuning())),
            "migraphx_compile_options_set_exhaustive_tune_flag");
        Calls.check(
            MigraphxApi.migraphx_program_compile(handle(), target, settings),
            "migraphx_program_compile");
      } finally {
        MigraphxApi.migraphx_compile_options_destroy(settings);
      }
    }
  }

  /** Returns the inputs by name. */
  Map<String, NativeShape> inputs(ElementTypes types) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      long shapes =
          Calls.handle(
              MigraphxApi.migraphx_program_get_parameter_shapes(out.address(), handle()),
              out,
              "migraphx_program_get_parameter_shapes");
      try {
        Calls.check(
            MigraphxApi.migraphx_program_parameter_shapes_size(out.address(), shapes),
            "migraphx_program_parameter_shapes_size");
        return inputs(types, shapes, Math.toIntExact(out.pointer(0)));
      } finally {
        MigraphxApi.migraphx_program_parameter_shapes_destroy(shapes);
      }
    }
  }

  private static Map<String, NativeShape> inputs(ElementTypes types, long shapes, int count)
      throws MigraphxCallException {
    Map<String, NativeShape> inputs = new LinkedHashMap<>();
    try (NativeMemory names = NativeMemory.words(Math.max(1, count));
        NativeMemory shape = NativeMemory.words(1)) {
      Calls.check(
          MigraphxApi.migraphx_program_parameter_shapes_names(names.address(), shapes),
          "migraphx_program_parameter_shapes_names");
      for (int i = 0; i < count; i++) {
        long name = names.pointer(i);
        Calls.check(
            MigraphxApi.migraphx_program_parameter_shapes_get(shape.address(), shapes, name),
            "migraphx_program_parameter_shapes_get");
        inputs.put(NativeMemory.textAt(name), NativeShape.read(types, shape.pointer(0)));
      }
    }
    return inputs;
  }

  /** Returns the outputs in the model's order. */
  List<NativeShape> outputs(ElementTypes types) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      long shapes =
          Calls.handle(
              MigraphxApi.migraphx_program_get_output_shapes(out.address(), handle()),
              out,
              "migraphx_program_get_output_shapes");
      try {
        Calls.check(
            MigraphxApi.migraphx_shapes_size(out.address(), shapes), "migraphx_shapes_size");
        long count = out.pointer(0);
        List<NativeShape> outputs = new ArrayList<>();
        for (long i = 0; i < count; i++) {
          Calls.check(
              MigraphxApi.migraphx_shapes_get(out.address(), shapes, i), "migraphx_shapes_get");
          outputs.add(NativeShape.read(types, out.pointer(0)));
        }
        return outputs;
      } finally {
        MigraphxApi.migraphx_shapes_destroy(shapes);
      }
    }
  }

  @Override
  public void close() {
    long owned = handle;
    handle = 0;
    if (owned != 0) {
      MigraphxApi.migraphx_program_destroy(owned);
    }
  }
}
