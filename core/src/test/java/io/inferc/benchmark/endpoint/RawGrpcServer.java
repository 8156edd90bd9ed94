package io.inferc.benchmark.endpoint;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server on loopback that writes HTTP/2's frames by itself: it opens each model well, and answers
 * requests for inference as broken servers do.
 */
final class RawGrpcServer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  static final int GO_AWAY = 7;
  static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PREFACE = 24;

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Answers the request for inference on a stream; the connection ends behind it. */
  interface Script {
    void answer(int stream, OutputStream to, Socket client) throws IOException;
  }

  RawGrpcServer(Script script) throws IOException {
    this.script = script;
    start(this::accept);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "raw-grpc-server");
    thread.setDaemon(true);
    thread.start();
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

  /** The first request asks whether the model is ready, the second for its metadata. */
  private void serve(Socket client) {
    try (client) {
      DataInputStream from = new DataInputStream(client.getInputStream());
      OutputStream to = client.getOutputStream();
      from.readFully(new byte[PREFACE]);
      frame(to, SETTINGS, 0, 0, new byte[0]);
      for (int asked = 0; ; ) {
        int length = from.readUnsignedByte() << 16 | from.readUnsignedShort();
        int type = from.readUnsignedByte();
        int flags = from.readUnsignedByte();
        int stream = from.readInt();
        from.readFully(new byte[length]);
        if (type != DATA || (flags & END_STREAM) == 0) {
          continue;
        }
        if (asked++ == 2) {
          script.answer(stream, to, client);
          if (!client.isClosed()) {
            // Closed at once, with something left to read, it would be reset and the answer lost.
            client.shutdownOutput();
            readToEnd(client);
          }
          return;
        }
        whole(to, stream, asked == 1 ? new byte[] {8, 1} : new byte[0]);
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  /** Waits until the client is gone. */
  static void readToEnd(Socket client) throws IOException {
    client.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  static void frame(OutputStream to, int type, int flags, int stream, byte[] content)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + content.length);
    frame.put((byte) 0).putShort((short) content.length).put((byte) type).put((byte) flags);
    to.write(frame.putInt(stream).put(content).array());
    to.flush();
  }

  /** Writes headers, as {@code name: value}; status 200 and 404 stand in HPACK's own table. */
  static void headers(OutputStream to, int stream, int flags, String... headers)
      throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String header : headers) {
      switch (header) {
        case ":status: 200" -> block.write(0x88);
        case ":status: 404" -> block.write(0x8d);
        default -> {
          block.write(0);
          for (String part : header.split(": ")) {
            block.write(part.length());
            block.writeBytes(part.getBytes(StandardCharsets.US_ASCII));
          }
        }
      }
    }
    frame(to, HEADERS, END_HEADERS | flags, stream, block.toByteArray());
  }

  /** Begins an answer of gRPC. */
  static void begin(OutputStream to, int stream) throws IOException {
    headers(to, stream, 0, ":status: 200", "content-type: application/grpc");
  }

  /** Sends a message's beginning, or all of it, of as many bytes as are announced. */
  static void message(OutputStream to, int stream, int announced, byte[] bytes) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(5 + bytes.length);
    frame(to, DATA, 0, stream, data.put((byte) 0).putInt(announced).put(bytes).array());
  }

  /** Sends a whole message that is compressed as the headers say. */
  static void compressed(OutputStream to, int stream, byte[] bytes) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(5 + bytes.length);
    frame(to, DATA, 0, stream, data.put((byte) 1).putInt(bytes.length).put(bytes).array());
  }

  static void whole(OutputStream to, int stream, byte[] message) throws IOException {
    begin(to, stream);
    message(to, stream, message.length, message);
    headers(to, stream, END_STREAM, "grpc-status: 0");
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket client : open) {
      client.close();
    }
  }
}
