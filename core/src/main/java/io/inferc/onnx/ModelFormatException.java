package io.inferc.onnx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when bytes are not an ONNX model, or not one that can be worked with: another format, a
 * truncated file, a graph that contradicts itself, or external data that is missing.
 */
public class ModelFormatException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient @Nullable List<ModelProblem> problems;

  /**
   * Creates an exception about the bytes as a whole.
   *
   * @param problem what was asked and what was found
   * @param remedy what to do about it
   */
  public ModelFormatException(String problem, String remedy) {
    this(problem, remedy, List.of(), null);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param problem what was asked and what was found
   * @param remedy what to do about it
   * @param problems what a check found, or an empty list
   * @param cause the underlying failure, or null
   */
  public ModelFormatException(
      String problem, String remedy, List<ModelProblem> problems, @Nullable Throwable cause) {
    super(Stage.IMPORT, problem, remedy, cause);
    this.problems = List.copyOf(problems);
  }

  /**
   * Returns what the structural check found.
   *
   * @return the problems, empty if the bytes could not be read as a graph at all
   */
  public List<ModelProblem> problems() {
    return problems == null ? List.of() : problems;
  }
}
