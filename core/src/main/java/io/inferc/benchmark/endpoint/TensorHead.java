package io.inferc.benchmark.endpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What all messages of the protocol that describe a tensor begin with: {@code name = 1, datatype =
 * 2, shape = 3}.
 */
final class TensorHead implements ProtoFields.Reading {
  private final List<Long> shape = new ArrayList<>();
  private String name = "";
  private String datatype = "";

  @Override
  public boolean take(int field, int wire, CodedInputStream from)
      throws IOException, RequestFailure {
    switch (field) {
      case 1 -> {
        ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
        name = from.readStringRequireUtf8();
      }
      case 2 -> {
        ProtoFields.requireWire(WireFormat.WIRETYPE_LENGTH_DELIMITED, wire);
        datatype = from.readStringRequireUtf8();
      }
      case 3 ->
          ProtoFields.readNumbers(
              from,
              WireFormat.WIRETYPE_VARINT,
              wire,
              number -> {
                if (shape.size() == ProtocolTypes.RANKS) {
                  throw RequestFailure.broken(
                      "a shape has more than " + ProtocolTypes.RANKS + " sizes");
                }
                shape.add(number.readInt64());
              });
      default -> {
        return false;
      }
    }
    return true;
  }

  String name() {
    return name;
  }

  String datatype() {
    return datatype;
  }

  List<Long> shape() {
    return shape;
  }
}
