package io.inferc.onnx;

import io.inferc.onnx.internal.proto.StringStringEntryProto;
import io.inferc.onnx.internal.proto.TensorProto;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where the bytes of a tensor lie when they are not in the model file.
 *
 * @param location the file, relative to the model's folder, as the model says it
 * @param offset the first byte, 0 or more
 * @param length the number of bytes, or empty if the model leaves it to the tensor's shape
 * @param checksum the SHA-1 of the whole file as the model says it, or empty; not verified
 */
public record ExternalData(
    String location, long offset, OptionalLong length, Optional<String> checksum) {

  /** Checks that the numbers are not negative. */
  public ExternalData {
    if (offset < 0 || (length.isPresent() && length.getAsLong() < 0)) {
      throw new IllegalArgumentException(
          "Tried to place external data at offset "
              + offset
              + (length.isPresent() ? " with length " + length.getAsLong() : "")
              + " of '"
              + location
              + "', but neither may be negative.");
    }
  }

  static ExternalData of(TensorProto tensor) {
    String location = "";
    long offset = 0;
    OptionalLong length = OptionalLong.empty();
    Optional<String> checksum = Optional.empty();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      switch (entry.getKey()) {
        case "location" -> location = entry.getValue();
        case "offset" -> offset = number(tensor, entry);
        case "length" -> length = OptionalLong.of(number(tensor, entry));
        case "checksum" -> checksum = Optional.of(entry.getValue());
        default -> {
          // Keys of later specifications say nothing about where the bytes are.
        }
      }
    }
    if (location.isEmpty()) {
      throw new ModelFormatException(
          "Tried to find the external data of tensor '"
              + tensor.getName()
              + "', but the model names no file (key 'location').",
          "Export the model again.");
    }
    return new ExternalData(location, offset, length, checksum);
  }

  private static long number(TensorProto tensor, StringStringEntryProto entry) {
    try {
      long value = Long.parseLong(entry.getValue().strip());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, with what the model says.
    }
    throw new ModelFormatException(
        "Tried to find the external data of tensor '"
            + tensor.getName()
            + "', but its "
            + entry.getKey()
            + " is '"
            + entry.getValue()
            + "', which is not a number of 0 or more.",
        "Export the model again.");
  }
}
