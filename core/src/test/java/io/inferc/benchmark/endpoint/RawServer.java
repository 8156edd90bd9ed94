package io.inferc.benchmark.endpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server on loopback that answers with whatever bytes a test wants, as broken ones do. */
final class RawServer implements AutoCloseable {
  // Said, or the client's next request may go into a connection that is just being closed.
  private static final String CLOSE = "\r\nConnection: close\r\n";

  /** The requests that came, head and body. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** Opens when a client has left before its answer was whole. */
  final CountDownLatch left = new CountDownLatch(1);

  private final ServerSocket socket;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Thread acceptor;

  RawServer(Script script) throws IOException {
    this.script = script;
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    acceptor = start(this::accept);
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work, "raw-server");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        client.setTcpNoDelay(true);
        open.add(client);
        start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket client) {
    try (client) {
      String path = read(client.getInputStream());
      if (path != null) {
        script.answer(path, client.getOutputStream(), client);
      }
    } catch (IOException e) {
      left.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      head.write(b);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int at = text.toLowerCase(Locale.ROOT).indexOf("\r\ncontent-length: ");
    int length =
        at < 0 ? 0 : Integer.parseInt(text.substring(at + 18, text.indexOf('\r', at + 2)).strip());
    String body = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    requests.add(text + body);
    return text.split(" ")[1];
  }

  /** Waits until the client is gone. */
  static void awaitEnd(Socket client, CountDownLatch left) throws IOException {
    try {
      if (client.getInputStream().read() < 0) {
        left.countDown();
      }
    } catch (IOException e) {
      left.countDown();
    }
  }

  static void send(OutputStream to, String text) throws IOException {
    to.write(text.getBytes(StandardCharsets.UTF_8));
    to.flush();
  }

  static void whole(OutputStream to, String status, String body) throws IOException {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    send(to, "HTTP/1.1 " + status + CLOSE + "Content-Length: " + length + "\r\n\r\n" + body);
  }

  /** Begins an answer whose length is not said before. */
  static void begin(OutputStream to, String type) throws IOException {
    send(
        to,
        "HTTP/1.1 200 OK"
            + CLOSE
            + "Content-Type: "
            + type
            + "\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  static void chunk(OutputStream to, String text) throws IOException {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    send(to, Integer.toHexString(length) + "\r\n" + text + "\r\n");
  }

  static void end(OutputStream to) throws IOException {
    send(to, "0\r\n\r\n");
  }

  @Override
  public void close() throws IOException {
    socket.close();
    // The port takes connections until the thread that waits for them has left the kernel.
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Socket client : open) {
      client.close();
    }
  }

  /** What is answered. */
  interface Script {
    void answer(String path, OutputStream to, Socket client)
        throws IOException, InterruptedException;
  }
}
