package io.inferc.benchmark.endpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/** Reads messages of protobuf field by field, passing over those that nobody asks for. */
final class ProtoFields {
  private ProtoFields() {}

  /** Reads a whole message. */
  static void read(CodedInputStream from, Reading fields) throws RequestFailure {
    try {
      readToEnd(from, fields);
    } catch (IOException e) {
      throw RequestFailure.broken("the answer is no message of protobuf: " + ErrorText.of(e));
    }
  }

  /** Reads a message inside another, whose tag has been read. */
  static void readNested(CodedInputStream from, Reading fields) throws IOException, RequestFailure {
    int outside = from.pushLimit(from.readRawVarint32());
    readToEnd(from, fields);
    from.popLimit(outside);
  }

  private static void readToEnd(CodedInputStream from, Reading fields)
      throws IOException, RequestFailure {
    for (int tag = from.readTag(); tag != 0; tag = from.readTag()) {
      if (!fields.take(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag), from)
          && !from.skipField(tag)) {
        throw RequestFailure.broken("the answer ends a group of protobuf that it did not begin");
      }
    }
  }

  /**
   * Refuses a field that is written as none of its type: read all the same, its bytes would be
   * others.
   */
  static void requireWire(int expected, int wire) throws RequestFailure {
    if (wire != expected) {
      throw RequestFailure.broken("the answer has a field that is written as another type's");
    }
  }

  /**
   * Reads numbers that stand in one field, or in many of one number each: both are allowed.
   *
   * @param single how a field of one number is written
   * @param wire how the field that was met is written
   */
  static void readNumbers(CodedInputStream from, int single, int wire, Element element)
      throws IOException, RequestFailure {
    if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      requireWire(single, wire);
      element.read(from);
      return;
    }
    int outside = from.pushLimit(from.readRawVarint32());
    while (!from.isAtEnd()) {
      element.read(from);
    }
    from.popLimit(outside);
  }

  /** Takes a field, or leaves it. */
  interface Reading {
    boolean take(int field, int wire, CodedInputStream from) throws IOException, RequestFailure;
  }

  /** Takes one number. */
  interface Element {
    void read(CodedInputStream from) throws IOException, RequestFailure;
  }
}
