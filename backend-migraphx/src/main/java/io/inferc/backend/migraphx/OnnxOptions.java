package io.inferc.backend.migraphx;

import io.inferc.runtime.Range;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a model is parsed. Owns MIGraphX's options until it is closed. */
final class OnnxOptions implements AutoCloseable {
  private final long handle;
  private final List<Runnable> owned = new ArrayList<>();

  private OnnxOptions(long handle) {
    this.handle = handle;
  }

  static OnnxOptions create() throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      return new OnnxOptions(
          Calls.handle(
              MigraphxApi.migraphx_onnx_options_create(out.address()),
              out,
              "migraphx_onnx_options_create"));
    }
  }

  long handle() {
    return handle;
  }

  /** Fixes an input's sizes; none for a scalar. */
  void inputSizes(String input, long[] sizes) throws MigraphxCallException {
    try (NativeMemory name = NativeMemory.text(input);
        NativeMemory lengths = NativeMemory.sizes(sizes)) {
      Calls.check(
          MigraphxApi.migraphx_onnx_options_set_input_parameter_shape(
              handle, name.address(), lengths.address(), sizes.length),
          "migraphx_onnx_options_set_input_parameter_shape");
    }
  }

  /** Leaves an input's sizes open within ranges. */
  void inputRanges(String input, List<Range> ranges) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory name = NativeMemory.text(input);
        NativeMemory handles = NativeMemory.words(ranges.size())) {
      for (int axis = 0; axis < ranges.size(); axis++) {
        handles.setPointer(axis, dimension(out, ranges.get(axis)));
      }
      long dimensions =
          Calls.handle(
              MigraphxApi.migraphx_dynamic_dimensions_create(
                  out.address(), handles.address(), ranges.size()),
              out,
              "migraphx_dynamic_dimensions_create");
      owned.add(() -> MigraphxApi.migraphx_dynamic_dimensions_destroy(dimensions));
      Calls.check(
          MigraphxApi.migraphx_onnx_options_set_dyn_input_parameter_shape(
              handle, name.address(), dimensions),
          "migraphx_onnx_options_set_dyn_input_parameter_shape");
    }
  }

  private long dimension(NativeMemory out, Range range) throws MigraphxCallException {
    // A fixed size has no optimum beside itself, and MIGraphX wants none named.
    long[] best = range.min() == range.max() ? new long[0] : new long[] {range.opt()};
    try (NativeMemory sizes = NativeMemory.sizes(best)) {
      long optimals =
          Calls.handle(
              MigraphxApi.migraphx_optimals_create(out.address(), sizes.address(), best.length),
              out,
              "migraphx_optimals_create");
      owned.add(() -> MigraphxApi.migraphx_optimals_destroy(optimals));
      long dimension =
          Calls.handle(
              MigraphxApi.migraphx_dynamic_dimension_create_min_max_optimals(
                  // It has no empty tensors.
                  out.address(), Math.max(1, range.min()), range.max(), optimals),
              out,
              "migraphx_dynamic_dimension_create_min_max_optimals");
      owned.add(() -> MigraphxApi.migraphx_dynamic_dimension_destroy(dimension));
      return dimension;
    }
  }

  /** Sets the folder of the files with a model's weights. */
  void externalData(Path folder) throws MigraphxCallException {
    try (NativeMemory path = NativeMemory.text(folder.toString())) {
      Calls.check(
          MigraphxApi.migraphx_onnx_options_set_external_data_path(handle, path.address()),
          "migraphx_onnx_options_set_external_data_path");
    }
  }

  /** Bounds loops whose number of rounds only the data tells. */
  void loopIterations(long most) throws MigraphxCallException {
    Calls.check(
        MigraphxApi.migraphx_onnx_options_set_default_loop_iterations(handle, most),
        "migraphx_onnx_options_set_default_loop_iterations");
  }

  @Override
  public void close() {
    owned.forEach(Runnable::run);
    owned.clear();
    MigraphxApi.migraphx_onnx_options_destroy(handle);
  }
}
