package io.inferc.examples;

import io.inferc.runtime.CompiledModel;
import io.inferc.runtime.InferenceSession;
import io.inferc.runtime.Outputs;
import io.inferc.runtime.ShapeProfile;
import io.inferc.runtime.Target;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A model in another process, so that it can be measured in turns with one in this: the process
 * says what it is in its first line, and then answers each line with one when a run is over. It
 * makes up its inputs itself. Only what a benchmark calls is there.
 */
final class ProcessModel implements CompiledModel {
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter requests;
  private final String name;
  private final List<Tensor> inputs = new ArrayList<>();

  private ProcessModel(Process process) throws IOException {
    this.process = process;
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    name = answer();
  }

  /**
   * Starts a process and waits for its first line.
   *
   * @param folder where it runs
   * @param command the command
   * @throws IOException if it cannot be started, or ends before it says what it is
   */
  static ProcessModel start(Path folder, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    boolean complete = false;
    try {
      ProcessModel model = new ProcessModel(process);
      complete = true;
      return model;
    } finally {
      if (!complete) {
        process.destroy();
      }
    }
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("The process ended without an answer; see what it printed above.");
    }
    return line;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Target.Choice target() {
    return new Target.Choice("process", Optional.empty(), Optional.empty());
  }

  @Override
  public String backendVersion() {
    return name;
  }

  @Override
  public List<TensorSpec> inputs() {
    return List.of();
  }

  @Override
  public List<TensorSpec> outputs() {
    return List.of();
  }

  @Override
  public List<ShapeProfile> profiles() {
    return List.of();
  }

  @Override
  public Outputs run(Map<String, Tensor> request) {
    throw new UnsupportedOperationException("the model makes up its inputs itself");
  }

  @Override
  public CompletableFuture<Outputs> runAsync(Map<String, Tensor> request) {
    throw new UnsupportedOperationException("the model makes up its inputs itself");
  }

  @Override
  public void save(Path folder) {
    throw new UnsupportedOperationException("the model runs in another process");
  }

  @Override
  public InferenceSession newSession() {
    return new Session();
  }

  private final class Session implements InferenceSession {
    @Override
    public Tensor input(String input) {
      throw new UnsupportedOperationException("the model makes up its inputs itself");
    }

    @Override
    public Tensor input(String input, long... shape) {
      // A benchmark fills it; the process has its own.
      Tensor unread = Tensor.allocate(DataType.INT64, shape);
      inputs.add(unread);
      return unread;
    }

    @Override
    public void bindInput(String input, Tensor tensor) {
      throw new UnsupportedOperationException("the model makes up its inputs itself");
    }

    @Override
    public void bindOutput(String output, Tensor tensor) {
      throw new UnsupportedOperationException("the model keeps its outputs");
    }

    @Override
    public void run() {
      try {
        requests.write('\n');
        requests.flush();
        answer();
      } catch (IOException e) {
        throw new UncheckedIOException("Tried to run " + name + ", but that failed.", e);
      }
    }

    @Override
    public Tensor output(String output) {
      throw new UnsupportedOperationException("the model keeps its outputs");
    }

    @Override
    public Outputs run(Map<String, Tensor> request) {
      throw new UnsupportedOperationException("the model makes up its inputs itself");
    }

    @Override
    public void close() {
      inputs.forEach(Tensor::close);
      inputs.clear();
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
