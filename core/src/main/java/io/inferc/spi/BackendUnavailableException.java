package io.inferc.spi;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Thrown when a back end that was asked for is absent or cannot work here. */
public class BackendUnavailableException extends InfercException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param problem what was asked and what was found
   * @param remedy what to do, naming the artifact to add where one is missing
   * @param cause the underlying failure, or null
   */
  public BackendUnavailableException(String problem, String remedy, @Nullable Throwable cause) {
    super(Stage.DISCOVERY, problem, remedy, cause);
  }
}
