package io.inferc.benchmark.load;

/** What a subject is asked. */
public sealed interface Request permits TensorRequest, PromptRequest {
  /**
   * Returns the group that the request's figures are counted in, for example its shape.
   *
   * @return a short text, such as {@code 4x128}
   */
  String kind();
}
