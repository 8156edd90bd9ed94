package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Metadata;
import io.grpc.ServerCall;
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
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GrpcInferenceEndpointTest {

  private static TensorRequest request() {
    return TensorRequest.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
  }

  private static GrpcTestServer echo() throws IOException {
    return GrpcTestServer.with(GrpcTestServer::echoRaw);
  }

  @Test
  void eachTypeComesBackRawAsItWasSent() throws IOException {
    try (GrpcTestServer server = echo();
        var endpoint = GrpcInferenceEndpoint.open(server.url(), "echo")) {
      EachType.assertSame(EachType.tensors(), endpoint.infer(EachType.tensors()));
      assertEquals(
          EachType.tensors().size(), GrpcSchema.list(server.asked, "raw_input_contents").size());
      assertTrue(server.asked.getUnknownFields().asMap().isEmpty(), server.asked.toString());
    }
  }

  @Test
  void eachTypeComesBackAsTypedElementsAsItWasSent() throws IOException {
    Map<String, Tensor> sent = EachType.tensors();
    // There is no field for halves.
    sent.remove("FP16");
    sent.remove("BF16");
    try (GrpcTestServer server =
            GrpcTestServer.with((asked, call) -> echoTyped(sent, asked, call));
        var endpoint = GrpcInferenceEndpoint.open(server.url(), "echo")) {
      EachType.assertSame(sent, endpoint.infer(sent));
    }
  }

  private static void echoTyped(
      Map<String, Tensor> sent, Message request, ServerCall<byte[], byte[]> call) {
    List<Message> outputs = new ArrayList<>();
    for (Message input : GrpcSchema.messages(request, "inputs")) {
      String name = GrpcSchema.text(input, "name");
      outputs.add(
          GrpcSchema.message(
              "InferOutputTensor",
              "name",
              name,
              "datatype",
              GrpcSchema.text(input, "datatype"),
              "shape",
              GrpcSchema.list(input, "shape"),
              "contents",
              contents(sent.get(name))));
    }
    GrpcTestServer.send(call, GrpcSchema.message("ModelInferResponse", "outputs", outputs));
  }

  private static Message contents(Tensor tensor) {
    List<Object> elements = new ArrayList<>();
    var from = tensor.type() == DataType.STRING ? null : tensor.bytes();
    String field =
        switch (tensor.type()) {
          case BOOL -> "bool";
          case INT8, INT16, INT32 -> "int";
          case UINT8, UINT16, UINT32 -> "uint";
          case INT64 -> "int64";
          case UINT64 -> "uint64";
          case FLOAT32 -> "fp32";
          case FLOAT64 -> "fp64";
          default -> "bytes";
        };
    if (from == null) {
      tensor.strings().forEach(text -> elements.add(ByteString.copyFromUtf8(text)));
    }
    while (from != null && from.hasRemaining()) {
      elements.add(
          switch (tensor.type()) {
            case BOOL -> from.get() != 0;
            case INT8 -> (int) from.get();
            case UINT8 -> from.get() & 0xff;
            case INT16 -> (int) from.getShort();
            case UINT16 -> from.getShort() & 0xffff;
            case INT32, UINT32 -> from.getInt();
            case INT64, UINT64 -> from.getLong();
            case FLOAT32 -> from.getFloat();
            default -> from.getDouble();
          });
    }
    return GrpcSchema.message("InferTensorContents", field + "_contents", elements);
  }

  @Test
  void anEndpointKnowsWhatTheServerSaysOfTheModel() throws IOException {
    EndpointOptions options = EndpointOptions.builder().header("X-A", "b").build();
    try (GrpcTestServer server = echo();
        var endpoint = GrpcInferenceEndpoint.open(server.url() + "/", "echo", "3", options)) {
      assertEquals("echo version 3 at " + server.url(), endpoint.name());
      assertEquals("mirror", endpoint.platform());
      assertEquals(List.of(TensorSpec.of("x", DataType.FLOAT32, "?, 2")), endpoint.inputs());
      assertEquals(endpoint.inputs(), endpoint.outputs());
      assertEquals(64, endpoint.usualCallers());
      endpoint.infer(request().inputs()).values().forEach(Tensor::close);
      assertEquals("echo", GrpcSchema.text(server.asked, "model_name"));
      assertEquals("3", GrpcSchema.text(server.asked, "model_version"));
      assertEquals(
          "b", server.headers.get(Metadata.Key.of("x-a", Metadata.ASCII_STRING_MARSHALLER)));
    }
  }

  @Test
  void aLoadIsMeasuredOnOneConnection() throws IOException {
    try (GrpcTestServer server = echo();
        var endpoint = GrpcInferenceEndpoint.open(server.url(), "echo")) {
      LoadRun run =
          LoadTest.builder(Load.closed(8))
              .warmUp(Duration.ZERO)
              .duration(Duration.ofMillis(300))
              .build()
              .run(endpoint, Requests.of(request()));
      assertTrue(run.requests() > 0, run.toString());
      assertEquals(List.of(), run.failures());
      assertEquals(1, server.open());
    }
  }

  @Test
  void aModelThatTheServerDoesNotHaveIsRefusedInTheServersWords() throws IOException {
    try (GrpcTestServer server = echo()) {
      InfercException e =
          assertThrows(
              InfercException.class, () -> GrpcInferenceEndpoint.open(server.url(), "nix"));
      assertTrue(
          e.getMessage().contains("FAILED: status NOT_FOUND: Model is not found"), e.getMessage());
      assertTrue(e.remedy().contains("ModelReady"), e.remedy());
    }
  }

  @Test
  void whatAnEndpointDoesNotTakeIsABadArgument() throws IOException {
    try (GrpcTestServer server = echo();
        var endpoint = GrpcInferenceEndpoint.open(server.url(), "echo")) {
      Map<String, Tensor> odd = Map.of("x", Tensor.ofBytes(DataType.INT4, new byte[] {0}, 2));
      assertThrows(IllegalArgumentException.class, () -> endpoint.infer(odd));
      Subject.Caller caller = endpoint.newCaller();
      assertThrows(
          IllegalArgumentException.class, () -> caller.call(new PromptRequest("", "hi", 1)));
      assertEquals(Answer.ok(), caller.call(request()));
      caller.close();
      assertThrows(ResourceClosedException.class, () -> caller.call(request()));
      String url = server.url();
      assertThrows(IllegalArgumentException.class, () -> GrpcInferenceEndpoint.open(url, ""));
      assertThrows(
          IllegalArgumentException.class, () -> GrpcInferenceEndpoint.open(url + "/v2", "echo"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:8001",
        "grpc://h",
        "http://",
        "http://u:secret@h",
        "http://h:0",
        "http://h:65536",
        "http://h:99999999999"
      })
  void anAddressThatIsNoneIsABadArgument(String url) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> GrpcInferenceEndpoint.open(url, "echo"));
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-timeout", "User-Agent", "TE", "key-bin", "a!b"})
  void aHeaderThatGrpcWouldDropOrRefuseIsABadArgument(String header) {
    EndpointOptions options = EndpointOptions.builder().header(header, "secret").build();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> GrpcInferenceEndpoint.open("http://127.0.0.1:1", "echo", options));
    assertTrue(e.getMessage().contains(header), e.getMessage());
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }

  @Test
  void whereGrpcIsMissingTheArtifactToAddIsNamed() throws Exception {
    Class<?> alone = new WithoutGrpc().loadClass(GrpcInferenceEndpoint.class.getName());
    InvocationTargetException thrown =
        assertThrows(
            InvocationTargetException.class,
            () ->
                alone
                    .getMethod("open", String.class, String.class)
                    .invoke(null, "http://127.0.0.1:1", "echo"));
    Throwable e = thrown.getCause();
    assertEquals(InfercException.class.getName(), e.getClass().getName(), e::toString);
    assertTrue(
        e.getMessage().contains("Add io.grpc:grpc-netty-shaded to the application"),
        e.getMessage());
  }

  /** Loads our classes anew, where there is no gRPC. */
  private static final class WithoutGrpc extends ClassLoader {
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("io.grpc.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.inferc.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
