package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One compiled model of OpenVINO's: the shapes of one profile, or all that the model declares.
 *
 * <p>Thread-safe, but for {@link #free}, which is called once and last.
 */
final class CompiledShape {
  private final Pointer compiled;
  // A loaded model's settings belong to a core of its own, which some devices go on asking.
  private final @Nullable Pointer ownCore;
  private final @Nullable Blob blob;
  private final List<Ports.Port> inputs;
  private final List<Ports.Port> outputs;
  // For each output the number of the input that it is, or -1.
  private final int[] returned;

  private CompiledShape(Pointer compiled, @Nullable Pointer ownCore, @Nullable Blob blob) {
    this.compiled = compiled;
    this.ownCore = ownCore;
    this.blob = blob;
    Memory count = Calls.cell();
    Calls.check(OpenVinoC.ov_compiled_model_inputs_size(compiled, count));
    inputs =
        Ports.read(
            count.getLong(0),
            (i, cell) -> OpenVinoC.ov_compiled_model_input_by_index(compiled, i, cell));
    Calls.check(OpenVinoC.ov_compiled_model_outputs_size(compiled, count));
    outputs =
        Ports.read(
            count.getLong(0),
            (i, cell) -> OpenVinoC.ov_compiled_model_output_by_index(compiled, i, cell));
    returned = returned(inputs, outputs);
  }

  /** Compiles a model that was read. */
  static CompiledShape compile(
      OpenVinoRuntime runtime, Pointer model, String device, Map<String, String> properties) {
    Memory cell = Calls.cell();
    Map<String, String> here = Settings.withThreads(device, properties);
    Object[] texts = new Object[2 * here.size()];
    int at = 0;
    for (Map.Entry<String, String> e : here.entrySet()) {
      texts[at++] = Calls.text(e.getKey());
      texts[at++] = Calls.text(e.getValue());
    }
    Calls.check(
        runtime
            .variadic()
            .ov_core_compile_model(
                runtime.core(), model, Calls.text(device), texts.length, cell, texts));
    return own(Calls.handle(cell), null, null);
  }

  /** Imports what {@link #export} wrote; takes over the blob, also if that fails. */
  static CompiledShape load(
      OpenVinoRuntime runtime, Blob blob, String device, Map<String, String> properties) {
    Pointer core = null;
    boolean complete = false;
    try {
      core = runtime.newCore(device, Settings.withThreads(device, properties));
      Memory cell = Calls.cell();
      Calls.check(
          OpenVinoC.ov_core_import_model(
              core, blob.start(), blob.bytes(), Calls.text(device), cell));
      CompiledShape loaded = own(Calls.handle(cell), core, blob);
      complete = true;
      return loaded;
    } finally {
      if (!complete) {
        if (core != null) {
          OpenVinoC.ov_core_free(core);
        }
        blob.free();
      }
    }
  }

  private static CompiledShape own(Pointer compiled, @Nullable Pointer core, @Nullable Blob blob) {
    boolean complete = false;
    try {
      CompiledShape shape = new CompiledShape(compiled, core, blob);
      complete = true;
      return shape;
    } finally {
      if (!complete) {
        OpenVinoC.ov_compiled_model_free(compiled);
      }
    }
  }

  List<Ports.Port> inputs() {
    return inputs;
  }

  List<Ports.Port> outputs() {
    return outputs;
  }

  /**
   * Finds the input that an output is, untouched. Bound to memory of its own, such an output takes
   * the place of the input's memory in OpenVINO 2024 and 2025, and neither has its values any more.
   */
  OptionalInt inputReturnedBy(int output) {
    return returned[output] < 0 ? OptionalInt.empty() : OptionalInt.of(returned[output]);
  }

  /** Ports that are one tensor have one set of names, of which OpenVINO tells the same one. */
  private static int[] returned(List<Ports.Port> inputs, List<Ports.Port> outputs) {
    List<String> names = inputs.stream().map(Ports.Port::name).toList();
    return outputs.stream()
        .mapToInt(o -> o.name().isEmpty() ? -1 : names.indexOf(o.name()))
        .toArray();
  }

  /** Makes a request, which the caller frees. */
  Pointer newRequest() {
    Memory cell = Calls.cell();
    Calls.check(OpenVinoC.ov_compiled_model_create_infer_request(compiled, cell));
    return Calls.handle(cell);
  }

  String property(String key) {
    Memory cell = Calls.cell();
    Calls.check(OpenVinoC.ov_compiled_model_get_property(compiled, Calls.text(key), cell));
    return Calls.takeText(cell);
  }

  /** Writes what {@link #load} reads. */
  void export(Path file) throws IOException {
    if (blob != null) {
      // What OpenVINO exports of an imported model it may refuse to import.
      blob.write(file);
      return;
    }
    Calls.check(OpenVinoC.ov_compiled_model_export_model(compiled, Calls.text(file.toString())));
  }

  void free() {
    OpenVinoC.ov_compiled_model_free(compiled);
    if (ownCore != null) {
      OpenVinoC.ov_core_free(ownCore);
    }
    if (blob != null) {
      blob.free();
    }
  }
}
