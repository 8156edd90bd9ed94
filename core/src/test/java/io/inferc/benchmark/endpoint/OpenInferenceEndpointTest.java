package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.load.Answer;
import io.inferc.benchmark.load.Load;
import io.inferc.benchmark.load.LoadRun;
import io.inferc.benchmark.load.LoadTest;
import io.inferc.benchmark.load.PromptRequest;
import io.inferc.benchmark.load.Requests;
import io.inferc.benchmark.load.Subject;
import io.inferc.benchmark.load.TensorRequest;
import io.inferc.common.InfercException;
import io.inferc.common.ResourceClosedException;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Half;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OpenInferenceEndpointTest {

  /** A tensor of each type of the protocol, with the ends of what it holds. */
  private static Map<String, Tensor> eachType() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    all.put("BOOL", Tensor.of(new boolean[] {true, false}, 2));
    all.put("UINT8", Tensor.ofBytes(DataType.UINT8, new byte[] {0, -1, 127}, 3));
    all.put("INT8", Tensor.ofBytes(DataType.INT8, new byte[] {-128, 127, 0}, 1, 3));
    all.put("UINT16", shorts(DataType.UINT16, 0, 0xffff));
    all.put("INT16", shorts(DataType.INT16, Short.MIN_VALUE, Short.MAX_VALUE));
    all.put("FP16", shorts(DataType.FLOAT16, Half.toFloat16(-1.5f), 1, Half.toFloat16(65504)));
    all.put("BF16", shorts(DataType.BFLOAT16, Half.toBfloat16(3.0e38f), 0x8000));
    all.put("UINT32", words(DataType.UINT32, 0, -1));
    all.put("INT32", Tensor.of(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}, 2));
    all.put("UINT64", longs(DataType.UINT64, 0, -1, Long.MIN_VALUE));
    all.put("INT64", Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, 2));
    all.put("FP32", Tensor.of(new float[] {0.1f, -0f, Float.MAX_VALUE, Float.MIN_VALUE}, 2, 2));
    all.put("FP64", Tensor.of(new double[] {0.1, Double.MIN_VALUE, -Double.MAX_VALUE}, 3));
    all.put("BYTES", Tensor.ofStrings(List.of("", "größer \"x\"\n", "日本 😀"), 3));
    all.put("scalar", Tensor.of(new float[] {7}));
    all.put("empty", Tensor.of(new float[0], 0, 4));
    return all;
  }

  private static Tensor shorts(DataType type, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.nativeOrder());
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  private static Tensor words(DataType type, int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
    for (int value : values) {
      bytes.putInt(value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  private static Tensor longs(DataType type, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.nativeOrder());
    for (long value : values) {
      bytes.putLong(value);
    }
    return Tensor.ofBytes(type, bytes.array(), values.length);
  }

  private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) -> {
          Tensor other = actual.get(name);
          assertEquals(tensor.type(), other.type(), name);
          assertArrayEquals(tensor.shape(), other.shape(), name);
          if (tensor.type() == DataType.STRING) {
            assertEquals(tensor.strings(), other.strings());
          } else {
            assertEquals(tensor.bytes(), other.bytes(), name);
          }
        });
    actual.values().forEach(Tensor::close);
  }

  private static TensorRequest request() {
    return TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
  }

  @Test
  void eachTypeComesBackByJsonAsItWasSent() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo");
      assertFalse(endpoint.sendsBinary());
      assertSame(eachType(), endpoint.infer(eachType()));
      assertEquals("application/json", server.headers.getFirst("Content-Type"));
    }
  }

  @Test
  void eachTypeComesBackInBinaryAsItWasSent() throws IOException {
    try (EchoServer server = EchoServer.binary()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo");
      assertTrue(endpoint.sendsBinary());
      assertSame(eachType(), endpoint.infer(eachType()));
      String json = server.requests.get(server.requests.size() - 1);
      assertTrue(json.contains("\"binary_data_output\":true"), json);
      assertTrue(json.contains("\"binary_data_size\":8"), json);
      assertFalse(json.contains("\"data\""), json);
    }
  }

  @Test
  void aServerOfBinaryTensorsIsSpokenToInJsonWhereThatIsAskedFor() throws IOException {
    try (EchoServer server = EchoServer.binary()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo").withJson();
      assertFalse(endpoint.sendsBinary());
      endpoint.infer(request().inputs()).values().forEach(Tensor::close);
      String json = server.requests.get(server.requests.size() - 1);
      assertEquals(
          "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1.0,2.0]}]}",
          json);
    }
  }

  @Test
  void anEndpointKnowsWhatTheServerSaysOfTheModel() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      OpenInferenceEndpoint endpoint =
          OpenInferenceEndpoint.open(
              server.url() + "/",
              "echo",
              "3",
              EndpointOptions.builder().header("X-A", "b").build());
      assertEquals("echo version 3 at " + server.url(), endpoint.name());
      assertEquals("mirror", endpoint.platform());
      assertEquals(List.of(TensorSpec.of("x", DataType.FLOAT32, "?, 2")), endpoint.inputs());
      assertEquals(endpoint.inputs(), endpoint.outputs());
      endpoint.infer(request().inputs()).values().forEach(Tensor::close);
      assertTrue(server.requests.contains("POST /v2/models/echo/versions/3/infer"));
      assertEquals("b", server.headers.getFirst("X-A"));
    }
  }

  @Test
  void aLoadIsMeasuredAgainstAnEndpoint() throws IOException {
    try (EchoServer server = EchoServer.binary()) {
      LoadTest test =
          LoadTest.builder(Load.closed(3))
              .warmUp(Duration.ZERO)
              .duration(Duration.ofMillis(300))
              .build();
      LoadRun run =
          test.run(OpenInferenceEndpoint.open(server.url(), "echo"), Requests.of(request()));
      assertTrue(run.requests() > 0, run.toString());
      assertEquals(List.of(), run.failures());
    }
  }

  @Test
  void http2IsAskedForWhereItIsChosenAndHttp1TakenInstead() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      EndpointOptions options =
          EndpointOptions.builder().httpVersion(EndpointOptions.HttpVersion.HTTP_2).build();
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo", options);
      assertSame(eachType(), endpoint.infer(eachType()));
    }
  }

  @Test
  void aModelThatTheServerDoesNotHaveIsRefusedInTheServersWords() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      InfercException e =
          assertThrows(
              InfercException.class, () -> OpenInferenceEndpoint.open(server.url(), "a b/ü"));
      assertTrue(e.getMessage().contains("status 404: unknown model"), e.getMessage());
      assertEquals(List.of("GET /v2/models/a%20b%2F%C3%BC/ready"), server.requests);
    }
  }

  @Test
  void whatAnEndpointDoesNotTakeIsABadArgument() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo");
      Map<String, Tensor> odd = Map.of("x", Tensor.ofBytes(DataType.INT4, new byte[] {0}, 2));
      Map<String, Tensor> infinite = Map.of("x", Tensor.of(new float[] {1 / 0f}, 1));
      assertThrows(IllegalArgumentException.class, () -> endpoint.infer(odd));
      assertThrows(IllegalArgumentException.class, () -> endpoint.infer(infinite));
      Subject.Caller caller = endpoint.newCaller();
      assertThrows(
          IllegalArgumentException.class, () -> caller.call(new PromptRequest("", "hi", 1)));
      assertEquals(Answer.ok(), caller.call(request()));
      caller.close();
      caller.close();
      assertThrows(ResourceClosedException.class, () -> caller.call(request()));
      String url = server.url();
      assertThrows(IllegalArgumentException.class, () -> OpenInferenceEndpoint.open(url, ""));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:8000",
        "ftp://h",
        "http://",
        "http://u:secret@h",
        "http://h?q",
        "a b"
      })
  void anAddressThatIsNoneIsABadArgument(String url) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OpenInferenceEndpoint.open(url, "echo"));
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }
}
