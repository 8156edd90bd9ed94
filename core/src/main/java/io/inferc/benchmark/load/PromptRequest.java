package io.inferc.benchmark.load;

import java.util.Objects;

/**
 * A request to a language model.
 *
 * @param kind the group that its figures are counted in
 * @param prompt the text
 * @param maxTokens how many tokens may be answered, 1 or more
 */
public record PromptRequest(String kind, String prompt, int maxTokens) implements Request {
  public PromptRequest {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(prompt, "prompt");
    if (maxTokens < 1) {
      throw new IllegalArgumentException(
          "Tried to ask for " + maxTokens + " tokens; an answer has at least 1.");
    }
  }
}
