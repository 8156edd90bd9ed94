package io.inferc.benchmark.endpoint;

import io.grpc.Attributes;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.inferc.benchmark.load.Answer.Outcome;
import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One call of gRPC. What comes is taken by the thread that asks, as an application's is that calls
 * by a blocking stub: gRPC's own threads would be one more hand-over.
 */
final class GrpcCall extends ClientStreamTracer.Factory implements Executor {
  private final EndpointOptions options;
  private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
  private final Listener listener = new Listener();
  private volatile boolean connected;
  private volatile boolean serverEnded;

  GrpcCall(EndpointOptions options) {
    this.options = options;
  }

  @Override
  public void execute(Runnable part) {
    work.add(part);
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transport, Metadata sent) {
        connected = true;
      }

      @Override
      public void inboundTrailers(Metadata trailers) {
        serverEnded = true;
      }
    };
  }

  /** Whether there was no connection to ask by. */
  boolean hadNoConnection() {
    return !connected;
  }

  /** Sends the only request of a call and waits for its only answer. */
  byte[] ask(ClientCall<byte[], byte[]> call, Metadata headers, byte[] request)
      throws RequestFailure {
    call.start(listener, headers);
    // One more than there should be, to hear of one too many.
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
    Status status = awaitEnd(call);
    if (!status.isOk()) {
      throw failure(status);
    }
    byte[] answer = listener.answer;
    if (answer == null || listener.answers > 1) {
      throw RequestFailure.broken("a call was answered by " + listener.answers + " messages");
    }
    return answer;
  }

  private Status awaitEnd(ClientCall<byte[], byte[]> call) {
    boolean interrupted = false;
    Status status = null;
    try {
      while (status == null) {
        try {
          work.take().run();
          status = listener.status;
        } catch (InterruptedException e) {
          interrupted = true;
          // The end is waited for still: what has come of the answer is freed on this thread.
          call.cancel("the thread was interrupted", null);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    if (interrupted) {
      throw new CancelledException(Stage.BENCHMARK);
    }
    return status;
  }

  private RequestFailure failure(Status status) {
    String said = ErrorText.line(String.valueOf(status.getDescription()));
    RequestFailure onOurSide = onOurSide(status.getCause());
    if (onOurSide != null) {
      return onOurSide;
    }
    // What the server says comes without a cause.
    boolean ofTheServer = serverEnded && status.getCause() == null;
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return ofTheServer
          ? new RequestFailure(Outcome.TIMEOUT, inWords(status, said))
          : RequestFailure.timeout(options.requestTimeout());
    }
    if (ofTheServer || isHttpError(said)) {
      return new RequestFailure(Outcome.FAILED, inWords(status, said));
    }
    if (connected) {
      return isTooLong(status)
          ? RequestFailure.tooLong(options.maxAnswerBytes())
          : RequestFailure.broken("the answer broke off: " + withCause(said, status));
    }
    RequestFailure unconnected = RequestFailure.noConnection(status.getCause());
    return unconnected != null
        ? unconnected
        : RequestFailure.refused("no connection: " + withCause(said, status));
  }

  /**
   * What was thrown here while an answer was read, even if the server has ended the call since.
   *
   * @return null if nothing was that says more than the status
   */
  private @Nullable RequestFailure onOurSide(@Nullable Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof Error error) {
        throw error;
      }
      if (t instanceof Http2Exception) {
        return RequestFailure.broken("what the server says is no gRPC: " + ErrorText.of(t));
      }
      if (t instanceof StatusRuntimeException read && isTooLong(read.getStatus())) {
        return RequestFailure.tooLong(options.maxAnswerBytes());
      }
    }
    return null;
  }

  /** Whether gRPC here refused a message: the code alone is also that of a reset stream. */
  private static boolean isTooLong(Status status) {
    String said = String.valueOf(status.getDescription());
    return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
        && (said.startsWith("gRPC message exceeds maximum size")
            || said.startsWith("Decompressed gRPC message exceeds maximum size"));
  }

  private static String inWords(Status status, String said) {
    return "status "
        + status.getCode()
        + (status.getDescription() == null ? ", without a message" : ": " + said);
  }

  /** Whether a server, or a proxy before it, answered by an error of HTTP, not of gRPC. */
  private static boolean isHttpError(String said) {
    return said.startsWith("HTTP status code ") && !said.startsWith("HTTP status code 200");
  }

  private static String withCause(String said, Status status) {
    Throwable cause = status.getCause();
    return cause == null ? said : said + ": " + ErrorText.of(cause);
  }

  /** Keeps what comes; called on the thread that asks alone. */
  private static final class Listener extends ClientCall.Listener<byte[]> {
    private byte @Nullable [] answer;
    private int answers;
    private @Nullable Status status;

    @Override
    public void onMessage(byte[] message) {
      answer = message;
      answers++;
    }

    @Override
    public void onClose(Status end, Metadata trailers) {
      status = end;
    }
  }
}
