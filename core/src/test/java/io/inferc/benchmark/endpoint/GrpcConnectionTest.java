package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.benchmark.load.Answer.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GrpcConnectionTest {

  /** Torn down by each call that has no time left, it would never be made. */
  @Test
  void aConnectionThatTakesLongerThanACallIsLeftToTheNext() throws IOException {
    EndpointOptions options =
        EndpointOptions.builder().requestTimeout(Duration.ofMillis(500)).build();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        GrpcConnection connection =
            GrpcConnection.open("http://127.0.0.1:" + server.getLocalPort(), options)) {
      for (int i = 0; i < 3; i++) {
        RequestFailure e =
            assertThrows(RequestFailure.class, () -> connection.call("ModelReady", new byte[0]));
        assertEquals(Outcome.TIMEOUT, e.outcome(), e.detail());
      }
      Socket first = server.accept();
      // Those that were made lie ready.
      server.setSoTimeout(100);
      assertThrows(SocketTimeoutException.class, server::accept);
      first.close();
    }
  }
}
