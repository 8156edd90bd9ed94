package io.inferc.backend.migraphx;

import io.inferc.tensor.DataType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The codes that the loaded MIGraphX gives element types. Version 2.14 put a type in front of the
 * others, so that all codes moved by one; which of the two it is shows in the width of a code.
 */
final class ElementTypes {
  private final Map<DataType, Integer> codes;

  private ElementTypes(Map<DataType, Integer> codes) {
    this.codes = codes;
  }

  /**
   * Works out the codes.
   *
   * @param widthOf3 the bytes of one element with the code 3
   * @param widthOf4 the bytes of one element with the code 4
   * @param bfloat16 whether this version knows bfloat16
   * @return the codes, or empty if this is neither of the known orders
   */
  static Optional<ElementTypes> of(long widthOf3, long widthOf4, boolean bfloat16) {
    int first;
    if (widthOf3 == 4 && widthOf4 == 8) {
      first = 1;
    } else if (widthOf3 == 2 && widthOf4 == 4) {
      first = 2;
    } else {
      return Optional.empty();
    }
    Map<DataType, Integer> codes = new EnumMap<>(DataType.class);
    codes.put(DataType.BOOL, first);
    codes.put(DataType.FLOAT16, first + 1);
    codes.put(DataType.FLOAT32, first + 2);
    codes.put(DataType.FLOAT64, first + 3);
    codes.put(DataType.UINT8, first + 4);
    codes.put(DataType.INT8, first + 5);
    codes.put(DataType.UINT16, first + 6);
    codes.put(DataType.INT16, first + 7);
    codes.put(DataType.INT32, first + 8);
    codes.put(DataType.INT64, first + 9);
    codes.put(DataType.UINT32, first + 10);
    codes.put(DataType.UINT64, first + 11);
    // Of the 8-bit floats its ONNX reader takes this one only.
    codes.put(DataType.FLOAT8E4M3FNUZ, first + 12);
    if (bfloat16) {
      codes.put(DataType.BFLOAT16, first + 15);
    }
    return Optional.of(new ElementTypes(Collections.unmodifiableMap(codes)));
  }

  /** The types that can be inputs and outputs. */
  Set<DataType> types() {
    return EnumSet.copyOf(codes.keySet());
  }

  /** Returns the code of one of {@link #types()}. */
  int code(DataType type) {
    Integer code = codes.get(type);
    if (code == null) {
      throw new IllegalArgumentException(
          "Tried to pass a " + type + " tensor to MIGraphX, which takes " + codes.keySet() + ".");
    }
    return code;
  }

  Optional<DataType> type(int code) {
    return codes.entrySet().stream()
        .filter(e -> e.getValue() == code)
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
