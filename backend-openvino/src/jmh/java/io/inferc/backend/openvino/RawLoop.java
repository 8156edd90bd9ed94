package io.inferc.backend.openvino;

import io.inferc.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The baseline: OpenVINO's C API in a loop of C, in a process of its own, run on command. */
final class RawLoop implements AutoCloseable {
  private static final Path SOURCE = Path.of("src", "test", "c", "raw_loop.c");

  private final Process process;
  private final Writer commands;
  private final BufferedReader answers;

  private RawLoop(Process process) {
    this.process = process;
    commands = process.outputWriter(StandardCharsets.US_ASCII);
    answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /**
   * Builds the program with gcc.
   *
   * @return the program
   * @throws IOException if that fails; its message says why
   */
  static Path build(Path folder) throws IOException, InterruptedException {
    Path library = OpenVinoRuntime.get().file();
    Path headers = library.resolve("../../include").normalize();
    Path program = folder.resolve("raw_loop");
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-O2",
                "-std=c11",
                "-D_POSIX_C_SOURCE=200809L",
                "-I" + headers,
                "-o",
                program.toString(),
                SOURCE.toString(),
                library.toString(),
                "-Wl,-rpath," + library.getParent())
            .redirectErrorStream(true)
            .start();
    String said;
    try (BufferedReader output = gcc.inputReader()) {
      said = output.lines().collect(Collectors.joining("\n"));
    }
    if (gcc.waitFor() != 0) {
      throw new IOException("gcc failed: " + said);
    }
    return program;
  }

  /** Compiles a model at fixed shapes and waits until it is ready. */
  static RawLoop start(
      Path program, Path model, int threads, Map<String, Tensor> inputs, Path folder)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(program.toString(), model.toString(), "CPU", Integer.toString(threads)));
    for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
      Path file = Files.createTempFile(folder, "input-", ".bin");
      ByteBuffer bytes = e.getValue().bytes().duplicate();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      Files.write(file, copy);
      command.add(e.getKey());
      command.add(Integer.toString(OpenVinoRuntime.get().types().number(e.getValue().type())));
      command.add(
          Arrays.stream(e.getValue().shape())
              .mapToObj(Long::toString)
              .collect(Collectors.joining(",")));
      command.add(file.toString());
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    RawLoop loop = new RawLoop(process);
    if (!"ready".equals(loop.answers.readLine())) {
      loop.close();
      throw new IOException("the raw loop did not start");
    }
    return loop;
  }

  private String ask(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the raw loop ended");
    }
    return answer;
  }

  /** The time of each run in nanoseconds. */
  double[] run(int count) throws IOException {
    return Arrays.stream(ask("run " + count).split(" ", -1))
        .mapToDouble(Double::parseDouble)
        .toArray();
  }

  /** The sum of the elements of the first output. */
  double sum() throws IOException {
    return Double.parseDouble(ask("sum"));
  }

  @Override
  public void close() {
    try (BufferedReader reader = answers) {
      commands.write("quit\n");
      commands.close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      reader.lines().forEach(System.err::println);
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
