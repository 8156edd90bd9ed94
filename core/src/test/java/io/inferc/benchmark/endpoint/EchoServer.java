package io.inferc.benchmark.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * A model "echo" behind the Open Inference Protocol, whose outputs are its inputs, JSON as JSON and
 * binary as binary. It passes elements on as they came, without knowing any type.
 */
final class EchoServer implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What came: the request line, and the JSON of a request for inference. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** Headers of the request that came last. */
  volatile com.sun.net.httpserver.Headers headers = new com.sun.net.httpserver.Headers();

  private final HttpServer server;
  private final boolean tls;
  private final boolean binary;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private EchoServer(boolean binary, SSLContext context) throws IOException {
    this.binary = binary;
    this.tls = context != null;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (tls) {
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(context));
      server = https;
    } else {
      server = HttpServer.create(address, 0);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  static EchoServer json() throws IOException {
    return new EchoServer(false, null);
  }

  static EchoServer binary() throws IOException {
    return new EchoServer(true, null);
  }

  static EchoServer tls(SSLContext context) throws IOException {
    return new EchoServer(false, context);
  }

  String url() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    headers = exchange.getRequestHeaders();
    String path = exchange.getRequestURI().getRawPath();
    requests.add(exchange.getRequestMethod() + " " + path);
    byte[] body = exchange.getRequestBody().readAllBytes();
    switch (path) {
      case "/v2" ->
          answer(
              exchange,
              200,
              "{\"name\":\"echo server\",\"extensions\":[\"classification\""
                  + (binary ? ",\"binary_tensor_data\"" : "")
                  + "]}");
      case "/v2/models/echo/ready", "/v2/models/echo/versions/3/ready" -> answer(exchange, 200, "");
      case "/v2/models/echo", "/v2/models/echo/versions/3" ->
          answer(
              exchange,
              200,
              "{\"name\":\"echo\",\"platform\":\"mirror\",\"inputs\":[{\"name\":\"x\","
                  + "\"datatype\":\"FP32\",\"shape\":[-1,2]}],\"outputs\":[{\"name\":\"x\","
                  + "\"datatype\":\"FP32\",\"shape\":[-1,2]}]}");
      case "/v2/models/echo/infer", "/v2/models/echo/versions/3/infer" -> infer(exchange, body);
      default -> answer(exchange, 404, "{\"error\":\"unknown model\"}");
    }
  }

  private void infer(HttpExchange exchange, byte[] body) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Inference-Header-Content-Length");
    int length = header == null ? body.length : Integer.parseInt(header);
    String json = new String(body, 0, length, StandardCharsets.UTF_8);
    requests.add(json);
    JsonNode request = MAPPER.readTree(json);
    ObjectNode answer = MAPPER.createObjectNode().put("model_name", "echo");
    ArrayNode outputs = answer.putArray("outputs");
    request.path("inputs").forEach(outputs::add);
    byte[] head = MAPPER.writeValueAsBytes(answer);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head);
    if (header != null) {
      exchange
          .getResponseHeaders()
          .set("Inference-Header-Content-Length", Integer.toString(head.length));
      all.writeBytes(Arrays.copyOfRange(body, length, body.length));
    }
    exchange.sendResponseHeaders(200, all.size());
    exchange.getResponseBody().write(all.toByteArray());
    exchange.close();
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
