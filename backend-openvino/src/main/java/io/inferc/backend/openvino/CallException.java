package io.inferc.backend.openvino;

import java.io.Serial;

/**
 * A function of OpenVINO's that failed, with what it said; turned into ours where its aim is known.
 */
final class CallException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  CallException(String said) {
    super(said);
  }

  /** What OpenVINO said, without a full stop. */
  String said() {
    return String.valueOf(getMessage());
  }
}
