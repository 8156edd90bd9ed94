package io.inferc.shape;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.Serial;

/** Thrown when a request lies outside every shape profile, or a profile does not fit the model. */
public class ProfileException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param problem what was asked and what was found
   * @param remedy what to do
   */
  public ProfileException(String problem, String remedy) {
    super(Stage.SHAPE, problem, remedy);
  }
}
