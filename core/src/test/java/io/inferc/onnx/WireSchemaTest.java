package io.inferc.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.TensorProto;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The ways that are written down against those that the schema's own descriptors tell. */
class WireSchemaTest {
  private final Map<Descriptor, Message.Builder> messages = new LinkedHashMap<>();

  WireSchemaTest() {
    collect(ModelProto.newBuilder());
  }

  private void collect(Message.Builder builder) {
    if (messages.putIfAbsent(builder.getDescriptorForType(), builder) == null) {
      for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
        if (isMessage(field)) {
          collect(builder.newBuilderForField(field));
        }
      }
    }
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private static boolean leadsToTensors(Descriptor message, Set<Descriptor> seen) {
    return message.equals(TensorProto.getDescriptor())
        || (seen.add(message)
            && message.getFields().stream()
                .anyMatch(f -> isMessage(f) && leadsToTensors(f.getMessageType(), seen)));
  }

  @Test
  void justTheFieldsThatLeadToRawDataAreWalked() {
    int walked = 0;
    for (Message.Builder message : messages.values()) {
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        boolean expected =
            isMessage(field)
                ? leadsToTensors(field.getMessageType(), new HashSet<>())
                : message instanceof TensorProto.Builder
                    && field.getNumber() == TensorProto.RAW_DATA_FIELD_NUMBER;
        assertEquals(
            expected, WireSchema.isWalked(message, field.getNumber()), field.getFullName());
        walked += expected ? 1 : 0;
      }
      assertTrue(!WireSchema.isWalked(message, 12345));
    }
    assertTrue(walked > 15, "walked " + walked);
  }

  @Test
  void eachWayLeadsToTheMessageOfItsField() {
    for (Message.Builder message : messages.values()) {
      for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
        if (!isMessage(field) || !WireSchema.isWalked(message, field.getNumber())) {
          continue;
        }
        Message.Builder fresh = message.getDefaultInstanceForType().newBuilderForType();
        Message.Builder inner = WireSchema.inner(fresh, field.getNumber());
        assertEquals(field.getMessageType(), inner.getDescriptorForType(), field.getFullName());
        Message.Builder again = WireSchema.inner(fresh, field.getNumber());
        if (field.isRepeated()) {
          assertNotSame(inner, again, field.getFullName());
          assertEquals(2, fresh.getRepeatedFieldCount(field), field.getFullName());
        } else {
          assertSame(inner, again, field.getFullName());
          assertTrue(fresh.hasField(field), field.getFullName());
        }
      }
    }
  }
}
