package io.inferc.backend.openvino;

import io.inferc.common.internal.Messages;
import java.io.Serial;

/**
 * A function of OpenVINO's that failed, with what it said; turned into ours where its aim is known.
 */
final class CallException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int LONGEST = 4000;

  CallException(String said) {
    super(Messages.cut(said, LONGEST));
  }

  /** What OpenVINO said, without a full stop. */
  String said() {
    return String.valueOf(getMessage());
  }
}
