package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Answers by gRPC that are right in unusual ways, and those that are wrong. */
class GrpcReplyTest {
  private static final long MOST = 1 << 20;

  private static Map<String, Tensor> read(byte[] reply) throws RequestFailure {
    return GrpcReply.read(reply, MOST);
  }

  private static Message output(String name, String datatype, List<Long> shape, Object... more) {
    Object[] fields = {"name", name, "datatype", datatype, "shape", shape};
    Object[] all = Arrays.copyOf(fields, fields.length + more.length);
    System.arraycopy(more, 0, all, fields.length, more.length);
    return GrpcSchema.message("InferOutputTensor", all);
  }

  private static Message typed(String field, Object... elements) {
    return GrpcSchema.message("InferTensorContents", field, List.of(elements));
  }

  private static byte[] reply(List<Message> outputs, ByteString... raw) {
    return GrpcSchema.message(
            "ModelInferResponse", "outputs", outputs, "raw_output_contents", List.of(raw))
        .toByteArray();
  }

  private static void assertBroken(String detail, byte[] reply) {
    assertBrokenHere(detail, () -> read(reply));
  }

  private static void assertBroken(String detail, Message output, ByteString... raw) {
    assertBroken(detail, reply(List.of(output), raw));
  }

  @Test
  void outputsKeepTheServersOrder() throws RequestFailure {
    Map<String, Tensor> outputs =
        read(
            reply(
                List.of(output("z", "INT8", List.of(1L)), output("a", "INT8", List.of(2L))),
                ByteString.copyFrom(new byte[] {5}),
                ByteString.copyFrom(new byte[] {6, 7})));
    assertEquals(List.of("z", "a"), List.copyOf(outputs.keySet()));
    assertEquals(7, outputs.get("a").bytes().get(1));
    outputs.values().forEach(Tensor::close);
  }

  @Test
  void contentsOfNothingBesideRawBytesAreNone() throws RequestFailure {
    Message empty = GrpcSchema.message("InferTensorContents");
    Message output = output("y", "INT8", List.of(1L), "contents", empty);
    try (Tensor y = read(reply(List.of(output), ByteString.copyFrom(new byte[] {5}))).get("y")) {
      assertEquals(5, y.bytes().get(0));
    }
  }

  /** Protobuf lets writers choose the order of fields, and whether numbers are packed. */
  @Test
  void numbersOfTheirOwnFieldsAndFieldsInAnyOrderAreRead() throws Exception {
    byte[] contents =
        written(
            to -> {
              to.writeInt64(3, 7);
              to.writeInt64(3, -1);
            });
    byte[] output =
        written(
            to -> {
              to.writeByteArray(5, contents);
              to.writeInt64(3, 1);
              to.writeInt64(3, 2);
              to.writeString(99, "unknown");
              to.writeString(2, "INT64");
              to.writeString(1, "y");
            });
    try (Tensor y = read(written(to -> to.writeByteArray(5, output))).get("y")) {
      assertArrayEquals(new long[] {1, 2}, y.shape());
      assertArrayEquals(new long[] {7, -1}, y.toLongArray());
    }
  }

  @Test
  void aFieldThatIsWrittenAsAnotherTypesIsBroken() throws IOException {
    String detail = "written as another type's";
    for (int field = 1; field <= 6; field++) {
      int number = field;
      byte[] fixed = written(to -> to.writeFixed64(number, 0));
      if (field >= 5) {
        assertBroken(detail, fixed);
      }
      if (field <= 3 || field == 5) {
        assertBroken(detail, written(to -> to.writeByteArray(5, fixed)));
      }
      if (field >= 3 && field <= 5) {
        assertBrokenHere(detail, () -> GrpcMessages.metadata("m", fixed));
      }
    }
    assertBrokenHere(detail, () -> GrpcMessages.isReady(written(to -> to.writeString(1, "yes"))));
    assertBroken(detail, contents("FP32", to -> to.writeInt32(6, 1)));
    assertBroken(detail, contents("FP64", to -> to.writeFixed32(7, 1)));
    assertBroken(detail, contents("INT64", to -> to.writeFixed64(3, 1)));
    assertBroken(detail, contents("BYTES", to -> to.writeInt32(8, 0)));
  }

