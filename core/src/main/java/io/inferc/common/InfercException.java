package io.inferc.common;

import java.io.Serial;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The root of everything inferc throws, apart from {@link IllegalArgumentException} for a caller's
 * bad argument.
 *
 * <p>Each one carries the {@linkplain #stage() stage} it happened in, the {@linkplain #problem()
 * problem} (what was asked and what was found) and a {@linkplain #remedy() remedy} (what to do
 * about it). {@link #getMessage()} joins the two texts, so a plain log line says everything.
 *
 * <pre>{@code
 * throw new InfercException(
 *     Stage.IMPORT,
 *     "Tried to read model.onnx as an ONNX model, but its first bytes are those of a ZIP file.",
 *     "Unzip it and pass the .onnx file inside.");
 * }</pre>
 *
 * <p>Back ends extend this class for errors that a caller may want to tell apart.
 */
public class InfercException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final Stage stage;
  private final String problem;
  private final String remedy;

  /**
   * Creates an exception without a cause.
   *
   * @param stage where it happened
   * @param problem what was asked and what was found, as whole sentences
   * @param remedy what the caller can do, as whole sentences
   */
  public InfercException(Stage stage, String problem, String remedy) {
    this(stage, problem, remedy, null);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param stage where it happened
   * @param problem what was asked and what was found, as whole sentences
   * @param remedy what the caller can do, as whole sentences
   * @param cause the underlying failure, or null
   */
  public InfercException(Stage stage, String problem, String remedy, @Nullable Throwable cause) {
    super(problem + " " + remedy, cause);
    this.stage = Objects.requireNonNull(stage, "stage");
    this.problem = problem;
    this.remedy = remedy;
  }

  /**
   * Returns the stage in which the failure happened.
   *
   * @return the stage
   */
  public Stage stage() {
    return stage;
  }

  /**
   * Returns what was asked and what was found instead.
   *
   * @return whole sentences for a person
   */
  public String problem() {
    return problem;
  }

  /**
   * Returns what can be done about it.
   *
   * @return whole sentences for a person
   */
  public String remedy() {
    return remedy;
  }
}
