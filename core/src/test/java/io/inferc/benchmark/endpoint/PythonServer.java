package io.inferc.benchmark.endpoint;

import io.inferc.common.InfercException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real server as a process, which a script of {@code src/test/python} installs and starts. */
final class PythonServer implements AutoCloseable {
  // Beside a build, pip may take minutes.
  private static final Duration START = Duration.ofMinutes(8);

  private final Process process;
  private final Path log;

  private PythonServer(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a script with a folder and further arguments.
   *
   * @param folder where it keeps what it installs, and where its output goes
   */
  static PythonServer start(String script, Path folder, List<String> arguments) throws IOException {
    Files.createDirectories(folder);
    Path log = folder.resolve("server.log");
    List<String> command =
        new ArrayList<>(List.of("python3", "src/test/python/" + script, folder.toString()));
    command.addAll(arguments);
    return new PythonServer(
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start(),
        log);
  }

  static List<String> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      ports.add(Integer.toString(sockets.get(i).getLocalPort()));
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  /** Asks until the server answers. */
  void await(Runnable asking) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try {
        asking.run();
        return;
      } catch (InfercException e) {
        if (!process.isAlive() || System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("no server: " + Files.readString(log), e);
        }
        Thread.sleep(200);
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
