package io.inferc.backend.openvino;

import com.sun.jna.Library;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;

/**
 * The functions of OpenVINO's C API that are used here, in the form that 2024.0 and all later
 * versions have. Every function but those that free returns a status, 0 for success.
 *
 * <p>Text is passed as pointers to UTF-8 bytes and results as pointers to memory for one pointer,
 * so that nothing is converted on the way of a run.
 */
@SuppressWarnings("checkstyle:MethodName")
final class OpenVinoC {
  private OpenVinoC() {}

  /** A shape as functions take it: by value. */
  @Structure.FieldOrder({"rank", "sizes"})
  public static final class Shape extends Structure implements Structure.ByValue {
    /** The number of dimensions. */
    public long rank;

    /** The sizes, 8 bytes each. */
    public Pointer sizes = Pointer.NULL;

    /** Makes a shape whose memory is written by {@link #set} alone. */
    public Shape() {
      setAutoSynch(false);
    }

    /** Sets rank and sizes; the memory of the sizes must outlive the call it is passed to. */
    void set(long newRank, Pointer newSizes) {
      ensureAllocated();
      getPointer().setLong(0, newRank);
      getPointer().setPointer(8, newSizes);
    }
  }

  /** Functions of any number of arguments, which need a call of another kind. */
  interface Variadic extends Library {
    int ov_core_compile_model(
        Pointer core,
        Pointer model,
        Pointer device,
        long propertyTexts,
        Pointer compiled,
        Object... properties);

    int ov_core_set_property(Pointer core, Pointer device, Object... properties);
  }

  static native Pointer ov_get_last_err_msg();

  static native Pointer ov_get_error_info(int status);

  static native void ov_free(Pointer text);

  static native int ov_get_openvino_version(Pointer version);

  static native void ov_version_free(Pointer version);

  static native int ov_core_create(Pointer core);

  static native void ov_core_free(Pointer core);

  static native int ov_core_get_available_devices(Pointer core, Pointer devices);

  static native void ov_available_devices_free(Pointer devices);

  static native int ov_core_get_property(Pointer core, Pointer device, Pointer key, Pointer value);

  static native int ov_core_read_model(
      Pointer core, Pointer path, Pointer weightsPath, Pointer model);

  static native int ov_core_read_model_from_memory_buffer(
      Pointer core, Pointer text, long bytes, Pointer weights, Pointer model);

  static native int ov_core_import_model(
      Pointer core, Pointer content, long bytes, Pointer device, Pointer compiled);

  static native void ov_model_free(Pointer model);

  static native int ov_model_inputs_size(Pointer model, Pointer count);

  static native int ov_model_outputs_size(Pointer model, Pointer count);

  static native int ov_model_const_input_by_index(Pointer model, long index, Pointer port);

  static native int ov_model_const_output_by_index(Pointer model, long index, Pointer port);

  static native int ov_model_reshape_by_port_indexes(
      Pointer model, Pointer indexes, Pointer shapes, long count);

  static native int ov_port_get_any_name(Pointer port, Pointer name);

  static native int ov_port_get_partial_shape(Pointer port, Pointer shape);

  static native int ov_port_get_element_type(Pointer port, Pointer type);

  static native void ov_output_const_port_free(Pointer port);

  static native void ov_partial_shape_free(Pointer shape);

  static native int ov_compiled_model_inputs_size(Pointer compiled, Pointer count);

  static native int ov_compiled_model_outputs_size(Pointer compiled, Pointer count);

  static native int ov_compiled_model_input_by_index(Pointer compiled, long index, Pointer port);

  static native int ov_compiled_model_output_by_index(Pointer compiled, long index, Pointer port);

  static native int ov_compiled_model_create_infer_request(Pointer compiled, Pointer request);

  static native int ov_compiled_model_get_property(Pointer compiled, Pointer key, Pointer value);

  static native int ov_compiled_model_export_model(Pointer compiled, Pointer path);

  static native void ov_compiled_model_free(Pointer compiled);

  static native int ov_infer_request_set_input_tensor_by_index(
      Pointer request, long index, Pointer tensor);

  static native int ov_infer_request_set_output_tensor_by_index(
      Pointer request, long index, Pointer tensor);

  static native int ov_infer_request_get_output_tensor_by_index(
      Pointer request, long index, Pointer tensor);

  static native int ov_infer_request_infer(Pointer request);

  static native int ov_infer_request_set_callback(Pointer request, Pointer callback);

  static native int ov_infer_request_cancel(Pointer request);

  static native int ov_infer_request_start_async(Pointer request);

  static native int ov_infer_request_wait(Pointer request);

  static native int ov_infer_request_get_profiling_info(Pointer request, Pointer list);

  static native void ov_profiling_info_list_free(Pointer list);

  static native void ov_infer_request_free(Pointer request);

  static native int ov_tensor_create_from_host_ptr(
      int type, Shape shape, Pointer memory, Pointer tensor);

  static native int ov_tensor_create(int type, Shape shape, Pointer tensor);

  static native int ov_tensor_get_shape(Pointer tensor, Pointer shape);

  static native int ov_shape_free(Pointer shape);

  static native int ov_tensor_get_element_type(Pointer tensor, Pointer type);

  static native int ov_tensor_get_byte_size(Pointer tensor, Pointer bytes);

  static native int ov_tensor_data(Pointer tensor, Pointer data);

  static native void ov_tensor_free(Pointer tensor);
}
