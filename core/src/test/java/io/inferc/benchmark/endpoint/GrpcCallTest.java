package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Attributes;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.inferc.benchmark.load.Answer.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of calls that ended on this side, though the server had ended them, too. */
@Timeout(60)
class GrpcCallTest {
  private static final int LIMIT = 1000;
  private static final EndpointOptions OPTIONS =
      EndpointOptions.builder().maxAnswerBytes(LIMIT).build();

  /** A call that is answered, and then ends as gRPC says it did. */
  private static byte[] endedBy(Status status) throws RequestFailure {
    GrpcCall call = new GrpcCall(OPTIONS);
    ClientStreamTracer tracer =
        call.newClientStreamTracer(
            ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
    tracer.streamCreated(Attributes.EMPTY, new Metadata());
    tracer.inboundTrailers(new Metadata());
    return call.ask(new Ended(call, status), new Metadata(), new byte[0]);
  }

  private static Status unread(Throwable cause) {
    return Status.CANCELLED.withDescription("Failed to read message.").withCause(cause);
  }

  private static void assertBroken(String detail, Status status) {
    RequestFailure e = assertThrows(RequestFailure.class, () -> endedBy(status));
    assertEquals(Outcome.BROKEN, e.outcome(), e.detail());
    assertTrue(e.detail().contains(detail), e.detail());
  }

  @Test
  void anErrorWhileAnAnswerIsReadIsThrown() {
    Error error = new OutOfMemoryError("heap");
    assertSame(error, assertThrows(Error.class, () -> endedBy(unread(error))));
  }

  @Test
  void anAnswerThatCannotBeReadIsBrokenNotFailed() {
    assertBroken(
        "Not in GZIP format",
        unread(new UncheckedIOException(new IOException("Not in GZIP format"))));
  }

  @Test
  void aCompressedAnswerThatIsTooLongIsBroken() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream to = new GZIPOutputStream(zipped)) {
      to.write(new byte[100 * LIMIT]);
    }
    assertTrue(zipped.size() < LIMIT);
    try (RawGrpcServer server =
            new RawGrpcServer(
                (stream, to, client) -> {
                  RawGrpcServer.headers(
                      to,
                      stream,
                      0,
                      ":status: 200",
                      "content-type: application/grpc",
                      "grpc-encoding: gzip");
                  RawGrpcServer.compressed(to, stream, zipped.toByteArray());
                  RawGrpcServer.headers(to, stream, RawGrpcServer.END_STREAM, "grpc-status: 0");
                });
        GrpcConnection connection = GrpcConnection.open(server.url(), OPTIONS)) {
      connection.call("ModelReady", new byte[0]);
      connection.call("ModelMetadata", new byte[0]);
      RequestFailure e =
          assertThrows(RequestFailure.class, () -> connection.call("ModelInfer", new byte[0]));
      assertEquals(RequestFailure.tooLong(LIMIT).text(), e.text());
    } catch (RequestFailure e) {
      throw new AssertionError(e);
    }
  }

  private static final class Ended extends ClientCall<byte[], byte[]> {
    private final GrpcCall call;
    private final Status status;

    Ended(GrpcCall call, Status status) {
      this.call = call;
      this.status = status;
    }

    @Override
    public void start(Listener<byte[]> listener, Metadata headers) {
      call.execute(() -> listener.onClose(status, new Metadata()));
    }

    @Override
    public void request(int messages) {}

    @Override
    public void cancel(String message, Throwable cause) {}

    @Override
    public void halfClose() {}

    @Override
    public void sendMessage(byte[] message) {}
  }
}
