package io.inferc.backend.migraphx;

/**
 * The functions of MIGraphX's C interface that are used here, as in version 2.10 and later.
 *
 * <p>Every handle, pointer and {@code size_t} is a {@code long}, a C {@code bool} a {@code byte};
 * JNA binds them directly, so that a call allocates nothing. What comes back as a status is checked
 * by {@link Calls}. Nothing here checks its arguments: only the classes that own handles call it.
 */
final class MigraphxApi {
  private MigraphxApi() {}

  // ---- Shapes

  static native int migraphx_optimals_create(long out, long sizes, long count);

  static native int migraphx_optimals_destroy(long optimals);

  static native int migraphx_dynamic_dimension_create_min_max_optimals(
      long out, long min, long max, long optimals);

  static native int migraphx_dynamic_dimension_destroy(long dimension);

  static native int migraphx_dynamic_dimensions_create(long out, long dimensions, long count);

  static native int migraphx_dynamic_dimensions_destroy(long dimensions);

  static native int migraphx_shape_create(long out, int type, long lengths, long rank);

  static native int migraphx_shape_create_with_strides(
      long out, int type, long lengths, long rank, long strides, long stridesCount);

  static native int migraphx_shape_create_scalar(long out, int type);

  static native int migraphx_shape_destroy(long shape);

  static native int migraphx_shape_lengths(long out, long outSize, long shape);

  static native int migraphx_shape_strides(long out, long outSize, long shape);

  static native int migraphx_shape_type(long out, long shape);

  static native int migraphx_shape_bytes(long out, long shape);

  static native int migraphx_shape_dynamic(long out, long shape);

  static native int migraphx_shape_standard(long out, long shape);

  static native int migraphx_shapes_size(long out, long shapes);

  static native int migraphx_shapes_get(long out, long shapes, long index);

  static native int migraphx_shapes_destroy(long shapes);

  // ---- Arguments

  static native int migraphx_argument_create(long out, long shape, long buffer);

  static native int migraphx_argument_shape(long out, long argument);

  static native int migraphx_argument_buffer(long out, long argument);

  static native int migraphx_argument_destroy(long argument);

  static native int migraphx_arguments_size(long out, long arguments);

  static native int migraphx_arguments_get(long out, long arguments, long index);

  static native int migraphx_arguments_destroy(long arguments);

  static native int migraphx_program_parameters_create(long out);

  static native int migraphx_program_parameters_add(long parameters, long name, long argument);

  static native int migraphx_program_parameters_destroy(long parameters);

  // ---- Programs

  static native int migraphx_target_create(long out, long name);

  static native int migraphx_program_compile(long program, long target, long options);

  static native int migraphx_program_get_parameter_shapes(long out, long program);

  static native int migraphx_program_get_output_shapes(long out, long program);

  static native int migraphx_program_run(long out, long program, long parameters);

  static native int migraphx_program_run_async(
      long out, long program, long parameters, long queue, long queueType);

  static native int migraphx_program_destroy(long program);

  static native int migraphx_program_parameter_shapes_size(long out, long shapes);

  static native int migraphx_program_parameter_shapes_names(long out, long shapes);

  static native int migraphx_program_parameter_shapes_get(long out, long shapes, long name);

  static native int migraphx_program_parameter_shapes_destroy(long shapes);

  static native int migraphx_compile_options_create(long out);

  static native int migraphx_compile_options_set_offload_copy(long options, byte value);

  static native int migraphx_compile_options_set_fast_math(long options, byte value);

  static native int migraphx_compile_options_set_exhaustive_tune_flag(long options, byte value);

  static native int migraphx_compile_options_destroy(long options);

  // ---- Files

  static native int migraphx_onnx_options_create(long out);

  static native int migraphx_onnx_options_set_input_parameter_shape(
      long options, long name, long lengths, long rank);

  static native int migraphx_onnx_options_set_dyn_input_parameter_shape(
      long options, long name, long dimensions);

  static native int migraphx_onnx_options_set_default_loop_iterations(long options, long value);

  static native int migraphx_onnx_options_set_external_data_path(long options, long path);

  static native int migraphx_onnx_options_destroy(long options);

  static native int migraphx_parse_onnx_buffer(long out, long data, long size, long options);

  static native int migraphx_file_options_create(long out);

  static native int migraphx_file_options_set_file_format(long options, long format);

  static native int migraphx_file_options_destroy(long options);

  static native int migraphx_load(long out, long file, long options);

  static native int migraphx_save(long program, long file, long options);
}
