package io.inferc.testing.conformance;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.inferc.onnx.TestTensors;
import io.inferc.onnx.internal.proto.TensorProto;
import io.inferc.onnx.internal.proto.TypeProto;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An input or expected output.
 *
 * @param kind a tensor, a sequence of tensors, or an optional of either
 * @param tensors its tensors: one of a tensor, any number of a sequence, none of an empty optional
 * @param message the message that holds it, for constants and other runtimes
 */
record CaseValue(Kind kind, List<Tensor> tensors, ByteString message) {
  // Fields of SequenceProto and OptionalProto, which no model holds and inferc's schema leaves out.
  private static final int SEQUENCE_TENSORS = 3;
  private static final int OPTIONAL_TENSOR = 3;
  private static final int OPTIONAL_SEQUENCE = 5;

  /** What a value is. */
  enum Kind {
    /** A tensor. */
    TENSOR,
    /** A list of tensors. */
    SEQUENCE,
    /** A tensor, a list, or nothing. */
    OPTIONAL
  }

  /**
   * Decodes a value of the test data.
   *
   * @param message the content of its file
   * @param type the declared type of the input or output
   */
  static CaseValue of(ByteString message, TypeProto type) throws InvalidProtocolBufferException {
    if (type.hasSequenceType()) {
      return new CaseValue(Kind.SEQUENCE, tensors(message, SEQUENCE_TENSORS), message);
    }
    if (type.hasOptionalType()) {
      List<Tensor> inside = tensors(message, OPTIONAL_TENSOR);
      for (ByteString sequence : field(message, OPTIONAL_SEQUENCE)) {
        inside.addAll(tensors(sequence, SEQUENCE_TENSORS));
      }
      return new CaseValue(Kind.OPTIONAL, inside, message);
    }
    return new CaseValue(
        Kind.TENSOR, List.of(TestTensors.of(TensorProto.parseFrom(message))), message);
  }

  /** The tensor, if it is one. */
  Optional<Tensor> tensor() {
    return kind == Kind.TENSOR ? Optional.of(tensors.get(0)) : Optional.empty();
  }

  private static List<Tensor> tensors(ByteString message, int field)
      throws InvalidProtocolBufferException {
    List<Tensor> tensors = new ArrayList<>();
    for (ByteString tensor : field(message, field)) {
      tensors.add(TestTensors.of(TensorProto.parseFrom(tensor)));
    }
    return tensors;
  }

  private static List<ByteString> field(ByteString message, int number)
      throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(message).getField(number).getLengthDelimitedList();
  }
}
