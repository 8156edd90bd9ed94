package io.inferc.benchmark.endpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.inferc.benchmark.endpoint.OpenAiEndpoint.Protocol;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A real server of OpenAI's protocols, that of llama-cpp-python, which is not llama.cpp's own, with
 * {@code -Dinferc.llamacpp_python=} and a folder in which pip may install it.
 */
@Tag("server")
@EnabledIfSystemProperty(named = "inferc.llamacpp_python", matches = ".+")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class LlamaCppPythonTest extends PromptServerContract {
  @Override
  String script() {
    return "serve_llamacpp_python.py";
  }

  @Override
  Path folder() {
    return Path.of(System.getProperty("inferc.llamacpp_python"));
  }

  @Test
  void whatTheServerRefusesFailsInItsWords() {
    // It has sent the status 200 before it looks at the prompt.
    for (Protocol protocol : Protocol.values()) {
      String tooLong = refusal(endpoint(protocol), "x".repeat(5000));
      assertTrue(tooLong.contains("BROKEN: an answer without parts"), tooLong);
    }
    String unknown =
        refusal(OpenAiEndpoint.builder(url(), "tiny").apiKey("another").build(), "hello");
    assertTrue(unknown.contains("FAILED: status 401"), unknown);
  }
}
