package io.inferc.backend.tensorrt;

import java.io.Serial;
import java.util.List;

/** Why TensorRT built nothing; crosses from the build's process to the application's as text. */
final class BuildFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What was under way. */
  enum Kind {
    /** The parser refused a node of the model. */
    PARSE,
    /** An input's values decide about shapes, for which a profile has no ranges. */
    SHAPE_INPUT,
    /** A profile does not fit the network. */
    PROFILE,
    /** TensorRT gave no builder. */
    NO_BUILDER,
    /** The build itself failed. */
    BUILD,
    /** An option that this version of TensorRT does not have. */
    OPTION,
    /** A file could not be read or written. */
    FILE
  }

  /**
   * A node of the model as the parser names it.
   *
   * @param index its number in the model, or -1
   * @param name its name, or one made of its first output; may be empty
   * @param operator its operator type; may be empty
   */
  record At(int index, String name, String operator) {
    static final At NOWHERE = new At(-1, "", "");
  }

  private final Kind kind;
  private final transient At at;
  private final transient List<String> log;

  BuildFailure(Kind kind, String message, At at, List<String> log) {
    super(message);
    this.kind = kind;
    this.at = at;
    this.log = List.copyOf(log);
  }

  BuildFailure(Kind kind, String message) {
    this(kind, message, At.NOWHERE, List.of());
  }

  Kind kind() {
    return kind;
  }

  At at() {
    return at;
  }

  List<String> log() {
    return log;
  }
}
