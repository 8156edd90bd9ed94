package io.inferc.spi;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;

/**
 * Says that a run failed because an output has another shape than the tensor bound to it. The
 * session can be used again; unbound, the output will be returned as it is.
 */
public final class OutputShapeException extends InfercException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param problem what was asked and what was found, as whole sentences
   * @param remedy what to do, as whole sentences
   * @param cause the runtime's own error
   */
  public OutputShapeException(String problem, String remedy, Throwable cause) {
    super(Stage.RUN, problem, remedy, cause);
  }
}