  @Test
  void theEndOfAGroupThatDidNotBeginIsBroken() throws IOException {
    Writing end = to -> to.writeTag(9, WireFormat.WIRETYPE_END_GROUP);
    // In the words of some versions of protobuf, else in ours.
    String detail = "group";
    assertBroken(detail, written(end));
    assertBroken(detail, written(to -> to.writeByteArray(5, written(end))));
    assertBrokenHere(detail, () -> GrpcMessages.isReady(written(end)));
    byte[] group =
        written(
            to -> {
              to.writeTag(9, WireFormat.WIRETYPE_START_GROUP);
              end.to(to);
            });
    assertBroken("no outputs", group);
  }

  /** An answer of one element, as it is written here. */
  private static byte[] contents(String datatype, Writing element) throws IOException {
    byte[] output =
        written(
            to -> {
              to.writeString(1, "y");
              to.writeString(2, datatype);
              to.writeInt64(3, 1);
              to.writeByteArray(5, written(element));
            });
    return written(to -> to.writeByteArray(5, output));
  }

  private static void assertBrokenHere(String detail, Executable reading) {
    RequestFailure e = assertThrows(RequestFailure.class, reading);
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains(detail), e.detail());
  }

  private static byte[] written(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream to = CodedOutputStream.newInstance(bytes);
    writing.to(to);
    to.flush();
    return bytes.toByteArray();
  }

  private interface Writing {
    void to(CodedOutputStream to) throws IOException;
  }

  @Test
  void anAnswerThatDescribesNoTensorIsBroken() {
    assertBroken("no outputs", new byte[0]);
    assertBroken("no name", output("", "FP32", List.of(0L)));
    assertBroken("datatype", output("y", "FP8", List.of(0L)));
    assertBroken("something else than sizes", output("y", "FP32", List.of(-1L)));
    assertBroken("more than 64 sizes", output("y", "FP32", Collections.nCopies(65, 1L)));
    assertBroken(
        "one name",
        reply(List.of(output("y", "FP32", List.of(0L)), output("y", "FP32", List.of(0L)))));
  }

  @Test
  void rawContentsThatDoNotFitTheirOutputsAreBroken() {
    ByteString four = GrpcTestServer.bytes(4);
    assertBroken("number of bytes", output("y", "FP32", List.of(2L)), four);
    assertBroken("raw contents of 2 outputs", output("y", "FP32", List.of(1L)), four, four);
    assertBroken("more elements", output("y", "FP32", List.of(1L << 40)), four);
    assertBroken("more elements", output("y", "FP32", List.of(1L << 40, 1L << 40)), four);
    assertBroken(
        "twice", output("y", "FP32", List.of(1L), "contents", typed("fp32_contents", 1f)), four);
    assertBroken(
        "neither 0 nor 1", output("y", "BOOL", List.of(1L)), ByteString.copyFrom(new byte[] {2}));
    assertBroken("inside an element", output("y", "BYTES", List.of(1L)), GrpcTestServer.bytes(3));
  }

  @Test
  void typedElementsThatDoNotFitTheirOutputsAreBroken() {
    List<Long> one = List.of(1L);
    assertBroken("another number", output("y", "FP32", one));
    assertBroken(
        "another number", output("y", "FP32", one, "contents", typed("fp32_contents", 1f, 2f)));
    assertBroken("another type", output("y", "FP32", one, "contents", typed("fp64_contents", 1.0)));
    assertBroken("raw contents", output("y", "FP16", one, "contents", typed("fp32_contents", 1f)));
    assertBroken("does not hold", output("y", "INT8", one, "contents", typed("int_contents", 128)));
    assertBroken(
        "does not hold", output("y", "UINT16", one, "contents", typed("uint_contents", -1)));
    assertBroken(
        "UTF-8",
        output(
            "y",
            "BYTES",
            one,
            "contents",
            typed("bytes_contents", ByteString.copyFrom(new byte[] {(byte) 0xff}))));
  }

  /** Two bytes each in the answer would be objects of many. */
  @Test
  void moreTensorsThanAModelHasAreBroken() throws IOException {
    for (int field : new int[] {5, 6}) {
      byte[] many = written(to -> empty(to, field, OutputMemory.TENSORS + 1));
      assertBroken("more than 1000 tensors", many);
    }
    assertBroken("an output has no name", written(to -> empty(to, 5, OutputMemory.TENSORS)));
    byte[] described =
        GrpcSchema.message("TensorMetadata", "name", "x", "datatype", "FP32").toByteArray();
    for (int field : new int[] {4, 5}) {
      byte[] metadata =
          written(
              to -> {
                for (int i = 0; i <= OutputMemory.TENSORS; i++) {
                  to.writeByteArray(field, described);
                }
              });
      assertBrokenHere("more than 1000 tensors", () -> GrpcMessages.metadata("m", metadata));
    }
  }

  private static void empty(CodedOutputStream to, int field, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      to.writeByteArray(field, new byte[0]);
    }
  }

  @Test
  void outputsThatTakeMoreMemoryThanIsAllowedAreBroken() throws RequestFailure {
    Object[] zeros = Collections.nCopies(100, 0L).toArray();
    Message y = output("y", "INT64", List.of(100L), "contents", typed("int64_contents", zeros));
    Message z = output("z", "INT64", List.of(100L), "contents", typed("int64_contents", zeros));
    byte[] two = reply(List.of(y, z));
    GrpcReply.read(two, 1600).values().forEach(Tensor::close);
    assertTooLarge(two, 1599);
    byte[] texts =
        reply(
            List.of(
                output(
                    "t",
                    "BYTES",
                    List.of(100L),
                    "contents",
                    typed("bytes_contents", Collections.nCopies(100, text()).toArray()))));
    GrpcReply.read(texts, 3200).values().forEach(Tensor::close);
    assertTooLarge(texts, 3199);
  }

  private static void assertTooLarge(byte[] reply, long most) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> GrpcReply.read(reply, most));
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains("more than the " + most + " bytes"), e.detail());
  }

  @Test
  void anOutputThatThereIsNoMemoryForIsBroken() {
    RequestFailure e =
        assertThrows(
            RequestFailure.class,
            () -> OutputMemory.allocate(DataType.INT8, new long[] {1L << 40}));
    assertEquals(Outcome.BROKEN, e.outcome());
    assertTrue(e.detail().contains("no memory for an output"), e.detail());
  }

  /** Whatever bytes come, they are an answer or broken. */
  @Test
  void anAnswerThatIsCutOrAlteredIsReadOrBroken() {
    byte[] whole =
        reply(
            List.of(
                output("y", "FP32", List.of(2L), "contents", typed("fp32_contents", 1f, 2f)),
                output("t", "BYTES", List.of(1L), "contents", typed("bytes_contents", text()))));
    for (int length = 0; length < whole.length; length++) {
      readOrBroken(Arrays.copyOf(whole, length));
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] altered = whole.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        altered[random.nextInt(altered.length)] = (byte) random.nextInt();
      }
      try {
        readOrBroken(altered);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", answer " + i, e);
      }
    }
  }

  private static ByteString text() {
    return ByteString.copyFromUtf8("größer");
  }

  private static void readOrBroken(byte[] reply) {
    try {
      read(reply).values().forEach(Tensor::close);
    } catch (RequestFailure e) {
      assertEquals(Outcome.BROKEN, e.outcome());
    }
  }
}
