package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferc.tensor.DataType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * OpenVINO's element types and ours. The numbers of the types changed between 2024 and 2026, so the
 * loaded library is asked for each: a model with an input of every type tells.
 *
 * <p>Immutable.
 */
final class ElementTypes {
  /** OpenVINO's names of the types that inputs and outputs may have. */
  static final Map<DataType, String> NAMES;

  /**
   * The types that OpenVINO's devices compute in a smaller one, whatever the model says, and what
   * that is.
   */
  static final Map<DataType, DataType> NARROWED =
      Map.of(
          DataType.INT64, DataType.INT32,
          DataType.UINT64, DataType.INT32,
          DataType.UINT32, DataType.INT32,
          DataType.FLOAT64, DataType.FLOAT32);

  static {
    Map<DataType, String> names = new EnumMap<>(DataType.class);
    names.put(DataType.FLOAT32, "f32");
    names.put(DataType.FLOAT64, "f64");
    names.put(DataType.FLOAT16, "f16");
    names.put(DataType.BFLOAT16, "bf16");
    names.put(DataType.INT8, "i8");
    names.put(DataType.UINT8, "u8");
    names.put(DataType.INT16, "i16");
    names.put(DataType.UINT16, "u16");
    names.put(DataType.INT32, "i32");
    names.put(DataType.UINT32, "u32");
    names.put(DataType.INT64, "i64");
    names.put(DataType.UINT64, "u64");
    names.put(DataType.BOOL, "boolean");
    NAMES = Collections.unmodifiableMap(names);
  }

  private final Map<DataType, Integer> numbers;
  private final Map<Integer, DataType> types;

  private ElementTypes(Map<DataType, Integer> numbers) {
    this.numbers = Map.copyOf(numbers);
    Map<Integer, DataType> byNumber = new HashMap<>();
    numbers.forEach((type, number) -> byNumber.put(number, type));
    types = Map.copyOf(byNumber);
    if (types.size() != numbers.size()) {
      throw new CallException("it gives one number to several element types: " + numbers);
    }
  }

  /** Asks the loaded library. */
  static ElementTypes probe(Pointer core) {
    Memory ir = Calls.text(modelOfEveryType());
    Memory cell = Calls.cell();
    Calls.check(
        OpenVinoC.ov_core_read_model_from_memory_buffer(
            core, ir, ir.size() - 1, Pointer.NULL, cell));
    Pointer model = Calls.handle(cell);
    try {
      Map<DataType, Integer> numbers = new EnumMap<>(DataType.class);
      long index = 0;
      for (DataType type : NAMES.keySet()) {
        Calls.check(OpenVinoC.ov_model_const_input_by_index(model, index, cell));
        Pointer port = Calls.handle(cell);
        try {
          numbers.put(type, Ports.elementType(port));
        } finally {
          OpenVinoC.ov_output_const_port_free(port);
        }
        index++;
      }
      return new ElementTypes(numbers);
    } finally {
      OpenVinoC.ov_model_free(model);
    }
  }

  /** OpenVINO IR with one input of each type, in the order of {@link #NAMES}. */
  private static String modelOfEveryType() {
    StringBuilder layers = new StringBuilder();
    StringBuilder edges = new StringBuilder();
    int index = 0;
    for (String name : NAMES.values()) {
      String port = "<port id=\"0\" precision=\"" + precision(name) + "\"><dim>1</dim></port>";
      layers
          .append("<layer id=\"" + index + "\" name=\"in" + index + "\" type=\"Parameter\"")
          .append(" version=\"opset1\"><data shape=\"1\" element_type=\"" + name + "\"/>")
          .append("<output>" + port + "</output></layer>");
      int result = NAMES.size() + index;
      layers
          .append("<layer id=\"" + result + "\" name=\"out" + index + "\" type=\"Result\"")
          .append(" version=\"opset1\"><input>" + port + "</input></layer>");
      edges
          .append("<edge from-layer=\"" + index + "\" from-port=\"0\"")
          .append(" to-layer=\"" + result + "\" to-port=\"0\"/>");
      index++;
    }
    return "<?xml version=\"1.0\"?><net name=\"types\" version=\"11\"><layers>"
        + layers
        + "</layers><edges>"
        + edges
        + "</edges></net>";
  }

  private static String precision(String name) {
    return switch (name) {
      case "boolean" -> "BOOL";
      case "f32" -> "FP32";
      case "f64" -> "FP64";
      case "f16" -> "FP16";
      default -> name.toUpperCase(Locale.ROOT);
    };
  }

  /** The library's number of a type. */
  int number(DataType type) {
    Integer number = numbers.get(type);
    if (number == null) {
      throw new IllegalArgumentException(
          "OpenVINO passes no " + type + " tensors; it passes " + NAMES.keySet() + ".");
    }
    return number;
  }

  /** The type of a number, or empty for one that cannot be passed. */
  Optional<DataType> type(int number) {
    return Optional.ofNullable(types.get(number));
  }
}
