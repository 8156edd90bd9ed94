package io.inferc.benchmark.endpoint;

import io.inferc.tensor.DataType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names of element types in the Open Inference Protocol. BF16 is no part of it; Triton has it.
 */
final class ProtocolTypes {
  /** How many dimensions an output may have. */
  static final int RANKS = 64;

  private static final Map<DataType, String> NAMES = new EnumMap<>(DataType.class);
  private static final Map<String, DataType> TYPES = new HashMap<>();

  static {
    NAMES.put(DataType.BOOL, "BOOL");
    NAMES.put(DataType.UINT8, "UINT8");
    NAMES.put(DataType.UINT16, "UINT16");
    NAMES.put(DataType.UINT32, "UINT32");
    NAMES.put(DataType.UINT64, "UINT64");
    NAMES.put(DataType.INT8, "INT8");
    NAMES.put(DataType.INT16, "INT16");
    NAMES.put(DataType.INT32, "INT32");
    NAMES.put(DataType.INT64, "INT64");
    NAMES.put(DataType.FLOAT16, "FP16");
    NAMES.put(DataType.FLOAT32, "FP32");
    NAMES.put(DataType.FLOAT64, "FP64");
    NAMES.put(DataType.BFLOAT16, "BF16");
    NAMES.put(DataType.STRING, "BYTES");
    NAMES.forEach((type, name) -> TYPES.put(name, type));
  }

  private ProtocolTypes() {}

  static String name(DataType type, String input) {
    String name = NAMES.get(type);
    if (name == null) {
      throw new IllegalArgumentException(
          "Tried to send the input "
              + ErrorText.line(input)
              + " of type "
              + type
              + ", which the Open Inference Protocol has no name for. Give a tensor of one of "
              + NAMES.keySet()
              + ".");
    }
    return name;
  }

  static Optional<DataType> type(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }

  /** The type of an output that came. */
  static DataType ofOutput(String name) throws RequestFailure {
    return type(name)
        .orElseThrow(
            () ->
                RequestFailure.broken(
                    "an output has the datatype "
                        + ErrorText.line(name)
                        + ", which the protocol does not know"));
  }

  /**
   * The number of an output's elements, for which memory may be taken: each has a byte in the
   * answer.
   */
  static long count(long[] shape, int answerBytes) throws RequestFailure {
    long count = 1;
    try {
      for (long size : shape) {
        count = Math.multiplyExact(count, size);
      }
    } catch (ArithmeticException e) {
      count = Long.MAX_VALUE;
    }
    if (count > answerBytes) {
      throw RequestFailure.broken("an output's shape asks for more elements than the answer has");
    }
    return count;
  }
}
