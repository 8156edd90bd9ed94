package io.inferc.benchmark.endpoint;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Locale;

/** The protocol's messages for protobuf's own code, to which what is written by hand is held. */
final class GrpcSchema {
  private static final FileDescriptor FILE = file();

  private GrpcSchema() {}

  private static FileDescriptor file() {
    String[] tensor = {"name:string", "datatype:string", "shape:int64*"};
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName("inference.proto")
            .setPackage("inference")
            .setSyntax("proto3")
            .addMessageType(type("ModelReadyRequest", "name:string", "version:string"))
            .addMessageType(type("ModelReadyResponse", "ready:bool"))
            .addMessageType(type("TensorMetadata", tensor))
            .addMessageType(
                type(
                    "ModelMetadataResponse",
                    "name:string",
                    "versions:string*",
                    "platform:string",
                    "inputs:TensorMetadata*",
                    "outputs:TensorMetadata*"))
            .addMessageType(
                type(
                    "InferTensorContents",
                    "bool_contents:bool*",
                    "int_contents:int32*",
                    "int64_contents:int64*",
                    "uint_contents:uint32*",
                    "uint64_contents:uint64*",
                    "fp32_contents:float*",
                    "fp64_contents:double*",
                    "bytes_contents:bytes*"))
            .addMessageType(withContents(type("InferInputTensor", tensor)))
            .addMessageType(withContents(type("InferOutputTensor", tensor)))
            .addMessageType(
                type(
                    "ModelInferRequest",
                    "model_name:string",
                    "model_version:string",
                    "id:string",
                    "",
                    "inputs:InferInputTensor*",
                    "",
                    "raw_input_contents:bytes*"))
            .addMessageType(
                type(
                    "ModelInferResponse",
                    "model_name:string",
                    "model_version:string",
                    "id:string",
                    "",
                    "outputs:InferOutputTensor*",
                    "raw_output_contents:bytes*"))
            .build();
    try {
      return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DescriptorProto withContents(DescriptorProto tensor) {
    return tensor.toBuilder().addField(field(5, "contents:InferTensorContents")).build();
  }

  /** Fields numbered from 1; an empty one leaves a number out. */
  private static DescriptorProto type(String name, String... fields) {
    DescriptorProto.Builder type = DescriptorProto.newBuilder().setName(name);
    for (int i = 0; i < fields.length; i++) {
      if (!fields[i].isEmpty()) {
        type.addField(field(i + 1, fields[i]));
      }
    }
    return type.build();
  }

  private static FieldDescriptorProto field(int number, String text) {
    String[] parts = text.replace("*", "").split(":");
    FieldDescriptorProto.Builder field =
        FieldDescriptorProto.newBuilder()
            .setName(parts[0])
            .setNumber(number)
            .setLabel(text.endsWith("*") ? Label.LABEL_REPEATED : Label.LABEL_OPTIONAL);
    if (Character.isUpperCase(parts[1].charAt(0))) {
      return field.setType(Type.TYPE_MESSAGE).setTypeName(".inference." + parts[1]).build();
    }
    return field.setType(Type.valueOf("TYPE_" + parts[1].toUpperCase(Locale.ROOT))).build();
  }

  static Descriptor of(String type) {
    return FILE.findMessageTypeByName(type);
  }

  /** A message of fields and values in turns. */
  static Message message(String type, Object... fieldsAndValues) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(of(type));
    for (int i = 0; i < fieldsAndValues.length; i += 2) {
      FieldDescriptor field = of(type).findFieldByName((String) fieldsAndValues[i]);
      message.setField(field, fieldsAndValues[i + 1]);
    }
    return message.build();
  }

  private static Object get(Message message, String field) {
    return message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  static String text(Message message, String field) {
    return (String) get(message, field);
  }

  static List<?> list(Message message, String field) {
    return (List<?>) get(message, field);
  }

  static List<Message> messages(Message message, String field) {
    return list(message, field).stream().map(Message.class::cast).toList();
  }
}
