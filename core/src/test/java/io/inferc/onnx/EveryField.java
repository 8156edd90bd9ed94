package io.inferc.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.inferc.onnx.internal.proto.GraphProto;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import java.util.HashMap;
import java.util.Map;

/** Makes a message in which every field of the schema is set, and fields that it does not know. */
final class EveryField {
  private static final int DEEPEST = 9;
  private static final int UNKNOWN_NUMBER = 4711;

  private final Map<Descriptor, Integer> turns = new HashMap<>();
  private int counter;

  private EveryField() {}

  static ModelProto model() {
    return (ModelProto) new EveryField().fill(ModelProto.newBuilder(), 0);
  }

  private Message fill(Message.Builder builder, int depth) {
    Descriptor type = builder.getDescriptorForType();
    // Each message of a type sets the next of its alternatives, so that all of them occur.
    int turn = turns.merge(type, 1, Integer::sum);
    for (FieldDescriptor field : type.getFields()) {
      if (field.getNumber() == TensorProto.MAPPED_RUN_FIELD_NUMBER) {
        // Never in a file.
        continue;
      }
      boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (message && depth >= DEEPEST) {
        continue;
      }
      OneofDescriptor oneof = field.getContainingOneof();
      if (oneof != null && oneof.getField(turn % oneof.getFieldCount()) != field) {
        continue;
      }
      if (message && isHeavy(field) && depth > 4) {
        continue;
      }
      if (field.isRepeated()) {
        builder.addRepeatedField(field, value(builder, field, depth));
        builder.addRepeatedField(field, value(builder, field, depth));
      } else {
        builder.setField(field, value(builder, field, depth));
      }
    }
    return builder.setUnknownFields(unknown()).build();
  }

  /** Graphs hold nodes that hold graphs: without an end to that, the model grows exponentially. */
  private static boolean isHeavy(FieldDescriptor field) {
    return field.getMessageType().equals(GraphProto.getDescriptor())
        || field.getMessageType().equals(TensorProto.getDescriptor()) && field.isRepeated();
  }

  private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
    counter++;
    return switch (field.getJavaType()) {
      case INT -> counter;
      case LONG -> -(long) counter * 1_000_003;
      case FLOAT -> counter + 0.5f;
      case DOUBLE -> counter + 0.25;
      case BOOLEAN -> true;
      case STRING -> "text " + counter + " \u00e9\u4e2d";
      // Not UTF-8 on purpose.
      case BYTE_STRING -> ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) counter, 0});
      case ENUM ->
          field.getEnumType().getValues().get(counter % field.getEnumType().getValues().size());
      case MESSAGE -> fill(builder.newBuilderForField(field), depth + 1);
    };
  }

  private UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(
            UNKNOWN_NUMBER,
            UnknownFieldSet.Field.newBuilder()
                .addVarint(++counter)
                .addFixed32(counter)
                .addFixed64(-counter)
                .addLengthDelimited(ByteString.copyFromUtf8("of a later specification"))
                .build())
        .build();
  }
}
