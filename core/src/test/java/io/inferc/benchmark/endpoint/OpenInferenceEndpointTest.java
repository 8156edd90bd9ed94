package io.inferc.benchmark.endpoint;

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
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class OpenInferenceEndpointTest {

  private static TensorRequest request() {
    return TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
  }

  @Test
  void eachTypeComesBackByJsonAsItWasSent() throws IOException {
    try (EchoServer server = EchoServer.json()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo");
      assertFalse(endpoint.sendsBinary());
      EachType.assertSame(EachType.tensors(), endpoint.infer(EachType.tensors()));
      assertEquals("application/json", server.headers.getFirst("Content-Type"));
    }
  }

  @Test
  void eachTypeComesBackInBinaryAsItWasSent() throws IOException {
    try (EchoServer server = EchoServer.binary()) {
      OpenInferenceEndpoint endpoint = OpenInferenceEndpoint.open(server.url(), "echo");
      assertTrue(endpoint.sendsBinary());
      EachType.assertSame(EachType.tensors(), endpoint.infer(EachType.tensors()));
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
      EachType.assertSame(EachType.tensors(), endpoint.infer(EachType.tensors()));
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
        "http://h:0",
        "http://h:65536",
        "http://h:99999999999",
        "a b"
      })
  void anAddressThatIsNoneIsABadArgument(String url) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> OpenInferenceEndpoint.open(url, "echo"));
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }
}
